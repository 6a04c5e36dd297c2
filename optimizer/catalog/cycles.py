"""The release lines of products and systems, and how long each is supported.

Source: endoflife-date/endoflife.date; commit and day stand in the data file. The catalog has no clock: whoever asks
whether something is over says what day it is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from optimizer.catalog.naming import VERSION
from optimizer.catalog.store import table
from optimizer.catalog.tags import Tag, aliases


class Life(NamedTuple):
    """The support of one release line.

    `ends` and `extended` are ISO days: when support ends, and when its free extension does (Debian LTS; support that
    is sold is left out). "" is not known, "never" that no end is set. For an image that was given up `ends` is the
    last day on which the tag was renewed. `codename` is one word in lower case, "" for none.
    """

    product: str
    cycle: str
    ends: str
    extended: str
    codename: str = ""


def is_over(life: Life, today: str) -> bool:
    """Tell whether support has ended by `today`, an ISO day; free extended support counts as support."""
    last = max((day for day in (life.ends, life.extended) if day), default="")
    return last not in ("", "never") and last < today


@lru_cache(maxsize=64)
def cycles_of(product: str) -> tuple[Life, ...]:
    """Return all release lines of a product."""
    rows = ((key.partition(" "), columns) for key, columns in table("life").rows())
    return tuple(
        Life(name, cycle, columns[1], columns[2], columns[0]) for (name, _, cycle), columns in rows if name == product
    )


def cycle_of(product: str, version: str) -> Life | None:
    """Return the release line that a version belongs to, None where there is none."""
    parts = version.split(".")
    for count in range(len(parts), 0, -1):
        wanted = ".".join(parts[:count])
        row = table("life").row(f"{product} {wanted}")
        if row is not None:
            return Life(product, wanted, row[1], row[2], row[0])
    # A floating tag of a line that is over stands for the last release of it: python:2 for 2.7.
    inside = [life for life in cycles_of(product) if version and life.cycle.startswith(f"{version}.")]
    return max(inside, key=lambda life: as_numbers(life.cycle), default=None)


def version_of(tag: Tag) -> str:
    """Return the most exact version number among the names of an image: "3.14.7" for python:latest; "" for none."""
    names = aliases(tag) or (tag.name,)
    numbers = [found.group().removeprefix("v") for found in map(VERSION.match, names) if found]
    return max(numbers, key=lambda number: number.count("."), default="")


def as_numbers(version: str) -> tuple[int, ...]:
    """Return a version number in a form that can be compared."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
