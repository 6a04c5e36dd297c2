"""Edits of an instruction's own words: keyword, flags, arguments.

Places count in the instruction's folded text. An edit is None where a line's fold cuts the place.
"""

from __future__ import annotations

from optimizer.facts.lexer import lex
from optimizer.rewrite.change import Edit
from optimizer.syntax import Instruction, Span
from optimizer.syntax.lines import strip
from optimizer.syntax.words import blank_words, json_spans


def args_span(instruction: Instruction) -> Span:
    """Return the range of the arguments, behind keyword and flags, without blanks around them."""
    start = instruction.shape.args_at
    return Span(start, start + len(strip(instruction.folded.text[start:])))


def words(instruction: Instruction) -> tuple[Span, ...]:
    """Return the ranges of the words between blanks, or of the strings of the JSON form, quotes included."""
    text, at = instruction.folded.text, instruction.shape.args_at
    return json_spans(text, at) if instruction.json is not None else blank_words(text, at)


def arguments(instruction: Instruction) -> tuple[str, ...]:
    """Return the words between blanks as they are written, or the strings of the JSON form."""
    if instruction.json is not None:
        return instruction.json
    return tuple(span.of(instruction.folded.text) for span in words(instruction))


def put(instruction: Instruction, where: Span, text: str) -> Edit | None:
    """Replace a range by `text`."""
    span = instruction.place(*where)
    return span and Edit(span, text)


def put_over(instruction: Instruction, where: Span, text: str) -> Edit | None:
    """Replace a range with the folds in it by `text`; None where a comment stands in it."""
    span = instruction.reach(*where)
    inside = any(span.start <= c.start < span.end for c in instruction.comments)
    return None if inside else Edit(span, text)


def put_before(instruction: Instruction, at: int, text: str) -> Edit:
    """Insert `text` in front of character number `at`."""
    start = instruction.reach(at, at + 1).start
    return Edit(Span(start, start), text)


def put_behind(instruction: Instruction, at: int, text: str) -> Edit:
    """Insert `text` behind character number `at - 1`."""
    end = instruction.reach(at - 1, at).end
    return Edit(Span(end, end), text)


def keyword_of(instruction: Instruction) -> str:
    """Return the keyword as it is written."""
    end = instruction.shape.keyword_end
    return instruction.folded.text[end - len(instruction.keyword) : end]


def cased(instruction: Instruction, word: str) -> str:
    """Return a keyword in the case of the instruction's own: lower where that is, else upper."""
    own = keyword_of(instruction)
    return word.lower() if own == own.lower() else word.upper()


def put_keyword(instruction: Instruction, keyword: str) -> Edit | None:
    """Replace the keyword."""
    end = instruction.shape.keyword_end
    return put(instruction, Span(end - len(instruction.keyword), end), keyword)


def drop_flag(instruction: Instruction, name: str) -> Edit | None:
    """Remove a builder flag and the blanks behind it."""
    text = instruction.folded.text
    for flag in instruction.shape.flags:
        if flag.name == name:
            end = flag.span.end
            while text[end : end + 1].isspace():
                end += 1
            return put(instruction, Span(flag.span.start, end), "")
    return None


def double_quoted(instruction: Instruction, where: Span, escape: str, literal: bool = False) -> tuple[Edit, ...] | None:
    """Put a value in double quotes, so that the builder reads the same; line breaks in it stay.

    A `literal` value stands for its own characters; any other is read by the builder's lexer, its
    quotes are replaced and its expansions stay. None where that can't be done.
    """
    parts = _requoted(where.of(instruction.folded.text), escape, literal)
    if parts is None:
        return None
    edits = [put_before(instruction, where.start, '"')]
    for start, end, old, new in parts:
        if old != new:
            edit = put(instruction, Span(where.start + start, where.start + end), new)
            if edit is None:
                return None
            edits.append(edit)
    return (*edits, put_behind(instruction, where.end, '"'))


def _requoted(text: str, escape: str, literal: bool) -> list[tuple[int, int, str, str]] | None:
    """Return (start, end, old, new) of each character or expansion of a value within double quotes."""
    special = ('"', "$", escape)
    if literal:
        return [(n, n + 1, c, escape + c if c in special else c) for n, c in enumerate(text)]
    pieces = lex(text, escape)
    if pieces is None:
        return None
    out = []
    at = 0
    for piece in pieces:
        if at < piece.start:
            out.append((at, piece.start, text[at : piece.start], ""))
        old = text[piece.start : piece.end]
        if not piece.literal and any(c in old for c in ("'", '"', escape)):
            return None
        alone = old == "$" and (text[piece.end : piece.end + 1] or " ").isspace()
        new = escape + piece.text if piece.literal and piece.text in special and not alone else piece.text
        out.append((piece.start, piece.end, old, new))
        at = piece.end
    if at < len(text):
        out.append((at, len(text), text[at:], ""))
    return out
