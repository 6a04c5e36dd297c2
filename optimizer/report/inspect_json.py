"""What `dockopt inspect` tells, as JSON."""

from __future__ import annotations

import json
from typing import Any

from optimizer.catalog.sizes import Size
from optimizer.facts.inspection import Inspection
from optimizer.facts.smaller import Smaller
from optimizer.report.words import notable


def inspect_json(files: list[tuple[str, list[Inspection]]], today: str, data_day: str) -> str:
    """Return a document for all files; `today` and `data_day` are ISO days, the latter that of the catalog."""
    content = {
        "today": today,
        "catalog": data_day,
        "files": [{"path": name, "stages": [stage_values(item) for item in found]} for name, found in files],
    }
    return json.dumps(content, indent=2, ensure_ascii=True) + "\n"


def stage_values(item: Inspection) -> dict[str, Any]:
    """Return one stage as values that JSON knows."""
    return {
        "index": item.number,
        "name": item.name or None,
        "line": item.line,
        "base": {"written": item.written, "resolved": item.resolved, "note": item.note or None},
        "stages": list(item.stages),
        "chain": list(item.chain),
        "official": item.official,
        "tag": item.tag._asdict() if item.tag else None,
        "distroless": _distroless(item),
        "distribution": item.distro._asdict() if item.distro else None,
        "shell": item.shell or None,
        "user": item.user or None,
        "size": size_values(item.size),
        "support": [{**found.life._asdict(), "over": found.over} for found in item.support],
        "smaller": [smaller_values(found) for found in item.smaller],
    }


def size_values(size: Size | None) -> dict[str, Any] | None:
    """Return a size as values that JSON knows."""
    return size._asdict() if size else None


def _distroless(item: Inspection) -> dict[str, Any] | None:
    found = item.distroless
    if found is None:
        return None
    return {
        "name": found.name,
        "runtime": found.runtime or None,
        "entrypoint": list(found.entrypoint),
        "retired": found.retired or None,
    }


def smaller_values(found: Smaller) -> dict[str, Any]:
    """Return a smaller image as values that JSON knows."""
    if found.reason:
        return {"kind": found.kind, "name": None, "reason": found.reason}
    values: dict[str, Any] = {"kind": found.kind, "name": found.name, "guessed": found.guessed}
    values["size"] = size_values(found.size)
    if found.lost is None:
        return {**values, "missing": None}
    return {
        **values,
        "missing": {
            "notable": notable(found.lost.commands),
            "packages": sorted(found.lost.packages),
            "commands": sorted(found.lost.commands),
        },
    }
