"""Entries of a layer that lie behind a link of the same layer."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import replace

from optimizer.prove.image.tar import shown
from optimizer.prove.image.types import FileEntry, ImageError

_LIMIT = 40  # as the kernel has it


def follow_links(entries: dict[str, FileEntry], moved: Callable[[str, str], None]) -> None:
    """Put what lies behind a link where the engine writes it: `lib/x` with `lib -> usr/lib` is `usr/lib/x`.

    Calls `moved` with the old and the new path. Raises ImageError where a link leads out of the
    image, and for what lies below a file.
    """
    known: dict[str, str] = {"": ""}
    for path in list(entries):
        folder, _, name = path.rpartition("/")
        real = _real(entries, folder, known)
        if real == folder:
            continue
        new = f"{real}/{name}" if real else name
        entries[new] = replace(entries.pop(path), path=new)
        moved(path, new)


def _real(entries: dict[str, FileEntry], folder: str, known: dict[str, str]) -> str:
    """Return where a folder is, links of this layer followed."""
    if folder in known:
        return known[folder]
    parts = folder.split("/")[::-1]
    real, left = "", _LIMIT
    while parts:
        step = posixpath.join(real, parts.pop())
        entry = entries.get(step)
        if entry is None or entry.kind == "folder":
            real = step
            continue
        left -= 1
        if entry.kind != "link" or left < 0:
            raise ImageError(f"holds files below {shown(step)}, which is no folder")
        target = posixpath.normpath(posixpath.join("/", real, entry.target) if entry.target else ".").lstrip("/")
        if _leads_out(real, entry.target):
            raise ImageError(f"holds files behind {shown(step)}, a link that leads out of the image")
        real, parts = "", parts + [part for part in target.split("/")[::-1] if part not in ("", ".")]
    known[folder] = real
    return real


def _leads_out(folder: str, target: str) -> bool:
    """Tell whether a link climbs above the root."""
    depth = 0 if target.startswith("/") else len([part for part in folder.split("/") if part])
    for part in target.split("/"):
        if part == "..":
            depth -= 1
        elif part not in ("", "."):
            depth += 1
        if depth < 0:
            return True
    return False
