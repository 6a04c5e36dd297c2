"""Answers kept between runs, in the user's cache folder.

Only `--online` and `dockopt catalog refresh` read and write them: a plain run depends on nothing that it leaves behind.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from typing import Any

from optimizer.catalog.live import Live

_VERSION = 1
_NAME = "images.json"
# A cache of some thousand tags; older answers go first.
_MOST = 5000


def folder() -> str:
    """Return the cache folder: `dockopt` in XDG_CACHE_HOME, or where the system keeps caches."""
    from platformdirs import user_cache_dir

    return os.path.join(os.environ.get("XDG_CACHE_HOME") or user_cache_dir(), "dockopt")


def load() -> dict[str, Live]:
    """Return the stored answers by canonical name; none where the file is missing or is not as it was written."""
    try:
        with open(os.path.join(folder(), _NAME), encoding="utf-8") as file:
            table = json.load(file)
        if table["version"] != _VERSION:
            return {}
        return {str(name): _live(entry) for name, entry in table["images"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def keep(answers: Mapping[str, Live]) -> None:
    """Add answers to the stored ones, and drop what is gone; raises OSError where the folder cannot be written."""
    where = folder()
    os.makedirs(where, exist_ok=True)
    there = [(name, live) for name, live in (load() | dict(answers)).items() if live.exists]
    newest = sorted(there, key=lambda item: item[1].asked_at, reverse=True)[:_MOST]
    text = json.dumps({"version": _VERSION, "images": {name: _entry(live) for name, live in newest}}, indent=1)
    handle, path = tempfile.mkstemp(dir=where, prefix=_NAME)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path, os.path.join(where, _NAME))
    except BaseException:
        os.unlink(path)
        raise


def _entry(live: Live) -> dict[str, Any]:
    return {
        "exists": live.exists,
        "platforms": list(live.platforms),
        "sizes": dict(live.sizes),
        "digest": live.digest,
        "asked_at": live.asked_at,
        "source": live.source,
    }


def _live(entry: dict[str, Any]) -> Live:
    return Live(
        bool(entry["exists"]),
        tuple(map(str, entry["platforms"])),
        tuple((str(platform), int(size)) for platform, size in entry["sizes"].items()),
        str(entry["digest"]),
        str(entry["asked_at"]),
        str(entry["source"]),
    )
