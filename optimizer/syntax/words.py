"""The words of an instruction: its keyword, builder flags, JSON form and heredoc markers.

All offsets count in the folded text. Source of the rules: moby/buildkit,
frontend/dockerfile/parser (split_command.go, line_parsers.go, parser.go) and shell/lex.go.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from optimizer.syntax.lines import LEADING_SPACE, SPACES, WORD_SPACE, content_size, strip
from optimizer.syntax.patterns import pattern
from optimizer.syntax.spans import Span

_ASCII_SPACE = "\t\n\v\f\r "
_JSON_STRING = pattern(r'"(?:[^"\\]|\\.)*"')
_HEREDOC = pattern(r"\d*<<(-?)[ \t\r\f]*([^<]*)\Z")
_NAME = pattern(r"[0-9]+|[@*#?$!-]|\w+")
_QUOTES = pattern("['\"]")


class FlagWord(NamedTuple):
    """A builder flag such as `--from=build`; `value` is None where there is no `=`."""

    name: str
    value: str | None
    span: Span


class HeredocMark(NamedTuple):
    """A heredoc that an instruction's line opens; `span` is its whole word."""

    name: str
    expand: bool
    chomp: bool
    span: Span


def keyword_end(text: str, at: int) -> int:
    """Return where the word at `at` of the folded `text` ends."""
    match = WORD_SPACE.search(text, at)
    size = max(at, content_size(text))
    return min(match.start(), size) if match else size


def skip_space(text: str, at: int) -> int:
    """Return the first offset from `at` on that holds no white space."""
    match = LEADING_SPACE.match(text, at)
    return match.end() if match else at


def read_flags(text: str, at: int, escape: str = "\\") -> tuple[tuple[FlagWord, ...], int]:
    """Read builder flags from `at` on; return them and where the arguments start."""
    flags: list[FlagWord] = []
    size = len(text)
    while True:
        # The builder looks for flags byte by byte: only ASCII's white space counts here.
        space = WORD_SPACE.match(text, at)
        at = space.end() if space else at
        if not text.startswith("--", at):
            return tuple(flags), skip_space(text, at)
        start, word, quote = at, "", ""
        while at < size:
            char = text[at]
            if quote:
                if char == quote:
                    quote = ""
                    at += 1
                    continue
            elif char in _ASCII_SPACE:
                break
            elif char in "'\"":
                quote = char
                at += 1
                continue
            if char == escape:
                at += 1
                if at == size:
                    break
                char = text[at]
            word += char
            at += 1
        if word == "--":
            return tuple(flags), skip_space(text, at)
        name, eq, value = word[2:].partition("=")
        flags.append(FlagWord(name, value if eq else None, Span(start, at)))


def read_json(text: str, at: int) -> tuple[str, ...] | None:
    """Read a JSON array of strings that is all of `text` from `at` on, or return None."""
    if not text.startswith("[", at):
        return None
    try:
        value = json.loads(strip(text[at:]))
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


def json_spans(text: str, at: int) -> tuple[Span, ...]:
    """Return the spans of the strings, quotes included, of the JSON array at `at`."""
    return tuple(Span(*m.span()) for m in _JSON_STRING.finditer(text, at))


def blank_words(text: str, at: int) -> tuple[Span, ...]:
    """Return the spans of the words between white space from `at` on; quotes mean nothing."""
    words = []
    at, size = skip_space(text, at), content_size(text)
    while at < size:
        match = WORD_SPACE.search(text, at, size)
        end = match.start() if match else size
        if end > at:
            words.append(Span(at, end))
        at = match.end() if match else end
    return tuple(words)


def quoted_words(text: str, at: int, escape: str = "\\") -> tuple[Span, ...]:
    """Return the spans of the words from `at` on, where quotes and escapes hold words together."""
    words: list[Span] = []
    size = content_size(text)
    while True:
        at = skip_space(text, at)
        if at >= size:
            return tuple(words)
        start, quote = at, ""
        while at < size:
            char = text[at]
            if char == escape and quote != "'":
                if at + 1 == size:
                    # An escape character at the very end is dropped.
                    size = at
                    break
                at += 1
            elif quote:
                if char == quote:
                    quote = ""
            elif char in "'\"":
                quote = char
            elif char in SPACES:
                break
            at += 1
        if at > start:
            words.append(Span(start, at))


