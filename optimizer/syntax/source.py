"""A Dockerfile as bytes, as text, and as lines and columns."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

ENCODING = "utf-8"
ERRORS = "surrogateescape"


@dataclass(frozen=True)
class Source:
    """The text of one Dockerfile and the name by which messages call it.

    Any bytes can be read: what is not UTF-8 becomes lone surrogates, which `data` turns back
    into the same bytes. A byte order mark, CRLF and a missing last newline are plain characters.
    """

    text: str
    name: str = "Dockerfile"

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "Dockerfile") -> Source:
        """Decode `data` without loss."""
        return cls(data.decode(ENCODING, ERRORS), name)

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return encode(self.text)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column (both from 1, the column in characters) of a character."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """Return line number `line` (from 1) without its newline."""
        start = self._line_starts[line - 1]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")


def encode(text: str) -> bytes:
    """Turn text that `Source.from_bytes` read, or that was made from it, into bytes."""
    return text.encode(ENCODING, ERRORS)


def newline_of(text: str) -> str:
    """Return the newline that most lines of `text` end with, a line feed if there is none."""
    crlf = text.count("\r\n")
    return "\r\n" if crlf * 2 > text.count("\n") else "\n"
