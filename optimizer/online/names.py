"""Image references as addresses: only what may stand in a URL comes through."""

from __future__ import annotations

import re
from typing import NamedTuple

from optimizer.syntax.patterns import pattern

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = pattern(rf"{_COMPONENT}(?:/{_COMPONENT})*\Z")
_HOST = pattern(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?\Z")
_TAG = pattern(r"[\w][\w.-]{0,127}\Z", re.ASCII)
_DIGEST = pattern(r"sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})\Z")
_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
_LOOPBACK = pattern(r"(?:localhost|[a-z0-9.-]+\.localhost|127\.[0-9]+\.[0-9]+\.[0-9]+|\[::1\])(?::[0-9]+)?\Z")


class Name(NamedTuple):
    """A reference: the registry "docker.io" and a repository "library/..." are filled in, as is the tag "latest".

    `digest` is "" where none is written.
    """

    registry: str
    repository: str
    tag: str
    digest: str

    @property
    def canonical(self) -> str:
        """The full reference."""
        return f"{self.registry}/{self.repository}:{self.tag}" + (f"@{self.digest}" if self.digest else "")


class Address(NamedTuple):
    """Where a question goes: the host with its port, and the repository there."""

    host: str
    repository: str


def read_name(reference: str) -> Name | None:
    """Take a reference apart; None where it is none. Source of the rules: distribution/reference."""
    rest, _, digest = reference.partition("@")
    head, slash, tail = rest.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost"):
        registry, rest = head, tail
    else:
        registry = "docker.io"
    repository, colon, tag = rest.partition(":")
    if registry in _HUB:
        registry = "docker.io"
        repository = repository if "/" in repository else f"library/{repository}"
    right = (
        _HOST.match(registry)
        and _REPOSITORY.match(repository)
        and len(repository) < 256
        and (_TAG.match(tag) or not colon)
        and (_DIGEST.match(digest) or "@" not in reference)
    )
    return Name(registry, repository, tag or "latest", digest) if right else None


def address_of(name: Name, mirrors: tuple[tuple[str, str], ...]) -> Address:
    """Return where a name is asked for, through the mirror of its registry if there is one."""
    for registry, place in mirrors:
        if registry == name.registry:
            host, _, path = place.partition("/")
            return Address(host, "/".join(filter(None, (path.strip("/"), name.repository))))
    return Address("registry-1.docker.io" if name.registry == "docker.io" else name.registry, name.repository)


def is_loopback(host: str) -> bool:
    """Tell whether a host, with or without a port, is this very machine."""
    return bool(_LOOPBACK.match(host))


def is_host(text: str) -> bool:
    """Tell whether a text is a host, with or without a port."""
    return bool(_HOST.match(text))


def is_place(text: str) -> bool:
    """Tell whether a text is a host with or without a path, as a mirror is written."""
    host, slash, path = text.partition("/")
    return is_host(host) and (not slash or bool(_REPOSITORY.match(path)))
