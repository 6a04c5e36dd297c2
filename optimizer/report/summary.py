"""What a run did, in one line, and on request what it left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from optimizer.report.notes import plain
from optimizer.report.quoting import quoted
from optimizer.report.trace import trace
from optimizer.rewrite.change import Outcome


class Tally:
    """Counts over the files of a run."""

    def __init__(self) -> None:
        self.files = self.changed = self.failed = 0
        self.faults = self.advice = self.alone = 0
        self.changes: Counter[str] = Counter()
        self.held: Counter[int] = Counter()

    def add(self, outcome: Outcome) -> None:
        """Count one file."""
        self.files += 1
        self.changed += outcome.changed
        self.faults += len(outcome.faults)
        self.advice += len(outcome.advice)
        self.changes.update(item.safety.value for item in outcome.applied)
        for item in outcome.left:
            if item.level:
                self.held[item.level] += 1
            else:
                self.alone += 1

    def as_dict(self) -> dict[str, Any]:
        """Return the counts with their names."""
        return {
            "files": self.files,
            "changed": self.changed,
            "failed": self.failed,
            "changes": dict(self.changes),
            "held": {str(level): number for level, number in sorted(self.held.items())},
            "left": self.alone,
            "advice": self.advice,
            "faults": self.faults,
        }


def summary(tally: Tally, written: bool, verbose: bool = False) -> str:
    """Return the line that ends a run, without a newline; `written` tells whether the files were changed on disk."""
    total = sum(tally.changes.values())
    by_safety = ", ".join(f"{tally.changes[s]} {s}" for s in ("safe", "review", "risky") if tally.changes[s])
    verb = "changed" if written else "to change"
    first = f"{_many(tally.files, 'file')}: {tally.changed} {verb}, {_many(total, 'change')}"
    parts = [first + (f" ({by_safety})" if by_safety else "")]
    parts += [f"{number} held for -O{level}" for level, number in sorted(tally.held.items())]
    if tally.alone:
        parts.append(f"{tally.alone} left alone")
    if not verbose and (tally.alone or tally.held):
        parts[-1] += " (-v tells why)"
    if tally.advice:
        parts.append(f"{tally.advice} advice")
    if tally.failed:
        parts.append(f"{tally.failed} failed")
    return "; ".join(parts)


def left_alone(outcome: Outcome) -> Iterator[str]:
    """Yield a line `path:line:column: transform: title: reason` for each place held back or left alone."""
    way = trace(outcome)
    for number, step in enumerate(outcome.steps):
        for item in step.left:
            line, column = way.place(number, item.line, item.column)
            title = f" {plain(item.title)}:" if item.title else ""
            yield f"{quoted(outcome.name)}:{line}:{column}: {item.transform}:{title} {plain(item.reason)}"


def step_lines(outcome: Outcome) -> Iterator[str]:
    """Yield a line for each step: what the transform did, and how the length of the text changed."""
    for step in outcome.steps:
        size = len(step.after) - len(step.before)
        counts = f"{len(step.applied)} applied, {len(step.left)} left, {size:+} characters"
        yield f"{quoted(outcome.name)}: {step.transform}: {counts}"


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
