"""What is kept of the files of a layer while their bytes go past."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from optimizer.prove.image.elf import is_loadable, read_elf
from optimizer.prove.image.rpm import RPM_DATABASE, RpmPackage, read_rpm
from optimizer.prove.image.streams import CHUNK
from optimizer.prove.image.types import Elf

_IN_MEMORY = 8 << 20  # a bigger ELF file waits on disk while it is looked at
_ELF_LIMIT = 2 << 30
_LINE = 256
_TEXT = 128 << 10
_TABLE = 64 << 20
_TEXTS = 32 << 20  # what the texts of one layer may take together

# The system's tables, and the databases of packages.
_SYSTEM = re.compile(
    r"etc/(passwd|group|shells|os-release|ld\.so\.conf|ld\.so\.conf\.d/[^/]+|ld-musl-\w+\.path)|usr/lib/os-release"
)
CACHE_OF_LOADER = "etc/ld.so.cache"  # what ldconfig found, of which the paths are kept
_DATABASES = re.compile(
    r"var/lib/dpkg/(status|status\.d/[^/]+|info/[^/]+\.list)|(usr/)?lib/apk/db/installed"
    r"|(.*/)?node_modules/(@[^/]+/)?[^/@.][^/]*/package\.json"
)
# Where the files are not the application's, as it wrote them.
_NOT_OWN = re.compile(
    r"(usr/(lib|lib32|lib64|libexec|share|include|src|local/lib|local/share|local/include)|lib|lib64|var|proc|sys|dev"
    r"|boot|root/\.\w+)/|(.*/)?(node_modules|site-packages|dist-packages|\.git|vendor|\.venv|venv)/"
)
_OWN = re.compile(
    r".*\.(sh|bash|py|js|mjs|cjs|ts|rb|php|pl|conf|cfg|ini|toml|ya?ml|json|service)|(.*/)?(Procfile|Makefile|crontab)"
)


@dataclass
class Contents:
    """What is known of the files of one layer, by path.

    `tables` are the texts of package databases, `versions` those of Node packages. `unread` counts texts that
    found no room.
    """

    elf: dict[str, Elf] = field(default_factory=dict)
    shebangs: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    rpm: dict[str, tuple[RpmPackage, ...]] = field(default_factory=dict)
    unread: int = 0
    room: int = _TEXTS

    def take(self, path: str, file: IO[bytes], size: int) -> str:
        """Read a file to its end, keep what matters of it, and return the sha256 of all of it."""
        head = file.read(CHUNK)
        if is_loadable(head) and size <= _ELF_LIMIT:
            return self._take_elf(path, head, file)
        if RPM_DATABASE.fullmatch(path):
            return self._take_rpm(path, head, file)
        digest = hashlib.sha256(head)
        if head.startswith(b"#!"):
            self.shebangs[path] = _decoded(head[2:_LINE].partition(b"\n")[0]).strip()
        limit = _kept(path, size, head)
        kept = [head] if limit else []
        while data := file.read(CHUNK):
            digest.update(data)
            if kept:
                kept.append(data)
        if path == CACHE_OF_LOADER:
            self.texts[path] = _decoded(b"\n".join(re.findall(rb"/[^\0]+", b"".join(kept))))
        elif kept and size <= limit:
            self._keep(path, b"".join(kept), limit)
        return digest.hexdigest()

    def forget(self, path: str) -> None:
        """Drop what is known of a path: something else takes its place."""
        for known in self._all():
            known.pop(path, None)

    def move(self, old: str, new: str) -> None:
        """Note that what was written to one path stands at another."""
        for known in self._all():
            if old in known:
                known[new] = known.pop(old)

    def _all(self) -> tuple[dict[str, Any], ...]:
        return self.elf, self.shebangs, self.texts, self.tables, self.versions, self.rpm

    def _keep(self, path: str, data: bytes, limit: int) -> None:
        if path.endswith("/package.json") and limit == _TABLE:
            self.versions[path] = _version(data)
        elif limit == _TABLE:
            self.tables[path] = _decoded(data)
        elif len(data) > self.room:
            self.unread += 1
        else:
            self.room -= len(data)
            self.texts[path] = _decoded(data)

    def _take_elf(self, path: str, head: bytes, file: IO[bytes]) -> str:
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            digest = _spool(head, file, spool)
            facts = read_elf(spool)
        # Nothing is to be found for a program that needs no loader.
        if facts is not None and (facts.interpreter or facts.needed or facts.soname):
            self.elf[path] = facts
        return digest

    def _take_rpm(self, path: str, head: bytes, file: IO[bytes]) -> str:
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            digest = _spool(head, file, spool)
            self.rpm[path] = read_rpm(path, spool)
        return digest


def _spool(head: bytes, file: IO[bytes], spool: SpooledTemporaryFile[bytes]) -> str:
    digest = hashlib.sha256(head)
    spool.write(head)
    while data := file.read(CHUNK):
        digest.update(data)
        spool.write(data)
    spool.seek(0)
    return digest.hexdigest()


def _kept(path: str, size: int, head: bytes) -> int:
    """Return up to how many bytes of a file are kept as text; 0 for none."""
    if _DATABASES.fullmatch(path) or path == CACHE_OF_LOADER:
        return _TABLE
    if _SYSTEM.fullmatch(path):
        return _TEXT
    if size > _TEXT or b"\0" in head or _NOT_OWN.match(path):
        return 0
    return _TEXT if head.startswith(b"#!") or _OWN.fullmatch(path) else 0


def _version(data: bytes) -> str:
    """Return the version that a package.json names, "" where it names none."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    version = document.get("version") if isinstance(document, dict) else None
    return version if isinstance(version, str) else ""


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
