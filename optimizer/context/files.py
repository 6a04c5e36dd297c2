"""The files of a build context, looked at lazily and never outside its root."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

# What the builder unpacks: it looks at the content, not at the name.
# Source: github.com/moby/go-archive, compression/compression.go and the ustar magic.
_COMPRESSED = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_USTAR = (257, b"ustar")


@dataclass(frozen=True)
class BuildContext:
    """A folder that is sent to the builder."""

    root: Path

    def _inside(self, path: str) -> Path | None:
        relative = os.path.normpath(path.lstrip("/") or ".")
        if relative.startswith(".."):
            return None
        found = self.root / relative
        try:
            real = found.resolve(strict=True)
        except OSError:
            return None
        return found if real == self.root.resolve() or self.root.resolve() in real.parents else None

    def kind(self, path: str) -> str | None:
        """Return "file", "folder", "archive" (the builder's ADD unpacks it), or None if not there."""
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
        at, magic = _USTAR
        return "archive" if head.startswith(_COMPRESSED) or head[at : at + 5] == magic else "file"

    def exists(self, path: str) -> bool:
        """Tell whether a path is there."""
        return self._inside(path) is not None

    def text(self, path: str, limit: int = 1_000_000) -> str | None:
        """Return the text of a file, None if it is not there, is no file, or is over `limit` bytes."""
        found = self._inside(path)
        try:
            if found is None or not found.is_file() or found.stat().st_size > limit:
                return None
            return found.read_bytes().decode("utf-8", "replace")
        except OSError:
            return None
