"""Edits that say the steps of a script in other words, some of them not at all."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.facts.document import Document
from optimizer.facts.runs import Run
from optimizer.rewrite.change import Edit
from optimizer.rewrite.compose import remove_instruction
from optimizer.syntax import Span


def replace_steps(doc: Document, run: Run, texts: Mapping[int, str]) -> list[Edit] | str:
    """Replace steps of a script's top level by their new texts; "" takes a step away with one operator beside it.

    A RUN that has no step left goes whole. Returns the reason where that would lose a comment, or change what
    runs when another step fails.
    """
    script = run.script
    steps = script.steps
    kept = [n for n in range(len(steps)) if texts.get(n) != ""]
    if not kept:
        return _whole(doc, run)
    edits = []
    for number, text in texts.items():
        step = steps[number]
        if text:
            edits.append(Edit(run.reach(step.start, step.end), text))
    for first, last in _gaps(texts, len(steps)):
        around = {steps[n].operator for n in range(first, min(last + 2, len(steps))) if n}
        if not around <= {"&&", ";", "\n"} or script.background:
            return "a step that has nothing to do stands beside another operator than &&"
        if first == 0:
            span = Span(run.offset(steps[0].start), run.offset(steps[last + 1].start))
        else:
            span = Span(run.behind(steps[first - 1].end), run.behind(steps[last].end))
        if _holds_comment(run, span):
            return "a comment stands beside a step that has nothing to do"
        edits.append(Edit(span, ""))
    if any(_holds_comment(run, edit.span) for edit in edits):
        return "a comment stands between the packages"
    return edits


def _gaps(texts: Mapping[int, str], size: int) -> list[tuple[int, int]]:
    """Return the first and last numbers of each row of steps that go away."""
    found: list[tuple[int, int]] = []
    for number in range(size):
        if texts.get(number) == "":
            if found and found[-1][1] == number - 1:
                found[-1] = (found[-1][0], number)
            else:
                found.append((number, number))
    return found


def _whole(doc: Document, run: Run) -> list[Edit] | str:
    if run.instruction.comments or run.script.comments:
        return "a comment stands in a RUN that has nothing to do"
    return [remove_instruction(doc, run.instruction)]


def _holds_comment(run: Run, span: Span) -> bool:
    inside = (run.offset(start) for start, _ in run.script.comments)
    return any(span.start <= c.start < span.end for c in run.instruction.comments) or any(
        span.start <= at < span.end for at in inside
    )
