"""Reading a diff back, as proof that it says what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.report.lines import split_lines

if TYPE_CHECKING:
    from unidiff.patch import Hunk


class ProofError(Exception):
    """A diff does not lead from the one text to the other; the fault is dockopt's."""


def prove(diff: str, before: str, after: str) -> None:
    """Read the diff of one file with unidiff and apply it to `before`; raise ProofError unless `after` comes out."""
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    try:
        files = PatchSet(split_lines(diff))
    except UnidiffParseError as error:
        raise ProofError(f"the diff cannot be read back: {error}") from error
    if len(files) != 1:
        raise ProofError(f"the diff is of {len(files)} files, not of one")
    old = split_lines(before)
    new: list[str] = []
    at = 0
    for hunk in files[0]:
        start = hunk.source_start - (1 if hunk.source_length else 0)
        end = start + hunk.source_length
        if old[start:end] != _side(hunk, "-"):
            raise ProofError(f"what the diff has at line {hunk.source_start} does not stand in the file")
        new += old[at:start] + _side(hunk, "+")
        at = end
    if "".join(new + old[at:]) != after:
        raise ProofError("the diff does not lead to the result")


def _side(hunk: Hunk, sign: str) -> list[str]:
    """Return the lines that a hunk removes or keeps (`-`), or adds or keeps (`+`)."""
    lines: list[str] = []
    counts = False
    for line in hunk:
        if line.line_type == "\\":
            if counts:
                lines[-1] = lines[-1].removesuffix("\n")
            continue
        counts = line.line_type in (" ", sign)
        if counts:
            lines.append(line.value)
    return lines
