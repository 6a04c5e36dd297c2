"""Findings as lines of text that an editor can jump to."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.report.colour import PLAIN, Palette
from optimizer.report.notes import plain
from optimizer.report.quoting import quoted
from optimizer.report.trace import trace
from optimizer.rewrite.change import Applied, Outcome


def findings(outcome: Outcome, palette: Palette = PLAIN) -> str:
    """Return a line `path:line:column: transform [safety] title` for each change and each advice.

    Lines and columns count from 1 in the file as it is on disk.
    """
    placed = sorted(_placed(outcome), key=lambda item: item[0])
    return "".join(_line(outcome.name, place, item, palette) for place, item in placed)


def advice(outcome: Outcome, palette: Palette = PLAIN) -> str:
    """Return the lines of the advice only."""
    return findings(Outcome(outcome.name, outcome.before, outcome.before, advice=outcome.advice), palette)


def _placed(outcome: Outcome) -> Iterator[tuple[tuple[int, int], Applied]]:
    way = trace(outcome)
    for number, step in enumerate(outcome.steps):
        for item in step.applied:
            yield way.place(number, item.line, item.column), item
    for item in outcome.advice:
        yield way.place_of_advice(item), item


def _line(name: str, place: tuple[int, int], item: Applied, palette: Palette) -> str:
    where = palette.strong(f"{quoted(name)}:{place[0]}:{place[1]}")
    safety = palette.safety(item.safety.value)
    return f"{where}: {item.transform} [{safety}] {plain(item.change.title)}\n"