def unquote(word: str, escape: str = "\\") -> str:
    """Take the quotes and escapes out of a word, as the builder's lexer does."""
    out: list[str] = []
    quote = ""
    at = 0
    while at < len(word):
        char = word[at]
        if quote == "'":
            if char == "'":
                quote = ""
            else:
                out.append(char)
        elif char == escape:
            at += 1
            following = word[at : at + 1]
            if quote == '"' and following and following not in f'"${escape}':
                out.append(char)
            out.append(following)
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        else:
            out.append(char)
        at += 1
    return "".join(out)


def read_heredocs(text: str) -> tuple[HeredocMark, ...]:
    """Return the heredocs that the words of an instruction's folded text open, in order."""
    marks = []
    for span in _lexed_words(text):
        match = _HEREDOC.match(text[span.start : span.end])
        if match:
            raw = match.group(2)
            name = unquote(raw)
            if name:
                expand = len(_QUOTES.findall(name)) == len(_QUOTES.findall(raw))
                marks.append(HeredocMark(name, expand, bool(match.group(1)), span))
    return tuple(marks)


class _Lexing(Exception):
    """The builder's lexer gives up."""


def _lexed_words(text: str) -> list[Span]:
    """Return the words of `text` as the builder's lexer splits it, none where it gives up.

    Source: moby/buildkit, frontend/dockerfile/shell/lex.go, with raw quotes and escapes.
    """
    words: list[Span] = []
    start, at = -1, 0
    try:
        while at < len(text):
            if text[at] in SPACES:
                if start >= 0:
                    words.append(Span(start, at))
                start, at = -1, at + 1
                continue
            if start < 0:
                start = at
            at = _behind_token(text, at)
    except (_Lexing, RecursionError):
        return []
    if start >= 0:
        words.append(Span(start, len(text)))
    return words


def _behind_token(text: str, at: int) -> int:
    """Return where the character, quoted string or variable at `at` ends."""
    char = text[at]
    if char == "'":
        return _find(text, "'", at + 1) + 1
    if char == '"':
        at += 1
        while _char(text, at) != '"':
            at = at + 2 if text[at] == "\\" else _behind_variable(text, at) if text[at] == "$" else at + 1
        return at + 1
    if char == "$":
        return _behind_variable(text, at)
    if text.startswith("<<", at):
        # White space may stand between the operator and its word.
        at += 2
        while at < len(text) and text[at] in " \t\r\f":
            at += 1
        return at
    return at + 2 if char == "\\" else at + 1


def _behind_variable(text: str, at: int) -> int:
    if not text.startswith("{", at + 1):
        name = _NAME.match(text, at + 1)
        return name.end() if name else at + 1
    if _char(text, at + 2) in "{}:":
        raise _Lexing
    name = _NAME.match(text, at + 2)
    at = name.end() if name else at + 2
    modifier = _char(text, at)
    if modifier == "}":
        return at + 1
    if modifier == "/":
        return _behind_stop(text, _behind_stop(text, at + (2 if text.startswith("//", at) else 1), "/"), "}")
    if modifier == ":":
        if _char(text, at + 1) in "#%":
            raise _Lexing
        return _behind_stop(text, at + 2, "}")
    if modifier not in "+-?#%":
        raise _Lexing
    return _behind_stop(text, at + 1, "}")


def _behind_stop(text: str, at: int, stop: str) -> int:
    while _char(text, at) != stop:
        at = _behind_token(text, at)
    return at + 1


def _char(text: str, at: int) -> str:
    if at >= len(text):
        raise _Lexing
    return text[at]


def _find(text: str, char: str, at: int) -> int:
    found = text.find(char, at)
    if found < 0:
        raise _Lexing
    return found
