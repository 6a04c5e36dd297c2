"""A tar archive as a row of members, read once from the front; nothing is ever written anywhere.

The standard library's reader is made strict here: it ends silently at a header that is broken, reads
extended headers of any size into memory, and believes negative sizes.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import IO, Self

from optimizer.prove.image.streams import Counter, faults_named, file_like
from optimizer.prove.image.types import ImageError

_EXTENDED = frozenset(
    {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
)
_HEADER_LIMIT = 1 << 20
_PATH_LIMIT = 4096


class _Strict(tarfile.TarInfo):
    """A member whose header is held to what it should be."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        info = super().frombuf(buf, encoding, errors)
        if info.size < 0:
            raise ImageError(f"{shown(info.name)} has a negative size")
        if info.type in _EXTENDED and info.size > _HEADER_LIMIT:
            raise ImageError(f"a header of {info.size} bytes")
        return info

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile)
        except (_Invalid, _Truncated) as error:
            raise ImageError(f"has a broken header at byte {tarfile.offset}: {error}") from None


_Invalid: type[Exception] = getattr(tarfile, "InvalidHeaderError")  # noqa: B009 - not in the type stubs
_Truncated: type[Exception] = getattr(tarfile, "TruncatedHeaderError")  # noqa: B009


def members(stream: Counter, where: str) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    """Yield each member with its content (None where it has none), which must be read before the next."""
    with faults_named(where):
        yield from _members(stream)


def _members(stream: Counter) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    options = {"mode": "r|", "tarinfo": _Strict, "encoding": "utf-8", "errors": "surrogateescape"}
    try:
        tar = tarfile.open(fileobj=file_like(stream), bufsize=1 << 18, **options)  # type: ignore[call-overload] # noqa: SIM115
    except tarfile.ReadError as error:
        if str(error) == "empty file":
            raise ImageError("is empty") from None
        raise
    with tar:
        while (info := tar.next()) is not None:
            if info.size < 0:
                raise ImageError(f"{shown(info.name)} has a negative size")
            yield info, tar.extractfile(info) if info.isreg() else None
            # The reader remembers every member that it saw; an image can have a million.
            tar.members.clear()


def inner_path(name: str) -> str:
    """Return a member's path without `./` and a trailing slash, "" for the root.

    Raises ImageError for what would lead out of the archive.
    """
    if name.startswith("/"):
        raise ImageError(f"holds the absolute path {shown(name)}")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ImageError(f"holds the path {shown(name)}, which leads out of it")
    if "\0" in name or len(name) > _PATH_LIMIT:
        raise ImageError(f"holds the path {shown(name[:80])}, which no file can have")
    return "/".join(parts)


def shown(name: str) -> str:
    """Return a text from an image as it can be printed: what is no printable character is escaped."""
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
