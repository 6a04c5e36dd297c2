"""The hunks of a unified diff."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from optimizer.report.lines import Block, blocks

_CONTEXT = 3
_NO_NEWLINE = "\\ No newline at end of file\n"


class Hunk(NamedTuple):
    """Neighbouring changes with the unchanged lines around them.

    `blocks` are its blocks in order; the first and the last may be unchanged ones.
    """

    blocks: tuple[Block, ...]

    @property
    def changed(self) -> tuple[Block, ...]:
        """The blocks that change something."""
        return tuple(b for b in self.blocks if not b.same)


def hunks_of(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """Return the hunks that turn the lines `old` into the lines `new`, three lines of context each."""
    groups: list[list[Block]] = []
    for block in blocks(list(old), list(new)):
        if block.same:
            continue
        if groups and block.i1 - groups[-1][-1].i2 <= 2 * _CONTEXT:
            last = groups[-1][-1]
            groups[-1] += [Block(True, last.i2, block.i1, last.j2, block.j1), block]
        else:
            groups.append([block])
    return [Hunk(tuple(_with_context(group, len(old)))) for group in groups]


def _with_context(group: list[Block], length: int) -> Iterator[Block]:
    first, last = group[0], group[-1]
    before = min(_CONTEXT, first.i1)
    after = min(_CONTEXT, length - last.i2)
    if before:
        yield Block(True, first.i1 - before, first.i1, first.j1 - before, first.j1)
    yield from group
    if after:
        yield Block(True, last.i2, last.i2 + after, last.j2, last.j2 + after)


def render(hunk: Hunk, old: Sequence[str], new: Sequence[str], heading: Callable[[Hunk], str]) -> str:
    """Return the text of a hunk as `git apply` and `patch` take it; `heading` gives what stands behind the `@@`."""
    first, last = hunk.blocks[0], hunk.blocks[-1]
    title = heading(hunk)
    out = [f"@@ -{_range(first.i1, last.i2)} +{_range(first.j1, last.j2)} @@{' ' + title if title else ''}\n"]
    for block in hunk.blocks:
        if block.same:
            out += [_line(" ", line) for line in old[block.i1 : block.i2]]
        else:
            out += [_line("-", line) for line in old[block.i1 : block.i2]]
            out += [_line("+", line) for line in new[block.j1 : block.j2]]
    return "".join(out)


def _line(sign: str, line: str) -> str:
    return sign + line if line.endswith("\n") else f"{sign}{line}\n{_NO_NEWLINE}"


def _range(start: int, end: int) -> str:
    count = end - start
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"
