"""The package database of RPM: the SQLite form, which Fedora 33, RHEL 9 and later have.

The records are headers as rpm's "File Format" manual describes them: an index of (tag, type, offset,
count), each four bytes big-endian, and the data behind it.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from tempfile import NamedTemporaryFile
from typing import IO, Any, NamedTuple

RPM_DATABASE = re.compile(r"(var/lib/rpm|usr/lib/sysimage/rpm)/(rpmdb\.sqlite|Packages|Packages\.db)")
_LIMIT = 1 << 30
_NAME, _VERSION, _RELEASE, _EPOCH = 1000, 1001, 1002, 1003
_FOLDER_OF, _BASENAMES, _FOLDERS = 1116, 1117, 1118
_INT32, _STRING, _STRINGS, _I18N = 4, 6, 8, 9
_ENTRIES = 1 << 16


class RpmPackage(NamedTuple):
    """An installed package and the paths that it owns."""

    name: str
    version: str
    files: tuple[str, ...]


def read_rpm(path: str, file: IO[bytes]) -> tuple[RpmPackage, ...]:
    """Return the packages of a database; none where its form is another or it is damaged."""
    if not path.endswith("rpmdb.sqlite") or file.seek(0, 2) > _LIMIT:
        return ()
    file.seek(0)
    # SQLite opens names only; the copy has a name of its own and goes at once.
    with NamedTemporaryFile(prefix="dockopt-rpm-") as copy:
        shutil.copyfileobj(file, copy)
        copy.flush()
        try:
            return tuple(_packages(copy.name))
        except (sqlite3.Error, ValueError, struct.error, LookupError, TypeError):
            return ()


def _packages(name: str) -> Iterator[RpmPackage]:
    database = sqlite3.connect(f"file:{name}?mode=ro&immutable=1", uri=True)
    try:
        for (blob,) in database.execute("SELECT blob FROM Packages"):
            found = _package(_tags(bytes(blob)))
            if found is not None:
                yield found
    finally:
        database.close()


def _package(tags: dict[int, list[Any]]) -> RpmPackage | None:
    name, version, release = (str(next(iter(tags.get(tag, [])), "")) for tag in (_NAME, _VERSION, _RELEASE))
    if not name:
        return None
    epoch = next(iter(tags.get(_EPOCH, [])), "")
    folders = [str(folder).lstrip("/") for folder in tags.get(_FOLDERS, [])]
    names, places = tags.get(_BASENAMES, []), tags.get(_FOLDER_OF, [])
    files = tuple(f"{folders[int(at)]}{base}" for base, at in zip(names, places, strict=True))
    return RpmPackage(name, f"{epoch}:{version}-{release}" if epoch != "" else f"{version}-{release}", files)


def _tags(blob: bytes) -> dict[int, list[Any]]:
    count, size = struct.unpack_from(">II", blob)
    if count > _ENTRIES or 8 + 16 * count + size > len(blob):
        raise ValueError("a header that is larger than its record")
    data = blob[8 + 16 * count :]
    wanted = {_NAME, _VERSION, _RELEASE, _EPOCH, _FOLDER_OF, _BASENAMES, _FOLDERS}
    tags: dict[int, list[Any]] = {}
    for index in range(count):
        tag, kind, offset, number = struct.unpack_from(">IIII", blob, 8 + 16 * index)
        if tag not in wanted:
            continue
        if kind == _INT32:
            tags[tag] = list(struct.unpack_from(f">{number}I", data, offset))
        elif kind in (_STRING, _STRINGS, _I18N):
            texts = data[offset:].split(b"\0", number)[:number]
            tags[tag] = [text.decode("utf-8", "surrogateescape") for text in texts]
    return tags
