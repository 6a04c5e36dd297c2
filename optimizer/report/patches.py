"""A series of patches, one for each transform, each on top of the former."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from optimizer.report.diff import file_diff
from optimizer.rewrite.change import Outcome, Step

_NEW_FILES = "new-files"


class Patch(NamedTuple):
    """What one transform does to all files; `name` is `0001-<transform>.patch`."""

    name: str
    text: str


def patch_series(outcomes: Iterable[Outcome], order: Sequence[str], explain: bool = True) -> list[Patch]:
    """Return the patches that lead, applied one after the other, to the results of all outcomes.

    `order` are the names of all transforms in the order in which they run. Files that are new come last.
    Raises ProofError if a patch does not do what it should.
    """
    parts: dict[str, list[str]] = {name: [] for name in order}
    for outcome in outcomes:
        for step in outcome.steps:
            parts.setdefault(step.transform, []).append(file_diff(_only(outcome, step), explain))
        beside = replace(outcome, before=outcome.after, steps=(), advice=())
        parts.setdefault(_NEW_FILES, []).append(file_diff(beside, explain))
    named = [(name, text) for name, texts in parts.items() if (text := "".join(texts))]
    return [
        Patch(f"{number:04}-{name}.patch", _header(number, len(named), name, explain) + text)
        for number, (name, text) in enumerate(named, 1)
    ]


def _only(outcome: Outcome, step: Step) -> Outcome:
    return Outcome(outcome.name, step.before, step.after, (step,))


def _header(number: int, total: int, name: str, explain: bool) -> str:
    return f"# Patch {number} of {total}: {name}\n#\n" if explain else ""
