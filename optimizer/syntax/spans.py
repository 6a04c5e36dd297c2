"""Half-open ranges of characters in the text of a Dockerfile."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of characters, `start` included and `end` not."""

    start: int
    end: int

    def shifted(self, by: int) -> Span:
        """Return the same range, `by` characters further on."""
        return Span(self.start + by, self.end + by)

    def of(self, text: str) -> str:
        """Return the part of `text` that this span covers."""
        return text[self.start : self.end]
