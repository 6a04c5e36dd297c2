"""What Debian's packages are called on Alpine.

There is no complete list behind it: each name was found in Dockerfiles that are built daily, on a package page or in a
mapping that its project tests, and says how good the evidence is.
"""

from __future__ import annotations

from typing import NamedTuple

from optimizer.catalog.store import table


class AlpineName(NamedTuple):
    """The Alpine packages that do the work of a Debian one; () where there is nothing to install.

    `level`: "A" seen in current Dockerfiles of official images or on Alpine's own pages, "B" in a mapping that is
    tested by installing, "C" weaker than that and not good enough for a rewrite.
    """

    names: tuple[str, ...]
    level: str


def alpine_names(package: str) -> AlpineName | None:
    """Return the Alpine names of a Debian package; None where none is known."""
    row = table("alpine").row(package)
    return None if row is None else AlpineName(tuple(row[0].split()), row[1])
