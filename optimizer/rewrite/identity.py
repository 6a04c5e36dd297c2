"""Which change is which: a name for each that stays when others are left out, and which rest on which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from optimizer.syntax import Span

if TYPE_CHECKING:
    from optimizer.rewrite.change import Edit, Outcome


class Identity(NamedTuple):
    """A change's transform and place in the file as given; `nth` tells several of one transform at one place apart.

    Neither the title nor the text of its edits counts: these can differ with what came before.
    """

    transform: str
    line: int
    column: int
    nth: int = 0


NOWHERE = Identity("", 0, 0)


def origin(offset: int, steps: Sequence[Sequence[Edit]]) -> int:
    """Return where a character of the present text stands in the first one.

    `steps` are the edits of each step so far, each in the text before its step. Text that a step
    wrote stands for what it replaced.
    """
    for edits in reversed(steps):
        offset = _back(offset, edits)
    return offset


def _back(offset: int, edits: Sequence[Edit]) -> int:
    shift = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        start = edit.span.start + shift
        if offset < start:
            break
        if offset < start + len(edit.text):
            return edit.span.start
        shift += len(edit.text) - (edit.span.end - edit.span.start)
    return offset - shift


def needs(outcome: Outcome) -> Mapping[Identity, frozenset[Identity]]:
    """Return, for each applied change, the earlier ones whose text it edits: without these it has no place."""
    return _follow(outcome)[0]


def places(outcome: Outcome) -> Mapping[Identity, Sequence[Span]]:
    """Return, for each applied change, where in the result its edits stand; one that removed a text has empty spans."""
    return _follow(outcome)[1]


def _follow(outcome: Outcome) -> tuple[dict[Identity, frozenset[Identity]], dict[Identity, list[Span]]]:
    written: dict[Identity, list[Span]] = {}
    found: dict[Identity, frozenset[Identity]] = {}
    for step in outcome.steps:
        edits = [edit for item in step.applied for edit in item.change.edits]
        for item in step.applied:
            touched = {
                owner
                for owner, spans in written.items()
                if any(_within(e.span, s) for e in item.change.edits for s in spans)
            }
            found[item.identity] = frozenset(touched - {item.identity})
        written = {owner: list(_moved(spans, edits)) for owner, spans in written.items()}
        written |= {item.identity: list(_results(item.change.edits, edits)) for item in step.applied}
    return found, written


def _within(edit: Span, text: Span) -> bool:
    """Tell whether an edit changes a part of a text, or inserts inside of it."""
    return edit.start < text.end and text.start < max(edit.end, edit.start + 1) and (
        edit.end > edit.start or edit.start > text.start
    )  # fmt: skip


def _moved(spans: Iterable[Span], edits: Sequence[Edit]) -> Iterable[Span]:
    for span in spans:
        start = _forward(span.start, edits)
        yield Span(start, max(start, _forward(span.end, edits)))


def _results(own: Iterable[Edit], edits: Sequence[Edit]) -> Iterable[Span]:
    for edit in own:
        start = edit.span.start + _shift_before(edit, edits)
        yield Span(start, start + len(edit.text))


def _shift_before(edit: Edit, edits: Sequence[Edit]) -> int:
    key = (edit.span.start, edit.span.end)
    return sum(len(e.text) - (e.span.end - e.span.start) for e in edits if (e.span.start, e.span.end) < key)


def _forward(offset: int, edits: Sequence[Edit]) -> int:
    """Return where a character goes; one that is replaced goes to the start of what replaces it."""
    shift = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        if edit.span.end <= offset:
            shift += len(edit.text) - (edit.span.end - edit.span.start)
        elif edit.span.start < offset:
            return edit.span.start + shift
        else:
            break
    return offset + shift
