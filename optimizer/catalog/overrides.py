"""What a configuration says of registries and base images."""

from __future__ import annotations

from typing import NamedTuple


class OwnImage(NamedTuple):
    """An organisation's own base image.

    `repository` is its name as files write it; `like` the official image that it behaves like ("python"); `variants`
    the names of its smaller forms by their kind: ("slim", "registry.example.com/python-slim").
    """

    repository: str
    like: str
    variants: tuple[tuple[str, str], ...] = ()


class Bases(NamedTuple):
    """The bases of a project; it can be hashed and pickled.

    `mirrors` are prefixes that stand for other ones: ("registry.example.com/hub", "docker.io"). `allow` are globs of
    the repositories that a rewrite may choose, () for all.
    """

    mirrors: tuple[tuple[str, str], ...] = ()
    allow: tuple[str, ...] = ()
    images: tuple[OwnImage, ...] = ()
