"""Image references, resolved through the defaults of ARG."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.syntax.patterns import pattern

_VARIABLE = pattern(r"\$(?:\{(\w+)([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}|(\w+))")
_DIGEST = pattern(r"@(sha\d+:[0-9a-f]+)\Z")
_TAG = pattern(r":([\w][\w.-]{0,127})\Z")
_DOCKER_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})


@dataclass(frozen=True, slots=True)
class ImageRef:
    """An image reference taken apart; `raw` is as it is written, `resolved` with ARG defaults.

    `registry` is "docker.io" and `repository` starts with "library/" where neither is written.
    `known` tells that every variable in it had a default.
    """

    raw: str
    resolved: str
    registry: str
    repository: str
    tag: str | None
    digest: str | None
    known: bool

    @property
    def official(self) -> str | None:
        """The name of an official image of Docker Hub, such as `python`, or None."""
        if self.registry == "docker.io" and self.repository.startswith("library/"):
            return self.repository[len("library/") :]
        return None


def expand(text: str, values: Mapping[str, str | None]) -> tuple[str, bool]:
    """Replace variables as the builder does; the flag tells whether all of them had a value."""
    known = True

    def put(match: re.Match[str]) -> str:
        nonlocal known
        name, modifier = match.group(1) or match.group(3), match.group(2) or ""
        value = values.get(name)
        operator = modifier[: 2 if modifier.startswith(":") else 1]
        if not operator or operator[-1] == "?":
            found = value
        elif operator in ("-", ":-", "+", ":+"):
            is_set = bool(value) if operator[0] == ":" else value is not None
            found = value
            if is_set == (operator[-1] == "+"):
                found, sure = expand(modifier[len(operator) :], values)
                known = known and sure
            elif not is_set:
                found = ""
        else:
            found = None
        known = known and found is not None
        return match.group() if found is None else found

    return _VARIABLE.sub(put, text), known


def read_image(raw: str, values: Mapping[str, str | None]) -> ImageRef:
    """Take an image reference apart. Source of the rules: distribution/reference."""
    resolved, known = expand(raw, values)
    rest = resolved
    digest = _DIGEST.search(rest)
    if digest:
        rest = rest[: digest.start()]
    tag = _TAG.search(rest)
    if tag and "/" not in tag.group(1):
        rest = rest[: tag.start()]
    head, slash, tail = rest.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost"):
        registry, repository = head, tail
    else:
        registry, repository = "docker.io", rest
    if registry in _DOCKER_HUB:
        registry = "docker.io"
        if "/" not in repository:
            repository = f"library/{repository}"
    return ImageRef(
        raw, resolved, registry, repository, tag.group(1) if tag else None, digest.group(1) if digest else None, known
    )
