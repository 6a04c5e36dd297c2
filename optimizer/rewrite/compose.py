"""Bigger edits out of facts: words into calls, commands into RUNs.

Each function returns edits, or None (or a reason) where the place does not allow them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from optimizer.facts.document import Document
from optimizer.facts.runs import Call, Run
from optimizer.rewrite.change import Edit, Left
from optimizer.rewrite.manner import DEFAULT_INDENT, WIDTH, is_one_line, manner_of
from optimizer.syntax import Instruction, Span
from optimizer.syntax.shell import Step, Word
from optimizer.syntax.shell.behaviour import errexit_before, stops, switches_errexit


def left(document: Document, at: int, title: str, reason: str) -> Left:
    """Say that a place at an offset was looked at and left alone, and why."""
    line, column = document.source.position(at)
    return Left("", title, reason, line, column)


def insert(at: int, text: str) -> Edit:
    """Insert `text` at an offset of the file."""
    return Edit(Span(at, at), text)


def insert_after(call: Call, word: Word, text: str) -> Edit:
    """Insert `text` behind a word of a call."""
    return insert(call.run.behind(word.end), text)


def insert_word_before(document: Document, run: Run, word: Word, texts: list[str]) -> Edit:
    """Insert words in front of one, on lines of their own where that word has its own.

    Comments directly above the word stay with it.
    """
    at = run.offset(word.start)
    text = document.text
    line_start = text.rfind("\n", 0, at) + 1
    line_end = text.find("\n", at)
    lead, rest = text[line_start:at], text[run.behind(word.end) : line_end if line_end >= 0 else len(text)]
    if lead.strip() or line_start <= run.instruction.start or rest.strip() not in (document.escape, ""):
        return insert(at, "".join(f"{t} " for t in texts))
    for comment in reversed(run.instruction.comments):
        if comment.end == line_start:
            line_start = comment.start
    return insert(line_start, "".join(f"{lead}{t} {document.escape}{document.newline}" for t in texts))


def replace_word(run: Run, word: Word, text: str) -> Edit | None:
    """Replace a word, or return None where a line's fold cuts it."""
    span = run.place(word)
    return span and Edit(span, text)


def remove_word(document: Document, run: Run, word: Word) -> Edit | None:
    """Remove a word and the blanks in front of it; a line that holds nothing else goes too."""
    span = run.place(word)
    if span is None:
        return None
    text = document.text
    line_start = text.rfind("\n", 0, span.start) + 1
    line_end = text.find("\n", span.end) + 1
    before, after = text[line_start : span.start], text[span.end : line_end]
    if not before.strip() and after.lstrip().startswith("#"):
        # Alone on its line, the shell's comment would be one of the Dockerfile, and the instruction would go on.
        return None
    if line_end and not before.strip() and after.strip() == document.escape:
        return Edit(Span(line_start, line_end), "")
    if not before.strip() and not after.strip() and line_start > run.instruction.start and not run.heredoc_script:
        return _remove_last_line(document, line_start, span.end)
    start = span.start
    while start > line_start and text[start - 1] in " \t":
        start -= 1
    if start == line_start:
        end = span.end
        while end < len(text) and text[end] in " \t":
            end += 1
        return Edit(Span(span.start, end), "")
    return Edit(Span(start, span.end), "")


def remove_words(document: Document, run: Run, words: Iterable[Word]) -> list[Edit] | None:
    """Remove several words of one script; None where one of them can't be removed."""
    kept: list[Edit] = []
    for word in _side_by_side(document, run, words):
        edit = remove_word(document, run, word)
        while edit and kept and edit.span.start < kept[-1].span.end:
            # The last line goes, and the line above it, whose continuation it took, goes too.
            edit = _remove_last_line(document, kept.pop().span.start, edit.span.end)
        if edit is None:
            return None
        kept.append(edit)
    return kept


def _side_by_side(document: Document, run: Run, words: Iterable[Word]) -> list[Word]:
    """Return the words in order, those with only blanks between them on one line as one."""
    out: list[Word] = []
    for word in sorted(words, key=lambda w: w.start):
        if out:
            between = document.text[run.behind(out[-1].end) : run.offset(word.start)]
            if between and not between.strip(" \t"):
                out[-1] = out[-1]._replace(end=word.end)
                continue
        out.append(word)
    return out


