"""What registries and package indexes answered when they were asked, as plain values.

Nothing here asks anybody: the command line does, before any transform runs, and hands the answers to them in
`Settings.live`. A run without the wish to ask has no answers at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Unknown(NamedTuple):
    """No answer: `reason` is one short sentence, in lower case and without a full stop."""

    reason: str


@dataclass(frozen=True, slots=True)
class Live:
    """What a registry says of an image.

    `platforms` are as `--platform` writes them ("linux/arm64", "linux/arm/v7"). `sizes` are compressed bytes (layers
    and config) for the platforms that were asked for. `digest` is that of the index, or of the manifest of an image
    for one platform: what a FROM is pinned to. `asked_at` is ISO 8601 in UTC, `source` the registry that answered.
    Where `exists` is false the rest is empty.
    """

    exists: bool
    platforms: tuple[str, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    digest: str = ""
    asked_at: str = ""
    source: str = ""

    def size_of(self, platform: str) -> int | None:
        """Return the compressed bytes for a platform, None where they were not read."""
        return dict(self.sizes).get(written_platform(platform))

    def is_for(self, platform: str) -> bool:
        """Tell whether the image is made for a platform."""
        return written_platform(platform) in self.platforms

    def leaves_out(self, platforms: Iterable[str]) -> bool:
        """Tell whether the size for one of `platforms` was not read, though the image is made for it."""
        return any(self.is_for(p) and self.size_of(p) is None for p in platforms)

    @property
    def day(self) -> str:
        """The ISO day of the answer."""
        return self.asked_at[:10]


class Requirement(NamedTuple):
    """A Python project as in requirements ("numpy", "numpy==2.1.0"), and the Python that it is for ("3.12")."""

    project: str
    python: str


@dataclass(frozen=True, slots=True)
class Wheels:
    """What a package index has of a project for one Python.

    `version` is the newest release that the requirement allows. `glibc` and `musl` are the architectures
    ("amd64", "arm64", "arm/v7") with a wheel for that C library; `pure` tells of a wheel for any system, `sdist` of a
    source distribution.
    """

    version: str
    pure: bool = False
    glibc: tuple[str, ...] = ()
    musl: tuple[str, ...] = ()
    sdist: bool = False
    asked_at: str = ""
    source: str = ""

    def on(self, libc: str, architecture: str) -> str:
        """Return what pip installs: "wheel", "pure", "sdist" (it must be compiled), or "" for nothing.

        `libc` is "glibc" or "musl".
        """
        if architecture in (self.musl if libc == "musl" else self.glibc):
            return "wheel"
        return "pure" if self.pure else "sdist" if self.sdist else ""


class Refusal(NamedTuple):
    """A registry or index that gave no answer: its host, the reason, and what it was asked for."""

    source: str
    reason: str
    asked: tuple[str, ...]


@dataclass(frozen=True)
class LiveFacts:
    """All answers of a run, by what was asked, word for word. `refusals` name who did not answer, once each."""

    images: Mapping[str, Live | Unknown] = field(default_factory=dict, hash=False)
    wheels: Mapping[Requirement, Wheels | Unknown] = field(default_factory=dict, hash=False)
    refusals: tuple[Refusal, ...] = ()

    def image(self, reference: str) -> Live | None:
        """Return the answer about an image; None where there is none."""
        found = self.images.get(reference)
        return found if isinstance(found, Live) else None

    def against(self, reference: str, platform: str = "") -> str:
        """Return what speaks against a base image, as a clause; "" for nothing that is known.

        `platform` is what a FROM asks for, "" or with a variable in it where that is open.
        """
        live = self.image(reference)
        if live is None:
            return ""
        if not live.exists:
            return f"there is no image {reference}"
        if platform and "$" not in platform and not live.is_for(platform):
            return f"{reference} is not made for {platform}"
        return ""

    def wheels_of(self, project: str, python: str) -> Wheels | None:
        """Return the answer about a project; None where there is none."""
        found = self.wheels.get(Requirement(project, python))
        return found if isinstance(found, Wheels) else None


_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "armhf": "arm"}
# The variant that an architecture has anyway. Source: containerd's platforms package.
_USUAL = {("arm64", "v8"), ("amd64", "v1")}


def written_platform(text: str) -> str:
    """Return a platform as it is written here: "linux/arm64/v8" and "linux/aarch64" are "linux/arm64"."""
    system, _, rest = text.strip().lower().partition("/")
    architecture, _, variant = rest.partition("/")
    if architecture == "armel":
        architecture, variant = "arm", "v6"
    architecture = _ARCHITECTURES.get(architecture, architecture)
    if architecture == "arm" and not variant:
        variant = "v7"
    if (architecture, variant) in _USUAL:
        variant = ""
    return "/".join(filter(None, (system, architecture, variant)))
