"""Signs in the text that tree-sitter-bash has slipped: what it took for one word or command is not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell.script import Command, Redirect, Word

_BLANK = pattern(r"\s")
_ESCAPED_BLANK = pattern(r"\\[ \t]")
# What may hold a blank inside of one word.
_QUOTED = pattern(r"\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


def holds_bare_blank(raw: str) -> bool:
    """Tell whether a blank stands in a word outside of quotes, escapes, substitutions and expansions."""
    if not _BLANK.search(raw):
        return False
    bare = _QUOTED.sub("", raw)
    return _BLANK.search(bare) is not None and not any(char in bare for char in "$`(")


def crosses_line(text: str, start: int, end: int) -> bool:
    """Tell whether a line ends between two parts of one command; `start` is negative in front of the first."""
    return 0 <= start < end and "\n" in text[start:end].replace("\\\n", "")


def follows_number(text: str, at: int) -> bool:
    """Tell whether the redirection at `at` has its file descriptor in front of it, read as a word."""
    start = at
    while start and text[start - 1].isdigit():
        start -= 1
    return start < at and (start == 0 or text[start - 1] in " \t\n;&|(")


def loses_escaped_blank(text: str, commands: Sequence[Command], comments: Sequence[tuple[int, int]]) -> bool:
    """Tell whether an escaped blank belongs to no word: the grammar skips it where a word starts."""
    for match in _ESCAPED_BLANK.finditer(text):
        at = match.start()
        if any(start <= at < end for start, end in comments):
            continue
        around = [c for c in commands if c.start <= at < c.end]
        parts: tuple[Word | Redirect, ...] = ()
        if around:
            inner = min(around, key=lambda c: c.end - c.start)
            parts = (*inner.words, *inner.assignments, *inner.redirects)
        if not any(part.start <= at < part.end for part in parts):
            return True
    return False
