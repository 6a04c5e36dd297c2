"""The explanation above a file's diff: what was changed, why, how safe it is and what it saves."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from optimizer.report.quoting import quoted
from optimizer.report.trace import Trace
from optimizer.rewrite.change import Applied, Outcome, Safety

_WIDTH = 100
_COUNTED = ((Safety.SAFE, "safe"), (Safety.REVIEW, "to review"), (Safety.RISKY, "risky"))


def notes(outcome: Outcome, trace: Trace) -> str:
    """Return the explanation of an outcome, each line a comment that `git apply` and `patch` pass over.

    Changes of one transform with one title and one reason are one entry; entries stand in the order of the lines,
    which count in the text before all steps.
    """
    out = [f"# {quoted(outcome.name)}: {_count(outcome.applied)}"]
    placed = [
        (trace.place(number, item.line, item.column)[0], item)
        for number, step in enumerate(outcome.steps)
        for item in step.applied
    ]
    for group in _grouped([*placed, *((trace.place_of_advice(item)[0], item) for item in outcome.advice)]):
        out += ["#", *_entry(group)]
    if outcome.new_files:
        out += ["#", *_wrapped("New beside it: " + ", ".join(map(quoted, outcome.new_files)), "# ", "#     ")]
    if outcome.proven:
        out += ["#", "# Proven:"]
        for sentence in outcome.proven:
            out += _wrapped(sentence, "#     ", "#       ")
    return "\n".join([*out, "#", ""])


def plain(text: str) -> str:
    """Return text on one line, without characters that would steer a terminal."""
    return harmless(" ".join(text.split()))


def harmless(line: str) -> str:
    """Return a line without characters that would steer a terminal; its spaces stay, tabs become spaces."""
    line = line.expandtabs()
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or "\udc80" <= c <= "\udcff" else f"\\x{ord(c):02x}" for c in line)


def _count(applied: Sequence[Applied]) -> str:
    parts = []
    for safety, word in _COUNTED:
        number = sum(item.safety is safety for item in applied)
        if number:
            parts.append(f"{number} {word}")
    noun = "change" if len(applied) == 1 else "changes"
    return f"{len(applied)} {noun}" + (f" ({', '.join(parts)})" if parts else "")


def _grouped(placed: Iterable[tuple[int, Applied]]) -> Iterator[list[tuple[int, Applied]]]:
    groups: dict[tuple[str, str, str, Safety], list[tuple[int, Applied]]] = {}
    for line, item in placed:
        key = (item.transform, item.change.title, item.change.why, item.safety)
        groups.setdefault(key, []).append((line, item))
    return iter(sorted(groups.values(), key=lambda group: min(line for line, _ in group)))


def _entry(group: Sequence[tuple[int, Applied]]) -> Iterator[str]:
    item = group[0][1]
    head = f"[{item.safety.value}] {item.transform}, {_lines(line for line, _ in group)}: {item.change.title}"
    yield from _wrapped(head, "# ", "#     ")
    changes = [applied.change for _, applied in group]
    for label, values in (
        ("Why", [c.why for c in changes]),
        ("Evidence", [c.evidence for c in changes]),
        ("Saves", [c.saves for c in changes]),
    ):
        for value in dict.fromkeys(filter(None, map(plain, values))):
            yield from _wrapped(f"{label}: {value}", "#     ", "#       ")


def _lines(numbers: Iterable[int]) -> str:
    found = [str(n) for n in sorted(set(numbers))]
    if len(found) == 1:
        return f"line {found[0]}"
    return f"lines {', '.join(found[:-1])} and {found[-1]}"


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        plain(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
