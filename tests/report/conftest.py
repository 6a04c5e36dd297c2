"""Outcomes made by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from optimizer.rewrite.change import Applied, Change, Edit, Outcome, Safety, Step
from optimizer.syntax import Source, Span

Replacement = tuple[str, str, str]
MakeOutcome = Callable[..., Outcome]


def _step(before: str, transform: str, replacements: list[tuple[str, str]], safety: Safety, why: str) -> Step:
    source = Source(before)
    applied = []
    after = before
    for old, new in replacements:
        start = before.index(old)
        change = Change(
            f"{transform} works", why, (Edit(Span(start, start + len(old)), new),), safety, "it was read", "a little"
        )
        applied.append(Applied(transform, change, *source.position(start)))
        after = after.replace(old, new, 1)
    return Step(transform, before, after, tuple(applied))


@pytest.fixture(scope="session")
def make_outcome() -> MakeOutcome:
    """Return a maker of outcomes: a name, a text, then per step a transform and its (old, new) pairs."""

    def make(
        name: str,
        text: str,
        *steps: tuple[str, list[tuple[str, str]]],
        safety: Safety = Safety.SAFE,
        why: str = "it is better so",
        **more: object,
    ) -> Outcome:
        done = []
        now = text
        for transform, pairs in steps:
            done.append(_step(now, transform, pairs, safety, why))
            now = done[-1].after
        return Outcome(name, text, now, tuple(done), **more)  # type: ignore[arg-type]

    return make
