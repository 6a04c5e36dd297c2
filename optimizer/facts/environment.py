"""The pairs of ENV, LABEL and ARG, and what they set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from optimizer.facts.images import expand
from optimizer.facts.lexer import lex
from optimizer.syntax import Instruction, Span
from optimizer.syntax.lines import WORD_SPACE, content_size
from optimizer.syntax.nodes import Shape
from optimizer.syntax.words import quoted_words, unquote

# What may make a word mean anything but itself.
_SPECIAL = re.compile(r"[$'\"]")


class Pair(NamedTuple):
    """A name and its value. `raw` is as written; spans count in the instruction's folded text.

    `legacy` marks the old form `ENV name the rest of the line`.
    """

    name: str
    raw: str
    value: str
    name_span: Span
    value_span: Span
    legacy: bool

    @property
    def given(self) -> bool:
        """Whether a value is written, be it an empty one; an ARG can do without."""
        return self.value_span.start > self.name_span.end


def pairs_of(instruction: Instruction, escape: str = "\\") -> tuple[Pair, ...]:
    """Return the pairs that an ENV, LABEL or ARG sets; empty where it is not well formed.

    Source: parseNameVal in moby/buildkit, frontend/dockerfile/parser/line_parsers.go.
    """
    return pairs_of_shape(instruction.shape, escape)


@lru_cache(maxsize=4096)
def pairs_of_shape(shape: Shape, escape: str = "\\") -> tuple[Pair, ...]:
    """Return the pairs that the head of an ENV, LABEL or ARG sets."""
    text = shape.folded.text[: content_size(shape.folded.text)]
    words = quoted_words(text, shape.args_at, escape)
    if not words:
        return ()
    if "=" not in words[0].of(text) and shape.keyword != "ARG":
        return _legacy_pair(text, shape.args_at, escape)
    pairs = []
    for word in words:
        name, eq, raw = word.of(text).partition("=")
        if not eq and shape.keyword != "ARG":
            return ()
        at = word.start + len(name)
        pairs.append(Pair(name, raw, unquote(raw, escape), Span(word.start, at), Span(at + len(eq), word.end), False))
    return tuple(pairs)


def _legacy_pair(text: str, at: int, escape: str) -> tuple[Pair, ...]:
    match = WORD_SPACE.search(text, at)
    if not match:
        return ()
    raw = text[match.end() :]
    name, value = Span(at, match.start()), Span(match.end(), len(text))
    return (Pair(name.of(text), raw, unquote(raw, escape), name, value, True),)


def evaluate(raw: str, values: Mapping[str, str | None], escape: str = "\\") -> tuple[str, bool]:
    """Return what the builder makes of a word; the flag tells whether that can be known."""
    if escape not in raw and not _SPECIAL.search(raw):
        return raw, True
    pieces = lex(raw, escape)
    if pieces is None:
        return raw, False
    out = []
    sure = True
    for piece in pieces:
        text, known = (piece.text, True) if piece.literal else expand(piece.text, values)
        sure = sure and known and (piece.literal or not text.startswith("${"))
        out.append(text)
    return "".join(out), sure
