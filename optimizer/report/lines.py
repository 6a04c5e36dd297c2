"""How the lines of two texts correspond."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

# Beyond this many lines an exact match is too slow; difflib may then pass over lines that are everywhere.
_EXACT_UP_TO = 2000


class Block(NamedTuple):
    """Lines `i1:i2` of the old text that became lines `j1:j2` of the new one; `same` if nothing changed."""

    same: bool
    i1: int
    i2: int
    j1: int
    j2: int


def split_lines(text: str) -> list[str]:
    """Split after each line feed, as git and patch do; the lines keep it, the last may lack it."""
    lines = text.split("\n")
    last = lines.pop()
    ended = [line + "\n" for line in lines]
    return [*ended, last] if last else ended


def blocks(old: list[str], new: list[str]) -> list[Block]:
    """Return blocks that cover both texts in order."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    found = []
    if head:
        found.append(Block(True, 0, head, 0, head))
    found.extend(_middle(old[head : len(old) - tail], new[head : len(new) - tail], head))
    if tail:
        found.append(Block(True, len(old) - tail, len(old), len(new) - tail, len(new)))
    return found


def _middle(old: list[str], new: list[str], by: int) -> Iterator[Block]:
    if not old or not new:
        if old or new:
            yield Block(False, by, by + len(old), by, by + len(new))
        return
    matcher = SequenceMatcher(None, old, new, autojunk=len(new) > _EXACT_UP_TO)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        yield Block(tag == "equal", i1 + by, i2 + by, j1 + by, j2 + by)
