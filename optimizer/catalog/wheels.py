"""Which dependencies of an application have native code, and whether that comes prebuilt.

The lists are data/wheels.txt and data/node-native.txt; each says how it is known. They hold the projects that are most
often named in requirements; what they do not hold is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from optimizer.catalog.store import DATA
from optimizer.syntax.patterns import pattern

_RUNS = pattern(r"[-_.]+")
_ENTRY = pattern(r"([\w.-]+)(?:@([\w.]+))?(?:\(([^)]*)\))?\Z")


class Wheel(NamedTuple):
    """How pip installs a project on Linux.

    `glibc` and `musl` are "pure", "wheel" (prebuilt), "sdist" (it must be compiled) or "" (not known). `needs` are the
    Debian packages, besides a C compiler, that compiling it takes. `musl_since` is a release from which a wheel for
    musl is there for sure, "" where that is not known. `checked` tells that the index was asked.
    """

    glibc: str
    musl: str
    needs: tuple[str, ...]
    musl_since: str
    checked: bool


def python_wheel(project: str) -> Wheel | None:
    """Return what is known of a PyPI project, by any spelling of its name; None for nothing."""
    return _wheels().get(_RUNS.sub("-", project).lower())


def node_native(package: str) -> str:
    """Return "compiles" (node-gyp) or "prebuilt" for an npm package on glibc; "" for one not known as native."""
    return _node().get(package, ("", ""))[0]


def node_native_on_musl(package: str) -> str:
    """Return the same for musl, where fewer packages come prebuilt."""
    return _node().get(package, ("", ""))[1]


@lru_cache(maxsize=1)
def _wheels() -> dict[str, Wheel]:
    found = {}
    for (glibc, musl, evidence), words in _sections("wheels.txt"):
        for word in words:
            name, since, needs = _ENTRY.match(word).groups(default="")  # type: ignore[union-attr]  # by the tests
            packages = tuple(needs.split(",")) if needs else ()
            found[name] = Wheel(glibc.strip("?"), musl.strip("?"), packages, since, evidence == "checked")
    return found


@lru_cache(maxsize=1)
def _node() -> dict[str, tuple[str, str]]:
    return {name: (head[0], head[1]) for head, words in _sections("node-native.txt") for name in words}


def _sections(file: str) -> Iterator[tuple[list[str], list[str]]]:
    """Return each line of names with the words in the bracket above it."""
    head: list[str] = []
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            head = line.strip("[]").split()
        elif line and not line.startswith("#"):
            yield head, line.split()
