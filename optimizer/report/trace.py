"""Where the lines of each step come from, and which transforms touched the lines of the result."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import NamedTuple

from optimizer.report.hunks import Hunk
from optimizer.report.lines import blocks, split_lines
from optimizer.rewrite.change import Applied, Outcome


class _State(NamedTuple):
    """A text between two steps.

    Per line: the line of the original that it stands for, whether it still is that line, and a bit
    for each step that touched it. `gaps` has the bits of steps that removed lines in front of a line.
    """

    lines: list[str]
    origin: list[int]
    intact: list[bool]
    touched: list[int]
    gaps: list[int]


class Trace(NamedTuple):
    """The way of an outcome's lines through its steps."""

    names: tuple[str, ...]
    states: tuple[_State, ...]

    def place(self, step: int, line: int, column: int) -> tuple[int, int]:
        """Return line and column in the original of a place in the text before step number `step` (from 0).

        The column is 1 where an earlier step rewrote the line.
        """
        state = self.states[step]
        if not 1 <= line <= len(state.lines):
            return line, column
        return state.origin[line - 1] + 1, column if state.intact[line - 1] else 1

    def place_of_advice(self, item: Applied) -> tuple[int, int]:
        """Return the place of an advice in the original.

        It counts in the text that its transform saw; one whose turn left no step saw the result or its like.
        """
        step = self.names.index(item.transform) if item.transform in self.names else len(self.names)
        return self.place(step, item.line, item.column)

    def transforms_of(self, hunk: Hunk) -> tuple[str, ...]:
        """Return the names of the transforms that touched a hunk of the whole diff, in the order they ran."""
        last = self.states[-1]
        bits = 0
        for block in hunk.changed:
            bits |= _any(last.touched[block.j1 : block.j2]) | _any(last.gaps[block.j1 : block.j2 + 1])
        start, end = hunk.blocks[0].j1, hunk.blocks[-1].j2
        while not bits and (start or end < len(last.lines)):
            # Among equal lines a step and the whole diff can be aligned differently: the nearest marks are meant.
            start, end = max(start - 1, 0), end + 1
            bits = _any(last.touched[start:end]) | _any(last.gaps[start : end + 1])
        found = [name for number, name in enumerate(self.names) if bits >> number & 1]
        return tuple(dict.fromkeys(found))


def trace(outcome: Outcome) -> Trace:
    """Follow the lines of `outcome.before` through the steps."""
    lines = split_lines(outcome.before)
    states = [_State(lines, list(range(len(lines))), [True] * len(lines), [0] * len(lines), [0] * (len(lines) + 1))]
    for number, step in enumerate(outcome.steps):
        state = states[-1]
        states.append(state if step.before == step.after else _advance(state, split_lines(step.after), 1 << number))
    return Trace(tuple(step.transform for step in outcome.steps), tuple(states))


def _advance(state: _State, lines: list[str], bit: int) -> _State:
    origin: list[int] = []
    intact: list[bool] = []
    touched: list[int] = []
    gaps = [0] * (len(lines) + 1)
    for block in blocks(state.lines, lines):
        i1, i2, j1, j2 = block[1:]
        if block.same:
            origin += state.origin[i1:i2]
            intact += state.intact[i1:i2]
            touched += state.touched[i1:i2]
            for offset, bits in enumerate(state.gaps[i1 : i2 + 1]):
                gaps[j1 + offset] |= bits
            continue
        inner = state.gaps[i1 + 1 if i1 else 0 : i2 if i2 < len(state.lines) else None]
        bits = bit | _any(state.touched[i1:i2]) | _any(inner)
        size = j2 - j1
        origin += [_stands_for(state, i1, i2, offset) for offset in range(size)]
        intact += [False] * size
        touched += [bits] * size
        if not size:
            gaps[j1] |= bits
    return _State(lines, origin, intact, touched, gaps)


def _stands_for(state: _State, i1: int, i2: int, offset: int) -> int:
    if i2 > i1:
        return state.origin[min(i1 + offset, i2 - 1)]
    return state.origin[i1 - 1] if i1 else 0


def _any(bits: list[int]) -> int:
    return reduce(or_, bits, 0)
