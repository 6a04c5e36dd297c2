"""Compressed sizes of official images, where they were read.

Source: docker-library/repo-info, July to September 2026. Nothing here is calculated or guessed.
"""

from __future__ import annotations

from typing import NamedTuple

from optimizer.catalog.store import table
from optimizer.catalog.tags import aliases, find_tag


class Size(NamedTuple):
    """The bytes that a pull transfers, the ISO day of the image that was read, and its platform."""

    bytes: int
    day: str
    architecture: str


def size_of(image: str, tag: str) -> Size | None:
    """Return the size of an image where this tag, or another name of the same image, was read."""
    row = table("sizes").row(f"{image}:{tag}")
    if row is None:
        known = find_tag(image, tag)
        others = aliases(known) if known is not None and _any(image) else ()
        row = next((found for found in (table("sizes").row(f"{image}:{name}") for name in others) if found), None)
    return None if row is None else Size(int(row[0]), row[1], row[2])


def _any(image: str) -> bool:
    return any(name.startswith(f"{image}:") for name, _ in table("sizes").rows())
