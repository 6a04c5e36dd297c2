"""The files of a build context, looked at lazily and never outside its root."""

from __future__ import annotations

import fnmatch
import os
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from optimizer.context.ignore import NAME as IGNORE_NAME
from optimizer.context.ignore import IgnoreFile

# What the builder unpacks: it looks at the content, not at the name.
# Source: github.com/moby/go-archive, compression/compression.go, and Go's archive/tar, which takes
# whatever starts with a header whose checksum is right.
_COMPRESSED = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_SKIPPABLE = (bytes(range(0x50, 0x60)), b"\x2a\x4d\x18")  # a zstd frame that may stand in front
_CHECKSUM = slice(148, 156)


@dataclass(frozen=True)
class BuildContext:
    """A folder that is sent to the builder. What was looked at once is not looked at again.

    `dockerfile` is the Dockerfile that it is sent with, where that is a file: an ignore file can
    stand beside it. `planned` is the text of a .dockerignore that is not written yet.
    """

    root: Path
    dockerfile: Path | None = None
    planned: str = ""

    @cached_property
    def _real_root(self) -> Path:
        return self.root.resolve()

    @cached_property
    def _places(self) -> dict[str, Path | None]:
        return {}

    @cached_property
    def _kinds(self) -> dict[str, str | None]:
        return {}

    @cached_property
    def memo(self) -> dict[object, Any]:
        """Room for what others work out of its files, so that it is worked out once."""
        return {}

    @cached_property
    def ignore(self) -> IgnoreFile:
        """What keeps files from the builder: `<Dockerfile>.dockerignore`, else `.dockerignore`, else nothing."""
        own = f"{self.dockerfile.name}{IGNORE_NAME}" if self.dockerfile is not None else ""
        if self.dockerfile is not None:
            text = _read(self.dockerfile.with_name(own), 1_000_000)
            if text is not None:
                return IgnoreFile(own, text)
        text = self.planned or self.text(IGNORE_NAME)
        return IgnoreFile() if text is None else IgnoreFile(IGNORE_NAME, text)

    def _inside(self, path: str) -> Path | None:
        if path not in self._places:
            self._places[path] = self._find(path)
        return self._places[path]

    def _find(self, path: str) -> Path | None:
        relative = os.path.normpath(path.lstrip("/") or ".")
        if relative == ".." or relative.startswith("../"):
            return None
        found = self.root / relative
        try:
            real, root = found.resolve(strict=True), self._real_root
        except (OSError, RuntimeError, ValueError):
            # Not there, links in a circle, or no name that a file can have.
            return None
        return found if real == root or root in real.parents else None

    def kind(self, path: str) -> str | None:
        """Return "file", "folder", "archive" (the builder's ADD unpacks it), or None if not there."""
        if path not in self._kinds:
            self._kinds[path] = self._look(path)
        return self._kinds[path]

    def _look(self, path: str) -> str | None:
        found = self._inside(path)
        if found is None:
            return None
        try:
            mode = found.stat().st_mode
            if stat.S_ISDIR(mode):
                return "folder"
            if not stat.S_ISREG(mode):
                return None
            with found.open("rb") as file:
                head = file.read(512)
        except OSError:
            return None
        return "archive" if _is_archive(head) else "file"

    def matches(self, pattern: str) -> list[str]:
        """Return the paths that a COPY source with wildcards names; none of them crosses a `/`."""
        found = [""]
        for part in os.path.normpath(pattern.lstrip("/") or ".").split("/"):
            found = [f"{folder}/{name}".lstrip("/") for folder in found for name in self._named(folder, part)]
        return sorted(found)

    def _named(self, folder: str, part: str) -> list[str]:
        if not any(c in part for c in "*?[\\"):
            return [part] if self.exists(f"{folder}/{part}") else []
        inside = self._inside(folder)
        try:
            names = os.listdir(inside) if inside is not None else []
        except OSError:
            return []
        # Go writes [^a] where fnmatch writes [!a].
        return fnmatch.filter(names, part.replace("[^", "[!"))

    def exists(self, path: str) -> bool:
        """Tell whether a path is there."""
        return self._inside(path) is not None

    def text(self, path: str, limit: int = 1_000_000) -> str | None:
        """Return the text of a file, None if it is not there, is no file, or is over `limit` bytes."""
        found = self._inside(path)
        return None if found is None else _read(found, limit)

    def entries(self, folder: str) -> list[os.DirEntry[str]]:
        """Return what stands in a folder, by name; nothing where it is no folder of the context."""
        inside = self._inside(folder)
        try:
            if inside is None:
                return []
            with os.scandir(inside) as listing:
                return sorted(listing, key=lambda e: e.name)
        except OSError:
            return []


def _read(path: Path, limit: int) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > limit:
            return None
        return path.read_bytes().decode("utf-8", "replace")
    except (OSError, ValueError):
        return None


def _is_archive(head: bytes) -> bool:
    first, rest = _SKIPPABLE
    if head.startswith(_COMPRESSED) or (head[:1] in first and head[1:4] == rest and len(head) > 3):
        return True
    if len(head) < 512:
        return False
    try:
        checksum = int(head[_CHECKSUM].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return checksum == sum(head) - sum(head[_CHECKSUM]) + 8 * ord(" ")
