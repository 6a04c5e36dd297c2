"""Words as the builder's lexer reads them: literal characters and expansions.

Source: moby/buildkit, frontend/dockerfile/shell/lex.go (ProcessWord).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from optimizer.syntax.patterns import pattern

_NAME = pattern(r"\d+|[@*#?\-$!]|[^\W\d]\w*")
_LITERAL_DOLLAR = "\0$"


class Piece(NamedTuple):
    """A part of a word. `text` is the character that it stands for, or the expansion as written.

    What no piece covers are the quotes that the lexer takes away.
    """

    start: int
    end: int
    text: str
    literal: bool


@lru_cache(maxsize=4096)
def lex(word: str, escape: str = "\\") -> tuple[Piece, ...] | None:
    """Take a word apart, or return None where the builder would refuse it."""
    pieces: list[Piece] = []
    quote = ""
    at, size = 0, len(word)
    while at < size:
        char = word[at]
        if quote == "'" and char != "'":
            pieces.append(Piece(at, at + 1, char, True))
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif char == escape:
            following = word[at + 1 : at + 2]
            if following and (not quote or following in ('"', "$", escape)):
                pieces.append(Piece(at, at + 2, following, True))
                at += 1
            elif following:
                pieces.append(Piece(at, at + 1, char, True))
        elif char == "$":
            end = _expansion_end(word, at, escape)
            if end is None:
                return None
            pieces.append(Piece(at, end, word[at:end], end == at + 1))
            at = end - 1
        else:
            pieces.append(Piece(at, at + 1, char, True))
        at += 1
    return None if quote else tuple(pieces)


def _expansion_end(word: str, at: int, escape: str) -> int | None:
    """Return where the expansion at a `$` ends; right behind the `$` where it is no expansion."""
    if word[at + 1 : at + 2] != "{":
        match = _NAME.match(word, at + 1)
        return match.end() if match else at + 1
    depth, at = 1, at + 2
    if word[at : at + 1] in ("", "{", "}", ":"):
        return None
    while at < len(word):
        char = word[at]
        if char == escape:
            at += 1
        elif char == "$" and word[at + 1 : at + 2] == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return None


def meaning(word: str, escape: str = "\\") -> str:
    """Return a word in a form that is equal for words that the builder reads as equal.

    Quotes and escapes are taken away, and a `$` that stands for itself is told from one that expands.
    """
    pieces = lex(word, escape)
    if pieces is None:
        return f"\0?{word}"
    return "".join(_LITERAL_DOLLAR if p.literal and p.text == "$" else p.text for p in pieces)


def meaning_of_text(text: str) -> str:
    """Return what `meaning` returns for a word that stands for exactly `text`."""
    return text.replace("$", _LITERAL_DOLLAR)
