"""What was found in a source file, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Folders that hold no part of the running application.
FOREIGN = frozenset(
    """
    node_modules site-packages dist-packages .venv venv env .tox .nox __pycache__ .git bower_components vendor
    tests test __tests__ testing spec docs doc examples benchmarks stories .github
    """.split()
)


class Found(NamedTuple):
    """A name that a source file speaks of; `line` counts from 1."""

    name: str
    path: str
    line: int

    @property
    def place(self) -> str:
        """The place as messages show it."""
        return f"{self.path}:{self.line}"


def is_own(path: str, suffixes: tuple[str, ...]) -> bool:
    """Tell whether a path is a source of the application itself: by its ending, and no folder of others above it."""
    return path.endswith(suffixes) and FOREIGN.isdisjoint(path.split("/")[:-1])


def first_of_each(found: Iterable[Found]) -> tuple[Found, ...]:
    """Return the first place of each name, in order."""
    firsts: dict[str, Found] = {}
    for one in found:
        firsts.setdefault(one.name, one)
    return tuple(firsts.values())


def by_name(found: Iterable[Found]) -> Iterator[str]:
    """Yield the names, each once."""
    yield from dict.fromkeys(f.name for f in found)


def line_of(text: str, offset: int) -> int:
    """Return the line, from 1, of a character."""
    return text.count("\n", 0, offset) + 1
