"""The small tables: end of life, sizes, names of packages on Alpine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from optimizer.catalog.build.alpine import alpine_rows
from optimizer.catalog.build.write import read_json, write_table

# Only Debian's longer support is open to everybody and reaches the images; elsewhere it is sold.
_FREE_EXTENSION = frozenset({"debian"})


def build_small(facts: Path) -> dict[str, int]:
    """Write the tables; return their sizes by name."""
    return {"life": _life(facts), "sizes": _sizes(facts), "alpine": _alpine(facts), "moves": _moves(facts)}


def _life(facts: Path) -> int:
    eol = read_json(facts / "eol.json")
    source = eol["_source"]
    header = {"source": source["repo"], "commit": source["commit"], "day": source["commit_date"]}
    columns = ["product cycle", "codename", "end of support", "end of extended support"]
    rows = []
    for product, found in eol["products"].items():
        for release in found["releases"]:
            extended = release.get("eoes") if product in _FREE_EXTENSION else None
            codename = (release.get("codename") or "").partition(" ")[0].lower()
            rows.append((f"{product} {release['cycle']}", codename, _day(release.get("eol")), _day(extended)))
    return write_table("life", {**header, "columns": columns}, rows)


def _day(value: object) -> str:
    if value is False:
        return "never"
    # Over, on a day that the source does not give: the day before all others.
    return "0001-01-01" if value is True else str(value or "")


def _sizes(facts: Path) -> int:
    header = {
        "source": "docker-library/repo-info, repos/*/remote/*.md, the newest entry of each image's history",
        "columns": ["image", "compressed bytes", "day", "platform"],
    }
    images: dict[str, dict[str, Any]] = read_json(facts / "sizes.json")["images"]
    rows = [(name, str(found["bytes"]), found["date"], "amd64") for name, found in images.items() if found.get("bytes")]
    return write_table("sizes", {**header, "day": max(row[2] for row in rows)}, rows)


def _moves(facts: Path) -> int:
    source = read_json(facts / "official-tags-history.json.gz")["_source"]
    header = {"source": source["repo"], "commit": source["head"], "day": source["head_date"]}
    moves = read_json(facts / "floating-tag-moves.json")
    rows = [(name, " ".join(f"{day}={distro}" for day, distro in found)) for name, found in moves.items()]
    return write_table("moves", {**header, "columns": ["image", "day and system of each move"]}, rows)


def _alpine(facts: Path) -> int:
    header = {
        "source": "docker-library Dockerfiles on Alpine 3.23 and 3.24; Alpine's package pages; ocaml/opam-repository, "
        "rstudio/r-system-requirements, mlocati/docker-php-extension-installer, ros/rosdistro",
        "day": "2026-11-23",
        "columns": ["Debian package", "Alpine packages", "level of evidence"],
    }
    return write_table("alpine", header, alpine_rows(facts))
