"""Absolute paths in an image: which folder holds which."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase


def covers(folder: str, path: str) -> bool:
    """Tell whether a path is a folder or lies below it; every user's home is a folder of its own."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def is_gone(path: str, removed: Iterable[str]) -> bool:
    """Tell whether a path, or a folder above it, is among those removed, which may hold wildcards."""
    parts = path.split("/")
    above = ["/".join(parts[: n + 1]) for n in range(1, len(parts))]
    return any(folder == gone or ("*" in gone and fnmatchcase(folder, gone)) for gone in removed for folder in above)
