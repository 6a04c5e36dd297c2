"""An instruction's text as the builder sees it, with a map back to the file."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from optimizer.syntax.lines import content_end, content_start, continuation, physical_lines
from optimizer.syntax.spans import Span


@dataclass(frozen=True, slots=True)
class Folded:
    """The joined text of the lines of one instruction.

    `pieces` are (offset in `text`, offset in the raw text) of each run of characters that stand
    together in the file. Offsets into the raw text count from the instruction's first character.
    """

    text: str
    pieces: tuple[tuple[int, int], ...]

    def raw(self, offset: int) -> int:
        """Return the raw offset of the character at `offset`."""
        at = bisect_right(self.pieces, (offset, 1 << 60)) - 1
        folded, raw = self.pieces[at]
        return raw + offset - folded

    def span(self, start: int, end: int) -> Span | None:
        """Return the raw span of `text[start:end]`, or None where a fold cuts it."""
        if start == end:
            at = self.raw(start)
            return Span(at, at)
        first, last = self.raw(start), self.raw(end - 1) + 1
        return Span(first, last) if last - first == end - start else None

    def outer(self, start: int, end: int) -> Span:
        """Return the raw span from the first to the last character, folds between them included."""
        return Span(self.raw(start), self.raw(end - 1) + 1 if end > start else self.raw(start))


@dataclass(frozen=True, slots=True)
class Fold:
    """The first logical line of a text.

    `end` is where it ends, behind the last line's newline; `comments` and `blanks` are the whole
    lines between its own that the builder skips; `open` tells that the text ended while a line
    still promised to go on.
    """

    folded: Folded
    end: int
    comments: tuple[Span, ...]
    blanks: tuple[Span, ...]
    open: bool


def fold(text: str, start: int, escape: str) -> Fold:
    """Join the physical lines of the instruction that starts at `start`.

    Offsets in the result count from `start`.
    """
    goes_on = continuation(escape)
    parts: list[str] = []
    pieces: list[tuple[int, int]] = []
    comments: list[Span] = []
    blanks: list[Span] = []
    size = 0
    open_ = False
    end = start
    for line_start, line_end in physical_lines(text, start):
        stop = content_end(text, line_start, line_end)
        first = content_start(text, line_start, stop)
        end = line_end
        if line_start != start:
            if first == stop:
                blanks.append(Span(line_start - start, line_end - start))
                continue
            if text[first] == "#":
                comments.append(Span(line_start - start, line_end - start))
                continue
            first = line_start
        line = text[first:stop]
        match = goes_on.search(line)
        if match:
            line = line[: match.start() + 1] if match.group(1) is not None else ""
        if line:
            pieces.append((size, first - start))
            parts.append(line)
            size += len(line)
        open_ = match is not None
        if not match:
            break
    if not pieces:
        pieces.append((0, 0))
    folded = Folded("".join(parts), tuple(pieces))
    return Fold(folded, end - start, tuple(comments), tuple(blanks), open_)
