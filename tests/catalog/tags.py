"""Lists of tags that the tests go through."""

from __future__ import annotations

from functools import lru_cache

from optimizer.catalog.store import table
from optimizer.catalog.tags import Tag, find_tag, tag_names

_ENOUGH = 1000


@lru_cache
def listed(image: str) -> tuple[Tag, ...]:
    """Return all tags of an image that are still listed."""
    names = [name for name, columns in table(f"tags/{image}").rows() if columns[-1]]
    return tuple(tag for tag in (find_tag(image, name) for name in names) if tag)


def some(image: str) -> tuple[str, ...]:
    """Return all tags ever listed, or of very many an even choice."""
    names = tag_names(image)
    return names[:: 1 + len(names) // _ENOUGH]
