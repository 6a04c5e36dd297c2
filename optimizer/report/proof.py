"""Reading a diff back, as proof that it says what it should."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.report.lines import split_lines


class ProofError(Exception):
    """A diff does not lead from the one text to the other; the fault is dockopt's."""


def prove(diff: str, before: str, after: str) -> None:
    """Read the diff of one file with unidiff and apply it to `before`; raise ProofError unless `after` comes out."""
    from unidiff import PatchSet, UnidiffParseError

    try:
        files = PatchSet(diff)
    except UnidiffParseError as error:
        raise ProofError(f"the diff cannot be read back: {error}") from error
    if len(files) != 1:
        raise ProofError(f"the diff is of {len(files)} files, not of one")
    old = split_lines(before)
    new: list[str] = []
    at = 0
    for hunk in files[0]:
        start = hunk.source_start - 1 if hunk.source_length else hunk.source_start
        new += old[at:start]
        if old[start : start + hunk.source_length] != list(_side(hunk, "-")):
            raise ProofError(f"line {hunk.source_start} of the diff does not stand in the file")
        new += _side(hunk, "+")
        at = start + hunk.source_length
    if "".join([*new, *old[at:]]) != after:
        raise ProofError("the diff does not lead to the result")
