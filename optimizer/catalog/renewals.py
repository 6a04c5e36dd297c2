"""The names under which a newer release of an image can be listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from optimizer.catalog.cycles import Life, as_numbers, cycles_of, is_over, version_of
from optimizer.catalog.naming import VERSION, read_tag, system_of
from optimizer.catalog.tags import Tag, find_tag
from optimizer.syntax.patterns import pattern

_NUMBER = pattern(r"v?\d+(\.\d+)*\Z")
_DAY = pattern(r"20\d{6}(\.\d)?\Z")
SystemLife = Callable[[str], Life | None]


def renewed(tag: Tag, ended: Life | None, life_of_system: SystemLife, today: str) -> Iterator[str]:
    """Return the names to try in place of a tag, the nearest first.

    `ended` is the release line of its product where that is over, None where it is supported.
    """
    words = tuple(word for word in read_tag(tag.image, tag.name).words if not _DAY.match(word))
    for with_version in _with_versions(tag.image, words, ended, today):
        for with_system in _with_systems(tag.image, with_version, life_of_system, today):
            yield "-".join(with_system)


def successors(tag: Tag, product: str, today: str) -> Iterator[str]:
    """Return the names to try in the Java image that took over: openjdk:8-jdk-slim becomes 8-jdk."""
    number = next((m.group() for m in map(VERSION.match, read_tag(tag.image, tag.name).words) if m), "")
    if not number:
        return
    kind = "jre" if "jre" in tag.variant.split("+") else "jdk"
    ending = "-alpine" if tag.distro.startswith("alpine:") else ""
    for line in _living(product, as_numbers(number)[:1], today):
        yield f"{line.cycle}-{kind}{ending}"


def _living(product: str, least: tuple[int, ...], today: str) -> list[Life]:
    """Return the supported release lines from one on, nearest first."""
    lines = [c for c in cycles_of(product) if as_numbers(c.cycle) >= least and not is_over(c, today)]
    return sorted(lines, key=lambda c: as_numbers(c.cycle))


def _with_versions(image: str, words: tuple[str, ...], ended: Life | None, today: str) -> Iterator[tuple[str, ...]]:
    at = next((i for i, word in enumerate(words) if _NUMBER.match(word)), None)
    if ended is None or at is None:
        yield words
        return
    for cycle in _living(ended.product, as_numbers(ended.cycle), today):
        for version in _as_exact(image, words[at], cycle.cycle):
            yield (*words[:at], version, *words[at + 1 :])


def _as_exact(image: str, written: str, cycle: str) -> Iterator[str]:
    """Return the versions of a release line to try: first one with as many numbers as the written one."""
    prefix = "v" if written.startswith("v") else ""
    count = written.count(".") + 1
    found = find_tag(image, prefix + cycle)
    newest = version_of(found) if found is not None else cycle
    yield prefix + ".".join(newest.split(".")[:count])
    yield prefix + cycle


def _with_systems(
    image: str, words: tuple[str, ...], life_of_system: SystemLife, today: str
) -> Iterator[tuple[str, ...]]:
    """Return the words as they are, with a later release of the system, and without naming any."""
    yield words
    at = next((i for i, word in enumerate(words) if system_of(image, word)), None)
    if at is None:
        return
    system = system_of(image, words[at])
    life = life_of_system(system)
    lines = _living(life.product, as_numbers(life.cycle), today) if life is not None else []
    for cycle in lines:
        for name in _release_names(words[at], system, cycle):
            yield (*words[:at], name, *words[at + 1 :])
    if words[at].startswith("alpine"):
        yield (*words[:at], "alpine", *words[at + 1 :])
    elif len(words) > 1:
        yield (*words[:at], *words[at + 1 :])


def _release_names(word: str, system: str, cycle: Life) -> Iterator[str]:
    release = system.partition(":")[2]
    if word.endswith(release) and release[:1].isdigit():
        yield word.removesuffix(release) + cycle.cycle
    else:
        yield cycle.codename