def _remove_last_line(document: Document, line_start: int, end: int) -> Edit | None:
    """Remove an instruction's last line, and the continuation of the line above it."""
    above = document.text[document.text.rfind("\n", 0, line_start - 1) + 1 : line_start]
    kept = above.rstrip()
    if not kept.endswith(document.escape) or kept.lstrip().startswith("#"):
        return None
    kept = kept[: -len(document.escape)].rstrip()
    return Edit(Span(line_start - len(above) + len(kept), end), "") if kept else None


def insert_flags(document: Document, run: Run, flags: list[str]) -> Edit:
    """Insert builder flags behind the keyword of a RUN; several get a line each."""
    at = run.instruction.keyword_span.end
    if len(flags) == 1:
        return insert(at, f" {flags[0]}")
    layout = f" {document.escape}{document.newline}{manner_of(document, run).indent or DEFAULT_INDENT}"
    blank = document.text[at : at + 1] == " "
    return Edit(Span(at, at + 1 if blank else at), f" {layout.join(flags)}{layout if blank else ''}")


def append_command(document: Document, run: Run, command: str) -> Edit | str:
    """Append a command that always succeeds to a RUN's script, in the file's manner.

    The RUN keeps its exit status. Returns the reason where no faithful place is found.
    """
    script = run.script
    if not run.editable or not script.steps:
        return script.opaque or "the script has no commands that can be edited"
    last = script.steps[-1]
    operator = _operator_behind(run, last)
    if not operator:
        return "the script ends in a way that a further command would change"
    at = run.behind(script.end)
    if run.heredoc_script:
        glue = " && " if operator == "&&" else document.newline + _line_indent(document.text, at)
        return insert(at, glue + command)
    manner = manner_of(document, run)
    line = document.text[run.instruction.start : run.instruction.head_end]
    if is_one_line(document, run.instruction) and len(line) + len(command) + 4 <= WIDTH:
        return insert(at, f"; {command}" if operator == ";" else f" && {command}")
    return insert(at, manner.link(operator) + command)


def _operator_behind(run: Run, last: Step) -> str:
    """Return the operator that appends to a script without changing its status, "" if none does."""
    script = run.script
    if script.background or stops(script):
        return ""
    if last.kind == "compound" and switches_errexit(last):
        return ""
    if not errexit_before(script, len(script.steps) - 1, run.state.errexit):
        return "&&"
    if last.kind != "compound":
        return "&&"
    # `set -e` sleeps on the left of `&&`; behind `;` only a plain list's failure ends the script.
    joined = any(step.operator in ("&&", "||") for step in script.steps[-1:])
    inside = any(w in ("tested", "or", "not") for c in last.commands for w in c.where)
    return "" if joined or inside or "&&" in script.text[last.start : last.end] else ";"


def prepend_to_call(run: Run, call: Call, command: str) -> Edit | str:
    """Insert a command that must succeed directly in front of a call's step of the script."""
    script = run.script
    if not run.editable:
        return script.opaque or "the script can't be edited"
    for index, step in enumerate(script.steps):
        if call.command in step.commands:
            if step.operator in ("||", "&"):
                return "it runs only where another command failed"
            errexit = errexit_before(script, index, run.state.errexit)
            follower = script.steps[index + 1].operator if index + 1 < len(script.steps) else ""
            if follower == "||":
                return "its failure is handled by another command"
            glue = "; " if errexit and step.operator in (";", "\n") else " && "
            return insert(run.offset(step.start), f"{command}{glue}")
    return "it is not called at the top level of the script"


def _line_indent(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    match = re.match(r"[ \t]*", text[start:at])
    return match.group() if match else ""


def remove_instruction(document: Document, instruction: Instruction) -> Edit:
    """Remove an instruction and its line; the comments above it stay."""
    start, end = instruction.start, instruction.end
    text = document.text
    if end == len(text) and not text.endswith("\n") and start:
        # The file had no last newline; it shall have none afterwards either.
        start -= 2 if text[:start].endswith("\r\n") else 1
    return Edit(Span(start, end), "")
