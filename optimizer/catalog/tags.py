"""The tags of the official images: those listed today, those ever listed, and a guess for those not known.

Source: docker-library/official-images, its whole history; commit and day stand in each data file. A tag that is no
longer listed can still be pulled, it only is not renewed any more. "Listed" is not "pushed": a build may have failed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from optimizer.catalog.naming import VERSION, WINDOWS, read_tag
from optimizer.catalog.store import table


class Tag(NamedTuple):
    """A tag of an official image.

    `distro` is as in "debian:trixie" or "alpine:3.24", "debian:?" where only the family is known, "" where nothing is.
    `variant` is "default", "slim", "alpine", "jre", "alpine+jre" and the like. `architectures` are OCI platforms
    ("amd64", "arm64", "arm/v7"), () where not recorded. `first` and `last` are the ISO days on which it was first
    and last listed, `last` "" while it still is. `guessed`: it was never seen, only its spelling fits.
    """

    image: str
    name: str
    distro: str
    variant: str
    architectures: tuple[str, ...]
    first: str
    last: str
    guessed: bool

    @property
    def listed(self) -> bool:
        """Whether the image is renewed under this tag as far as is known."""
        return not self.guessed and not self.last

    def __str__(self) -> str:
        return f"{self.image}:{self.name}"


def is_official(image: str) -> bool:
    """Tell whether the catalog has the tags of this official image."""
    return table("images").row(image) is not None


def official_names() -> tuple[str, ...]:
    """Return the names of all official images that the catalog has."""
    return tuple(name for name, _ in table("images").rows())


def tag_names(image: str) -> tuple[str, ...]:
    """Return all tags of an official image that were ever listed."""
    return tuple(name for name, _ in table(f"tags/{image}").rows())


def data_day() -> str:
    """Return the ISO day to which the tags are known."""
    return str(table("images").header["day"])


@lru_cache(maxsize=256)
def find_tag(image: str, tag: str) -> Tag | None:
    """Return what is known of a tag; a guess by its spelling where it was never listed; None where that fails too."""
    if not is_official(image):
        return None
    row = table(f"tags/{image}").row(tag)
    if row is None:
        return _guess(image, tag)
    header = table(f"tags/{image}").header
    distro, variant, architectures, first, last, _ = row
    return Tag(
        image,
        tag,
        header["distros"][int(distro)],
        header["variants"][int(variant)],
        tuple(header["architectures"][int(architectures)].split()),
        _day(first),
        _day(last),
        guessed=False,
    )


def aliases(tag: Tag) -> tuple[str, ...]:
    """Return all names of the image that a listed tag stands for, its own among them; () for a tag not listed."""
    if not tag.listed:
        return ()
    row = table(f"tags/{tag.image}").row(tag.name)
    return tuple(table(f"tags/{tag.image}").keys_with_last(row[-1])) if row else ()


def moved(tag: Tag) -> tuple[tuple[str, str], ...]:
    """Return the ISO days on which a floating tag moved to another system, and the system, the oldest first.

    () for tags whose moves were not looked at. The last one is the system that the tag stands on.
    """
    row = table("moves").row(str(tag))
    pairs = (pair.partition("=") for pair in row[0].split()) if row else ()
    return tuple((day, distro) for day, _, distro in pairs)


def _day(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if text else ""


def _guess(image: str, tag: str) -> Tag | None:
    """Read a tag by the naming rule: a version, and an ending that other tags of this image have."""
    version = VERSION.match(tag)
    if version is None or WINDOWS.search(tag):
        return None
    number, ending = version.group(), tag[version.end() :]
    if ending and (ending[0] != "-" or not table(f"tags/{image}").has_ending(ending)):
        return None
    reading = read_tag(image, tag)
    # A release of the same line stands on what the line stands on; a whole new line could stand on anything.
    distro = reading.distro or next((found for found in _distros_of_line(image, number, ending)), "")
    return Tag(image, tag, distro, reading.variant, (), "", "", guessed=True)


def _distros_of_line(image: str, number: str, ending: str) -> list[str]:
    parts = number.split(".")
    lines = (".".join(parts[:count]) for count in range(len(parts) - 1, 1, -1))
    rows = ((table(f"tags/{image}").row(line + ending)) for line in lines)
    return [table(f"tags/{image}").header["distros"][int(row[0])] for row in rows if row]
