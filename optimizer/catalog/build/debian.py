"""Debian's packages: which exist, which commands they hold, and the run-time libraries behind -dev packages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from optimizer.catalog.build.alternatives import ALTERNATIVES
from optimizer.catalog.build.write import read_json, write_table
from optimizer.catalog.packages import IGNORED, RELEASES, shard

_SOURCE = {"source": "Debian's indexes (Packages and Contents, main, amd64) of bullseye, bookworm and trixie"}


def build_debian(facts: Path) -> dict[str, int]:
    """Write the tables; return their sizes by name."""
    packages = read_json(facts / "debian-packages.json.gz")
    day = packages["_source"]["date"]
    names: dict[str, dict[str, Any]] = packages["releases"]
    commands = commands_of_releases(facts)
    contents: dict[str, dict[str, list[str]]] = {release: defaultdict(list) for release in RELEASES}
    for release in RELEASES:
        for command, holders in commands[release].items():
            for holder in holders:
                contents[release][holder].append(command)
    runtime = read_json(facts / "debian-dev-runtime.json.gz")
    header = {**_SOURCE, "day": day}
    return {
        **_sharded("names", header, {r: {n: _kind(k) for n, k in names[r].items()} for r in RELEASES}, str),
        **_sharded("commands", header, commands, " ".join),
        **_sharded("contents", header, contents, " ".join),
        **_sharded("runtime", header, runtime, _libraries),
    }


def commands_of_releases(facts: Path) -> dict[str, dict[str, list[str]]]:
    """Return the packages of each command, for each release."""
    names = read_json(facts / "debian-packages.json.gz")["releases"]
    commands = {release: read_json(facts / f"debian-commands-{release}.json.gz") for release in RELEASES}
    for release in RELEASES:
        _add_alternatives(commands[release], names[release])
    return commands


def _add_alternatives(commands: dict[str, list[str]], names: dict[str, Any]) -> None:
    for command, holders in ALTERNATIVES.items():
        present = [holder for holder in holders if isinstance(names.get(holder), str)]
        if present:
            commands[command] = sorted({*commands.get(command, []), *present})


def _kind(found: str | list[str]) -> str:
    """Return "d" for a package of development, "r" for another, "v" or "w" for a virtual one of one or more."""
    if isinstance(found, list):
        return "v" if len(found) == 1 else "w"
    return "d" if found.rpartition("/")[2] in ("devel", "libdevel") else "r"


def _libraries(found: list[str]) -> str:
    # A package that is known to need none differs from one that is not known.
    return " ".join(found) or "-"


def _sharded(
    name: str, header: dict[str, Any], releases: dict[str, Any], write: Callable[[Any], str]
) -> dict[str, int]:
    shards: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in sorted(set().union(*(releases[release] for release in RELEASES))):
        if not key.startswith(IGNORED) and "\t" not in key:
            shards[shard(key)].append((key, *_columns(key, releases, write)))
    full = {**header, "columns": [name, *RELEASES]}
    return {f"{name}/{at}": write_table(f"{name}/{at}", full, rows) for at, rows in shards.items()}


def _columns(key: str, releases: dict[str, Any], write: Callable[[Any], str]) -> Iterator[str]:
    """Return one column for each release; "=" stands for the same as in the release before."""
    before = None
    for release in RELEASES:
        found = releases[release].get(key)
        text = "" if found is None else write(found)
        yield "=" if text and text == before else text
        before = text
