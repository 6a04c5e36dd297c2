"""The data files of the catalog: how they are read, and nothing about what they say.

A file is gzip-compressed text. Its first line is JSON: the sources and what its columns mean. Each further line is one
row with columns parted by tabs; the first column is the key. A row is found by searching the text, so that a file
with many thousand rows costs its decompression and no more. Files are read when they are first needed, each once.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
_GZIP = 31  # zlib's window size that means "with a gzip header"


class Table:
    """One data file, read."""

    def __init__(self, text: bytes) -> None:
        end = text.find(b"\n")
        self.header: dict[str, Any] = json.loads(text[:end]) if end > 0 else {}
        self._text = text

    def row(self, key: str) -> list[str] | None:
        """Return the columns behind `key`, None where there is no such row."""
        if "\n" in key or "\t" in key:
            return None
        needle = b"\n" + key.encode(errors="replace") + b"\t"
        at = self._text.find(needle)
        if at < 0:
            return None
        start = at + len(needle)
        return self._text[start : self._text.index(b"\n", start)].decode().split("\t")

    def has_ending(self, ending: str) -> bool:
        """Tell whether any key ends like this."""
        return self._text.find(ending.encode(errors="replace") + b"\t") > 0

    def keys_with_last(self, value: str) -> Iterator[str]:
        """Return the keys of all rows whose last column is `value`."""
        needle = f"\t{value}\n".encode()
        at = self._text.find(needle)
        while at >= 0:
            start = self._text.rindex(b"\n", 0, at) + 1
            yield self._text[start : self._text.index(b"\t", start)].decode()
            at = self._text.find(needle, at + 1)

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Return all rows, in their order."""
        for line in self._text.decode().splitlines()[1:]:
            key, *columns = line.split("\t")
            yield key, columns


@lru_cache(maxsize=64)
def table(name: str) -> Table:
    """Return the data file `name`, such as "tags/python"; an empty table where there is none."""
    if not set(name) <= _NAME:
        return Table(b"\n")
    try:
        return Table(zlib.decompress((DATA / f"{name}.gz").read_bytes(), _GZIP))
    except OSError:
        return Table(b"\n")


_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-/")
