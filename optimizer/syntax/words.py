"""The words of an instruction: its keyword, builder flags, JSON form and heredoc markers.

All offsets count in the folded text. Source of the rules: moby/buildkit,
frontend/dockerfile/parser (split_command.go, line_parsers.go, parser.go) and shell/lex.go.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from optimizer.syntax.lines import LEADING_SPACE, SPACE, WORD_SPACE
from optimizer.syntax.spans import Span

_SPACE_CHAR = re.compile(f"[{SPACE}]")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_HEREDOC = re.compile(r"(\d*)<<(-?)([^<]+)\Z")


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


def keyword_end(text: str) -> int:
    """Return where the first word of the folded `text` ends."""
    match = WORD_SPACE.search(text)
    return match.start() if match else len(text)


def skip_space(text: str, at: int) -> int:
    """Return the first offset from `at` on that holds no white space."""
    match = LEADING_SPACE.match(text, at)
    return match.end() if match else at


def read_flags(text: str, at: int) -> tuple[tuple[FlagWord, ...], int]:
    """Read builder flags from `at` on; return them and where the arguments start."""
    flags: list[FlagWord] = []
    size = len(text)
    while True:
        at = skip_space(text, at)
        if not text.startswith("--", at):
            return tuple(flags), at
        start, word, quote = at, "", ""
        while at < size:
            char = text[at]
            if quote:
                if char == quote:
                    quote = ""
                    at += 1
                    continue
            elif _SPACE_CHAR.match(char):
                break
            elif char in "'\"":
                quote = char
                at += 1
                continue
            if char == "\\":
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
        value = json.loads(text[at:])
    except ValueError:
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
    at = skip_space(text, at)
    while at < len(text):
        match = WORD_SPACE.search(text, at)
        end = match.start() if match else len(text)
        if end > at:
            words.append(Span(at, end))
        at = match.end() if match else end
    return tuple(words)


def quoted_words(text: str, at: int, escape: str = "\\") -> tuple[Span, ...]:
    """Return the spans of the words from `at` on, where quotes and escapes hold words together."""
    words: list[Span] = []
    size = len(text)
    while True:
        at = skip_space(text, at)
        if at >= size:
            return tuple(words)
        start, quote = at, ""
        while at < size:
            char = text[at]
            if char == escape and quote != "'":
                at += 1
            elif quote:
                if char == quote:
                    quote = ""
            elif char in "'\"":
                quote = char
            elif _SPACE_CHAR.match(char):
                break
            at += 1
        words.append(Span(start, min(at, size)))
        at = min(at, size)


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
        elif char == escape and at + 1 < len(word):
            following = word[at + 1]
            if quote == '"' and following not in f'"${escape}':
                out.append(char)
            out.append(following)
            at += 1
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        else:
            out.append(char)
        at += 1
    return "".join(out)


def read_heredocs(text: str, at: int) -> tuple[HeredocMark, ...]:
    """Return the heredocs that the words of `text` from `at` on open, in order."""
    marks = []
    for span in quoted_words(text, at):
        match = _HEREDOC.match(text[span.start : span.end])
        if match:
            raw = match.group(3)
            name = unquote(raw)
            marks.append(HeredocMark(name, name == raw, bool(match.group(2)), span))
    return tuple(marks)
