"""The chain of an official image down to scratch, each FROM in turn."""

from __future__ import annotations

from functools import lru_cache

from optimizer.catalog.naming import read_tag, system_of
from optimizer.catalog.parents import OLD_RELEASES, PARENTS, SYSTEMS
from optimizer.catalog.tags import Tag, aliases, find_tag
from optimizer.syntax.patterns import pattern

SCRATCH = "scratch"
_HOLE = pattern(r"\{(\w+)\}")
_NUMBERS = {
    "java": pattern(r"(?:jdk-?|jre-?|openjdk-|eclipse-temurin-|temurin-|amazoncorretto-)(\d+)"),
    "php": pattern(r"php(\d+\.\d+)"),
    "otp": pattern(r"otp-(\d+)"),
}
_LONGEST = 8


@lru_cache(maxsize=256)
def chain(image: str, tag: str) -> tuple[str, ...]:
    """Return an image and what it is built from: ("httpd:2.4", "debian:trixie-slim", "scratch").

    () where a link is not known. A parent without a tag is one whose release is not known.
    """
    links = [f"{image}:{tag}"]
    while links[-1] != SCRATCH and len(links) < _LONGEST:
        above = parent(*_parted(links[-1]))
        if not above:
            return ()
        links.append(above)
    return tuple(links) if links[-1] == SCRATCH else ()


def parent(image: str, tag: str) -> str:
    """Return what an image is built from, such as "debian:trixie-slim" or "scratch"; "" where it is not known."""
    if image in SYSTEMS or image.startswith("redhat/"):
        return SCRATCH
    known = find_tag(image, tag)
    if known is None:
        return ""
    system, _, release = known.distro.partition(":")
    if release in OLD_RELEASES:
        return ""
    words = set(known.variant.split("+"))
    names = (tag, *aliases(known))
    for family, word, template in PARENTS.get(image, ()):
        if family in ("", system) and (word in ("", *words) or any(word in name for name in names)):
            return _filled(template, known, word)
    return ""


def _parted(reference: str) -> tuple[str, str]:
    image, _, tag = reference.partition(":")
    return image, tag or "latest"


def _filled(template: str, tag: Tag, word: str) -> str:
    system, _, release = tag.distro.partition(":")
    values = {"system": system, "release": "" if release == "?" else release, "name": _without(tag, word)}
    values["kind"] = "jre" if "jre" in tag.variant.split("+") else "jdk"
    for hole in _HOLE.findall(template):
        if hole in _NUMBERS:
            found = (_NUMBERS[hole].search(name) for name in (tag.name, *aliases(tag)))
            values[hole] = next((match.group(1) for match in found if match), "")
    if template.partition(":")[2] == "{release}" and system != "busybox" and not values["release"]:
        return template.partition(":")[0]
    if any(not values[hole] for hole in _HOLE.findall(template)):
        return ""
    filled = template.format(**values).replace(":latest+", ":").replace("+", "-")
    if "-slim" in template and tag.image == "nginx" and tag.distro.startswith("alpine:"):
        slim = find_tag(*_parted(filled))
        if slim is None or slim.guessed:
            # The chain through alpine-slim began with nginx 1.23.2.
            return f"alpine:{release}"
    return filled


def _without(tag: Tag, word: str) -> str:
    """Return a tag without one of its words; "latest" where nothing but the system is left."""
    words = [part for part in read_tag(tag.image, tag.name).words if part != word]
    if not words or (len(words) == 1 and system_of(tag.image, words[0]) and tag.image != "nginx"):
        return "latest"
    return "-".join(words)
