"""The smaller siblings of a tag: the same version of the same image as its slim, Alpine or JRE variant.

A sibling is looked up among the tags that were really listed. Only for a tag that the catalog does not know is its
name formed by the rule, and then it is marked as guessed. Source: docker-library/official-images; the rule holds for
all current tags of python, ruby and rust and for all but one of node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from optimizer.catalog.lineage import parent
from optimizer.catalog.naming import read_tag, system_of
from optimizer.catalog.store import table
from optimizer.catalog.tags import Tag, aliases, find_tag
from optimizer.syntax.patterns import pattern

KINDS = ("slim", "alpine", "alpine-slim", "jre")
PLATFORMS = ("amd64", "arm64")
_JDK = pattern(r"jdk(\d*)\Z")
# Where a tag says only the family: their words for "the newest one".
_LATEST = {"debian": ("stable",), "perl": ("stable", "latest")}


class No(NamedTuple):
    """Why there is none: one short sentence, lower case, no full stop."""

    reason: str


def sibling(tag: Tag, kind: str, platforms: Iterable[str] = PLATFORMS) -> Tag | No:
    """Return the sibling of a tag, or why it must not be used.

    `kind` is "slim", "alpine", "alpine-slim" (nginx) or "jre" (Java images). Refused are a sibling that was given up
    before the tag itself, one on another distribution (but for Alpine), and one that lacks any of `platforms` that
    the tag has.
    """
    if kind in tag.variant.split("+") or (kind == "alpine-slim" and {"alpine", "slim"} <= set(tag.variant.split("+"))):
        return No(f"{tag} is the {kind} variant already")
    if kind in ("slim", "alpine") and tag.distro.startswith("alpine:"):
        return No(f"{tag} stands on Alpine already")
    names = tuple(dict.fromkeys("-".join(words) for words in _spellings(tag, kind)))
    if kind == "jre":
        # A name that says nothing of Java, such as tomcat:9, has others that do.
        others = sorted((name for name in aliases(tag) if "jdk" in name), key=len)
        names += tuple(name.replace("jdk", "jre", 1) for name in others)
    found = [other for other in (find_tag(tag.image, name) for name in names) if other is not None and other != tag]
    listed = [other for other in found if not other.guessed]
    if not listed and not (tag.guessed and found):
        return No(_none(tag, kind))
    # The same name can be spelled in two ways over the years: the one that lived longest is the sibling.
    best = max(listed, key=lambda other: other.last or "9999") if listed else found[0]
    return _judged(tag, best, kind, frozenset(platforms))


def _judged(tag: Tag, other: Tag, kind: str, platforms: frozenset[str]) -> Tag | No:
    if other.last and (not tag.last or other.last < tag.last):
        held = f"{tag} until {tag.last}" if tag.last else f"{tag} to this day"
        return No(f"{other} has not been renewed since {other.last}" + ("" if tag.guessed else f", {held}"))
    if kind in ("slim", "jre") and not _same_system(tag, other):
        return No(f"{other} stands on {other.distro or 'an unknown system'}, {tag} on {tag.distro or 'an unknown one'}")
    if tag.architectures and other.architectures:
        lost = sorted(platforms & set(tag.architectures) - set(other.architectures))
        if lost:
            return No(f"{other} is not published for {' and '.join(lost)}")
    return other


def _same_system(tag: Tag, other: Tag) -> bool:
    if tag.guessed or other.guessed:
        return not tag.distro or not other.distro or tag.distro == other.distro
    return tag.distro == other.distro


def _none(tag: Tag, kind: str) -> str:
    above = parent(tag.image, tag.name)
    if kind == "slim" and above.endswith("-slim"):
        return f"{tag} stands on {above} already"
    variants = (set(variant.split("+")) for variant in table(f"tags/{tag.image}").header["variants"])
    if not any(set(kind.split("-")) <= words and (kind != "slim" or "alpine" not in words) for words in variants):
        return f"there is no {kind} variant of {tag.image}"
    return f"no {kind} variant of {tag} was ever listed"


def _spellings(tag: Tag, kind: str) -> Iterator[tuple[str, ...]]:
    """Return the words of all names that the sibling could have, the usual ones first."""
    reading = read_tag(tag.image, tag.name)
    system = tuple(word for word in reading.words if system_of(tag.image, word) and not word.startswith("alpine"))
    for core in _cores(tag, reading.core):
        if kind == "jre":
            yield from _jre_spellings(reading.words if core == reading.core else core)
        elif kind == "slim":
            for base in _inserted(core, system):
                yield from _inserted(base, ("slim",))
        elif kind == "alpine":
            yield from _inserted(core, ("alpine",))
        elif kind == "alpine-slim":
            alpine = tuple(word for word in reading.words if word.startswith("alpine")) or ("alpine",)
            yield from _inserted(core, (*alpine, "slim"))


def _cores(tag: Tag, core: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Return a tag's own words without distribution and variant, and what stands for them in its siblings' names."""
    if core == ("latest",):
        yield ()
        yield from ((word,) for word in _LATEST.get(tag.image, ()))
        return
    yield core
    if tag.image == "node" and len(core) == 2 and core[0] == "lts":
        yield core[1:]


def _inserted(words: tuple[str, ...], more: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Return the words with some more put in at each place, the end first."""
    if not more:
        yield words
        return
    for at in range(len(words), -1, -1):
        yield (*words[:at], *more, *words[at:])


def _jre_spellings(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    words = () if words == ("latest",) else words
    marked = [at for at, word in enumerate(words) if _JDK.match(word)]
    for at in marked:
        yield (*words[:at], words[at].replace("jdk", "jre"), *words[at + 1 :])
    if not marked:
        yield from _inserted(words, ("jre",))
        yield from _inserted(words, ("headless",))
