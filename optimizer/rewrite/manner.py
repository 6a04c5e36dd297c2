"""The file's own manner: newline, indentation, and where it puts `&&` and the continuation."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from optimizer.facts.document import Document
from optimizer.facts.runs import Run
from optimizer.syntax import Instruction

DEFAULT_INDENT = "    "
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Manner:
    """How a multi-line RUN is laid out: `trailing` puts the operator at the end of a line."""

    newline: str
    indent: str
    trailing: bool
    escape: str

    def link(self, operator: str = "&&") -> str:
        """Return the text between two commands on two lines."""
        if operator == ";":
            return f"; {self.escape}{self.newline}{self.indent}"
        if self.trailing:
            return f" {operator} {self.escape}{self.newline}{self.indent}"
        return f" {self.escape}{self.newline}{self.indent}{operator} "


def manner_of(document: Document, run: Run) -> Manner:
    """Read the manner of a RUN; what it does not show is taken from the rest of the file."""
    escape = re.escape(document.escape)
    own = run.instruction.span.of(document.text)
    indent, trailing = _look(own, escape)
    if indent is None or trailing is None:
        other_indent, other_trailing = _look_all(document, escape)
        indent = indent if indent is not None else other_indent
        trailing = trailing if trailing is not None else other_trailing
    return Manner(document.newline, indent if indent is not None else DEFAULT_INDENT, bool(trailing), document.escape)


def _look(text: str, escape: str) -> tuple[str | None, bool | None]:
    """Return the indentation of the lines that carry on, and whether operators end lines."""
    lines = [line for line in text.splitlines()[1:] if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        return None, None
    leading = [line for line in lines if re.match(r"\s*(&&|\|\||;)", line)]
    trailing = re.findall(rf"(?:&&|;)[ \t]*{escape}[ \t\r]*$", text, re.MULTILINE)
    if not leading and not trailing:
        return min((_indent(line) for line in lines), key=len), None
    pool = leading if len(leading) >= len(trailing) else _behind_operator(text, escape) or lines
    indents = Counter(_indent(line) for line in pool)
    return max(indents, key=lambda i: (indents[i], -len(i))), len(trailing) > len(leading)


def _behind_operator(text: str, escape: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [b for a, b in pairwise(lines) if re.search(rf"(&&|;)[ \t]*{escape}[ \t\r]*$", a)]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _look_all(document: Document, escape: str) -> tuple[str | None, bool | None]:
    indents: Counter[str] = Counter()
    sides: Counter[bool] = Counter()
    for run in document.runs:
        indent, trailing = _look(run.instruction.span.of(document.text), escape)
        if indent is not None:
            indents[indent] += 1
        if trailing is not None:
            sides[trailing] += 1
    side = max(sides, key=lambda s: sides[s]) if sides else None
    return (max(indents, key=lambda i: indents[i]) if indents else None), side


def is_one_line(document: Document, instruction: Instruction) -> bool:
    """Tell whether an instruction stands on one line of the file."""
    return "\n" not in document.text[instruction.start : instruction.head_end]
