"""What the layers of Debian's images install: the base, buildpack-deps and the images' own packages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from optimizer.catalog.build.debian import commands_of_releases
from optimizer.catalog.build.write import read_json, write_table
from optimizer.catalog.packages import RELEASES


def build_parts(facts: Path) -> dict[str, int]:
    """Write one table for each release; return their sizes by name."""
    closures = read_json(facts / "buildpack-deps-closure.json")
    own = read_json(facts / "image-packages.json")
    commands = commands_of_releases(facts)
    header = {
        "source": "docker-library/buildpack-deps and the Dockerfiles that optimizer/catalog/parents.py names; their "
        "packages with all that these depend on, by a simulation of apt",
        "day": own["_source"]["date"],
        "columns": ["part", "packages", "commands, each with its package"],
    }
    sizes = {}
    for release in RELEASES:
        closure = closures[release]
        parts: dict[str, list[str]] = {"base": closure["base_list"]}
        parts |= {f"buildpack-deps {level}": closure[level]["packages"] for level in ("curl", "scm", "full")}
        parts |= own["releases"][release]
        rows = [(part, " ".join(packages), _commands(packages, commands[release])) for part, packages in parts.items()]
        sizes[f"parts/{release}"] = write_table(f"parts/{release}", header, rows)
    return sizes


def _commands(packages: list[str], commands: dict[str, Any]) -> str:
    inside = set(packages)
    found = {}
    for command, holders in commands.items():
        here = sorted(inside & set(holders), key=lambda name: (name.endswith("-minimal"), len(name)))
        if here:
            found[command] = here[0]
    return " ".join(f"{command}={package}" for command, package in sorted(found.items()))
