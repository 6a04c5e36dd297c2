"""How a repository says that a Dockerfile is built: its compose and bake files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from optimizer.context.build import Build

COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_COMPOSE_ENDS = (".yml", ".yaml")
BAKE = ("docker-bake.hcl", "docker-bake.json", "docker-bake.override.hcl", "docker-bake.override.json")
LIMIT, MOST_LEVELS = 1_000_000, 12


class Builds:
    """Finds the builds of Dockerfiles; each compose and bake file is read once."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Build, ...]] = {}
        self._listed: dict[str, tuple[str, ...]] = {}

    def of(self, dockerfile: str) -> tuple[Build, ...]:
        """Return the builds that name a Dockerfile, in its folder and those above it up to the repository's root.

        Outside of a repository only its own folder is looked at. Files that can't be read name nothing.
        """
        wanted = os.path.realpath(dockerfile)
        found: list[Build] = []
        for folder in _up(os.path.dirname(wanted)):
            if folder not in self._listed:
                self._listed[folder] = tuple(_naming_files(folder))
            for path in self._listed[folder]:
                if path not in self._read:
                    self._read[path] = tuple(_read(path))
                found += (b for b in self._read[path] if os.path.realpath(b.dockerfile) == wanted)
        return tuple(found)


def one_context(builds: Iterable[Build]) -> Build | None:
    """Return the first build if all of them have the same context, None where they do not agree or there is none."""
    builds = list(builds)
    agree = len({os.path.realpath(b.context) for b in builds}) == 1
    return builds[0] if agree else None


def _up(folder: str) -> list[str]:
    chain = []
    here = folder
    for _ in range(MOST_LEVELS):
        chain.append(here)
        if os.path.exists(os.path.join(here, ".git")):
            return chain
        parent = os.path.dirname(here)
        if parent == here:
            break
        here = parent
    return [folder]


def _naming_files(folder: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        composed = name.startswith(("docker-compose", "compose.")) and name.endswith(_COMPOSE_ENDS)
        if composed or name in BAKE:
            yield os.path.join(folder, name)


def _read(path: str) -> Iterator[Build]:
    try:
        if os.path.getsize(path) > LIMIT or not os.path.isfile(path):
            return
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return
    if os.path.basename(path) in BAKE:
        from optimizer.context.bake import read_bake

        yield from read_bake(path, text)
    elif "build" in text:
        from optimizer.context.compose import read_compose

        yield from read_compose(path, text)
