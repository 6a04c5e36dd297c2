"""Bytes from others: bounded, counted, hashed and inflated as they go past."""

from __future__ import annotations

import gzip
import hashlib
import struct
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Protocol, cast

from optimizer.prove.image.types import ImageError

CHUNK = 1 << 20
GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
_IDLE = 64  # reads behind the end that are borne: tarfile asks again and again where a size lies
_WINDOW = 1 << 27  # what a zstd frame may make the reader hold, as the zstd command has it


@dataclass(frozen=True, slots=True)
class Limits:
    """What an image may ask of the reader.

    `size` bytes in all and `entries` names; `document` bytes of one JSON document; `ratio` is how many times
    bigger an archive may get when inflated, once it gave `trusted` bytes.
    """

    size: int = 64 << 30
    entries: int = 1_000_000
    document: int = 8 << 20
    ratio: int = 400
    trusted: int = 1 << 30


class Readable(Protocol):
    """What can be read once, from the front."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


class Counter:
    """A stream that counts and hashes what passes, and ends what does not end.

    `source` are the bytes that these were made of; without one nothing is hashed.
    """

    def __init__(self, stream: Readable, where: str, limits: Limits, source: Counter | None = None) -> None:
        self.stream = stream
        self.where = where
        self.limits = limits
        self.source = source
        self.count = 0
        self.hash = hashlib.sha256() if source else None
        self._idle = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; raise ImageError where there are more than may be."""
        data = self.stream.read(CHUNK if size < 0 else size)
        if not data and size:
            self._idle += 1
            if self._idle > _IDLE:
                raise ImageError("is cut off: a size that it names goes beyond its end", self.where)
            return data
        self.count += len(data)
        if self.hash:
            self.hash.update(data)
        self._weigh()
        return data

    def _weigh(self) -> None:
        limits = self.limits
        if self.count > limits.size:
            raise ImageError(f"is more than {limits.size} bytes", self.where)
        if self.source and self.count > max(limits.trusted, limits.ratio * self.source.count):
            raise ImageError(f"inflates to more than {limits.ratio} times its size, as a bomb does", self.where)

    def drain(self) -> None:
        """Read to the end."""
        while self.read(CHUNK):
            pass

    @property
    def digest(self) -> str:
        """The digest of what was read so far, as images name it."""
        return f"sha256:{self.hash.hexdigest()}" if self.hash else ""


class Peeked:
    """A stream whose first bytes can be looked at before they are read."""

    def __init__(self, stream: Readable) -> None:
        self.stream = stream
        self._head = b""

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end."""
        while len(self._head) < size:
            data = self.stream.read(size - len(self._head))
            if not data:
                break
            self._head += data
        return self._head[:size]

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""
        if not self._head:
            return self.stream.read(size)
        size = len(self._head) if size < 0 else size
        data, self._head = self._head[:size], self._head[size:]
        return data


def inflated(stream: Readable, where: str, limits: Limits) -> Counter:
    """Return the plain bytes of a stream that may be gzip, zstd or neither."""
    raw = Counter(stream, where, limits)
    head = Peeked(raw)
    magic = head.peek(4)
    plain: Readable = head
    if magic.startswith(GZIP):
        plain = gzip.GzipFile(fileobj=cast(IO[bytes], head), mode="rb")
    elif magic == ZSTD:
        plain = _zstd(head, where)
    return Counter(plain, where, limits, raw)


def _zstd(stream: Readable, where: str) -> Readable:
    try:
        import zstandard
    except ImportError:
        raise ImageError("is zstd, which needs the Python package zstandard (pip install zstandard)", where) from None
    reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(
        cast(IO[bytes], stream), read_across_frames=True
    )
    return cast(Readable, reader)


@contextmanager
def faults_named(where: str) -> Iterator[None]:
    """Turn what the libraries raise over bad data into an ImageError that names the place."""
    try:
        yield
    except ImageError as error:
        raise error if error.where else ImageError(error.what, where) from None
    except EOFError:
        raise ImageError("is cut off", where) from None
    except tarfile.TarError as error:
        raise ImageError(f"is no whole tar archive: {error}", where) from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise ImageError(f"is no whole gzip data: {error}", where) from None
    except (OSError, ValueError, OverflowError, struct.error) as error:
        raise ImageError(f"can't be read: {error}", where) from None
    except Exception as error:
        # zstandard is imported only where it is needed, so its error has no name here.
        if type(error).__name__ != "ZstdError":
            raise
        raise ImageError(f"is no whole zstd data: {error}", where) from None


def file_like(stream: Readable) -> IO[bytes]:
    """Return a stream as what tarfile asks for."""
    return cast(IO[bytes], stream)
