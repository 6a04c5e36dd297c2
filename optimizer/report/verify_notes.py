"""How a fix was proven, in sentences for the diff's notes and for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.prove.proven import Proven
from optimizer.report.figures import change, megabytes, tallied
from optimizer.report.notes import plain
from optimizer.report.quoting import quoted
from optimizer.report.trace import trace


def how_proven(proven: Proven) -> Iterator[str]:
    """Yield sentences: what was built with what, what it checked, the sizes, and what was backed off."""
    proof = proven.proof
    if proof is None or proof.before is None or proof.after is None:
        return
    old, new = (image.reading for image in (proof.before, proof.after))
    sizes = f"{megabytes(old.sizes.total)} became {megabytes(new.sizes.total)}"
    percent = change(old.sizes.total, new.sizes.total)
    yield f"both images were built with {proof.engine}: {sizes}" + (f" ({percent})" if percent else "")
    if proof.checks:
        yield "both ran alike: " + ", ".join(f"{c.name} ({c.how})" for c in proof.checks)
    else:
        yield "neither was run"
    yield f"compared file by file: {tallied(proof.comparison)}"
    if proven.backed_off:
        number = len(proven.backed_off)
        yield f"{number} {'change was' if number == 1 else 'changes were'} backed off in {proven.builds} builds"
    if not proven.complete:
        yield "the search ended early; more changes might hold"


def backed_off(proven: Proven) -> Iterator[str]:
    """Yield a line `path:line:column: transform: title: reason` for each change that was backed off, and a summary."""
    if not proven.backed_off:
        return
    outcome = proven.outcome
    way = trace(outcome)
    wanted = {one.transform for one in proven.backed_off}
    for number, step in enumerate(outcome.steps):
        for item in step.left:
            if item.transform in wanted and item.reason.startswith("backed off"):
                line, column = way.place(number, item.line, item.column)
                place = f"{quoted(outcome.name)}:{line}:{column}"
                yield f"{place}: {item.transform}: {plain(item.title)}: {plain(item.reason)}"
    kept = len(outcome.applied)
    number = len(proven.backed_off)
    end = "" if proven.complete else "; the search ended early, more might hold"
    yield (
        f"{quoted(outcome.name)}: {kept} {'change holds' if kept == 1 else 'changes hold'}, {number} backed off;"
        f" {proven.builds} builds in {proven.seconds:.0f} s{end}"
    )
