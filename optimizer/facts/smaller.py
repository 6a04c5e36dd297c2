"""The smaller images that could stand in for a base, and what would be missing in each."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.catalog.cycles import version_of
from optimizer.catalog.distroless import Distroless, distroless
from optimizer.catalog.missing import Lost, lost
from optimizer.catalog.parents import SYSTEMS
from optimizer.catalog.siblings import No, sibling
from optimizer.catalog.sizes import Size, size_of
from optimizer.catalog.tags import Tag

_JAVA = frozenset({"adoptopenjdk", "amazoncorretto", "eclipse-temurin", "java", "openjdk", "tomcat"})
_RUNTIMES = {"python": "python3", "node": "nodejs", "eclipse-temurin": "java", "openjdk": "java"}


class Smaller(NamedTuple):
    """A smaller image: its kind ("slim", "alpine", "alpine-slim", "jre", "distroless") and full name.

    `reason` says why there is none, then the rest is empty. `lost` is None where it is not known what is missing.
    `guessed`: its name was formed by the rule, it was never seen.
    """

    kind: str
    name: str = ""
    reason: str = ""
    size: Size | None = None
    lost: Lost | None = None
    guessed: bool = False


def smaller(tag: Tag) -> tuple[Smaller, ...]:
    """Return each kind of smaller image that makes sense for a tag, or why there is none of that kind."""
    variants = set(tag.variant.split("+"))
    kinds = ["jre"] if tag.image in _JAVA and not variants & {"jre", "headless"} else []
    if tag.distro.startswith("alpine:"):
        kinds += ["alpine-slim"] if tag.image == "nginx" and "slim" not in variants else []
    else:
        kinds += [] if "slim" in variants else ["slim"]
        kinds += [] if tag.image in SYSTEMS else ["alpine"]
        kinds += ["alpine-slim"] if tag.image == "nginx" else []
    found = [_sibling(tag, kind) for kind in kinds]
    if tag.image in _RUNTIMES and not tag.distro.startswith("alpine:"):
        found.append(_distroless(tag))
    return tuple(found)


def _sibling(tag: Tag, kind: str) -> Smaller:
    found = sibling(tag, kind)
    if isinstance(found, No):
        return Smaller(kind, reason=found.reason)
    return Smaller(kind, str(found), "", size_of(found.image, found.name), lost(tag, found), found.guessed)


def _distroless(tag: Tag) -> Smaller:
    found = distroless(_RUNTIMES[tag.image], version_of(tag))
    if isinstance(found, Distroless):
        return Smaller("distroless", found.name)
    return Smaller("distroless", reason=found.reason)
