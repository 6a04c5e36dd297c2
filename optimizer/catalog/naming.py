"""How the tags of official images are spelled: words parted by hyphens, some of them with a fixed meaning.

Source of the words: docker-library/official-images, all tags listed from July 2013 to August 2026.
"""

from __future__ import annotations

from typing import NamedTuple

from optimizer.syntax.patterns import pattern

DEBIAN_RELEASES = (
    "squeeze wheezy jessie stretch buster bullseye bookworm trixie forky duke sid stable oldstable oldoldstable "
    "testing unstable experimental rc-buggy"
).split()
UBUNTU_RELEASES = (
    "lucid precise quantal raring saucy trusty utopic vivid wily xenial yakkety zesty artful bionic cosmic disco eoan "
    "focal groovy hirsute impish jammy kinetic lunar mantic noble oracular plucky questing resolute stonking"
).split()
# Words that every image uses for its own releases; only these images mean Debian's by them.
_MOVING = frozenset("stable oldstable oldoldstable testing unstable experimental".split())
_OF_DEBIAN = frozenset({"debian", "buildpack-deps"})
_RELEASES = {
    **{word: f"debian:{word}" for word in DEBIAN_RELEASES},
    **{word: f"ubuntu:{word}" for word in UBUNTU_RELEASES},
}
_VARIANTS = frozenset(
    "slim alpine jre fpm zts apache cli perl otel management headless native minimal threaded onbuild dind git "
    "rootless builder backports curl scm glibc musl uclibc".split()
)
_WORD = pattern(r"alpine-?3\.\d+|[^-]+")
_ALPINE = pattern(r"alpine-?(\d+\.\d+)?\Z")
_OTHER_SYSTEM = pattern(r"(?:al|amazonlinux)(\d+)\Z|oraclelinux-?(\d*)\Z|oracle\Z|ubi(\d+)\Z|fedora(\d*)\Z")
_NAMES = ("amazonlinux", "oraclelinux", "ubi", "fedora")
_JRE = pattern(r"jre\d*\Z")
WINDOWS = pattern(r"windows|nanoserver|servercore")
VERSION = pattern(r"v?\d+(\.\d+)*")


class Reading(NamedTuple):
    """A tag taken apart.

    `words` are all its words; `core` those that say neither distribution nor slim or alpine; `distro` as in
    "debian:bookworm", "" where the tag names none; `variant` the words that name a variant, sorted and joined by "+".
    """

    words: tuple[str, ...]
    core: tuple[str, ...]
    distro: str
    variant: str


def read_tag(image: str, tag: str) -> Reading:
    """Take a tag of an official image apart by its words."""
    words = tuple(_WORD.findall(tag))
    distro, variants, core = "", set(), []
    for word in words:
        system = system_of(image, word)
        distro = system or distro
        if _ALPINE.match(word):
            variants.add("alpine")
        elif _JRE.match(word):
            variants.add("jre")
            core.append(word)
        elif word in _VARIANTS:
            variants.add(word)
            if word != "slim":
                core.append(word)
        elif not system:
            core.append(word)
    return Reading(words, tuple(core), distro, "+".join(sorted(variants)) or "default")


def system_of(image: str, word: str) -> str:
    """Return the distribution that one word of a tag names, such as "alpine:3.24"; "" for none."""
    if word in _MOVING and image not in _OF_DEBIAN:
        return ""
    alpine = _ALPINE.match(word)
    if alpine:
        return f"alpine:{alpine.group(1)}" if alpine.group(1) else ""
    other = _OTHER_SYSTEM.match(word)
    if other:
        if other.group() == "oracle":
            return "oraclelinux:?"
        at = next((i for i, version in enumerate(other.groups()) if version is not None), 1)
        return f"{_NAMES[at]}:{other.groups()[at] or '?'}"
    return _RELEASES.get(word, "")


def platform_of(architecture: str) -> str:
    """Return the OCI platform of an architecture as official-images spells it: "arm32v7" is "arm/v7"."""
    return {"arm64v8": "arm64", "i386": "386"}.get(architecture, architecture.replace("arm32", "arm/"))
