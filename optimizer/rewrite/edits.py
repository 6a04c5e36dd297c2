"""Splicing edits into a text."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.rewrite.change import Edit


def overlaps(first: Iterable[Edit], second: Iterable[Edit]) -> bool:
    """Tell whether two sets of edits touch the same characters, or insert at the same place."""
    second = list(second)
    return any(_touch(a, b) for a in first for b in second)


def _touch(a: Edit, b: Edit) -> bool:
    if a.span == b.span:
        return True
    return a.span.start < b.span.end and b.span.start < a.span.end


def splice(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with the edits applied; raises ValueError where two of them overlap."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        if edit.span.start < at:
            raise ValueError("edits overlap")
        parts += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    parts.append(text[at:])
    return "".join(parts)


def kept(before: str, after: str, edits: Iterable[Edit]) -> bool:
    """Tell whether every character of `before` outside the edits stands in `after`, in its order."""
    at = 0
    shift = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        if before[at : edit.span.start] != after[at + shift : edit.span.start + shift]:
            return False
        shift += len(edit.text) - (edit.span.end - edit.span.start)
        at = edit.span.end
    return before[at:] == after[at + shift :]
