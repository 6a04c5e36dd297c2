"""Everything that the catalog knows of one tag of an official image."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.catalog.configs import BaseConfig, config_of
from optimizer.catalog.distros import Distro, distro_of
from optimizer.catalog.life import supported
from optimizer.catalog.lineage import chain
from optimizer.catalog.sizes import Size, size_of
from optimizer.catalog.tags import Tag, aliases, find_tag
from optimizer.facts.inspection import Support, support_of
from optimizer.facts.smaller import Smaller, smaller


class KnownImage(NamedTuple):
    """A tag, the other names of the same image, and all that is known of it.

    `successor` is the nearest supported release where its product or system is out of support, else None.
    """

    tag: Tag
    aliases: tuple[str, ...]
    chain: tuple[str, ...]
    distro: Distro | None
    config: BaseConfig | None
    size: Size | None
    support: tuple[Support, ...]
    successor: Tag | None
    smaller: tuple[Smaller, ...]


def known_image(image: str, name: str, today: str) -> KnownImage | None:
    """Return what is known of a tag of an official image on `today`, an ISO day; None where it is not known at all."""
    tag = find_tag(image, name)
    if tag is None:
        return None
    return KnownImage(
        tag,
        tuple(other for other in aliases(tag) if other != name),
        chain(image, name),
        distro_of(tag),
        config_of(tag),
        size_of(image, name),
        support_of(tag, today),
        supported(image, name, today),
        smaller(tag),
    )
