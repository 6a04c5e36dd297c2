"""Labelled lines: a label once, then everything that it is said of, in a column."""

from __future__ import annotations

from collections.abc import Iterable

_WIDTH = 12


def rows(pairs: Iterable[tuple[str, str]], indent: int) -> list[str]:
    """Return a line for each pair with a text; a label that stands above is not repeated."""
    lines, before = [], ""
    for label, text in pairs:
        if text:
            lines.append(f"{' ' * indent}{'' if label == before else label:<{_WIDTH}}{text}")
            before = label
    return lines
