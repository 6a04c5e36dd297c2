"""Joining neighbouring RUN instructions: whether it is faithful, and the edits that do it.

Plain `&&` is faithful where the left script is a chain of `&&` that leaves nothing behind in its
shell, and the right one has no operator at its top level that would bind otherwise. A subshell
makes most others fit: its status is the script's, and what it does to its shell ends with it. It
does not where `set -e` is at work, for that sleeps on the left of `&&`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.facts.document import Document
from optimizer.facts.runs import Run
from optimizer.rewrite.change import Edit
from optimizer.rewrite.compose import insert
from optimizer.rewrite.manner import manner_of
from optimizer.rewrite.suppression import is_pragma
from optimizer.syntax import Blank, Comment, Span
from optimizer.syntax.shell.behaviour import (
    assigned_names,
    errexit_inside,
    felt_by_all,
    has_loose_end,
    is_and_chain,
    leaks,
    mentions,
)


@dataclass(frozen=True)
class Join:
    """How a RUN joins the one above it: which of the two need a subshell, or why it can't be."""

    wrap_left: bool = False
    wrap_right: bool = False
    reason: str = ""

    @property
    def plain(self) -> bool:
        """Whether `&&` alone does it."""
        return not (self.wrap_left or self.wrap_right or self.reason)


def neighbours(document: Document, upper: Run, lower: Run) -> bool:
    """Tell whether nothing but comments and blank lines stands between two RUNs of one stage."""
    return (
        upper.stage is lower.stage
        and lower.index == upper.index + 1
        and all(isinstance(n, Comment | Blank) for n in document.before(lower.instruction))
    )


def join_of(document: Document, upper: Run, lower: Run, behind: Sequence[Run] = ()) -> Join:
    """Say how two neighbours can be joined; `behind` are the RUNs that may join them later."""
    for run in (upper, lower):
        if not run.editable:
            return Join(reason=run.script.opaque or "it is in exec form")
        if run.instruction.heredocs:
            return Join(reason="it has a heredoc")
        if not run.script.steps:
            return Join(reason="it has no commands")
        if run.script.background:
            return Join(reason="it leaves a process in the background")
    if upper.flags_key != lower.flags_key:
        return Join(reason="the flags of the two differ")
    if any(is_pragma(c.span.of(document.text)) for c in document.before(lower.instruction)):
        return Join(reason="a pragma speaks of it alone")
    if any(start >= upper.script.end for start, _ in upper.script.comments):
        return Join(reason="the script above ends in a comment")
    return _shell_join(upper, [lower, *behind])


def _shell_join(upper: Run, lower: Sequence[Run]) -> Join:
    script = upper.script
    errexit = errexit_inside(script, upper.state.errexit)
    wrap_left = False
    names = assigned_names(script)
    told = felt_by_all(names, upper.state.env) or any(mentions(run.script, names) for run in lower)
    if not is_and_chain(script) or leaks(script) or told:
        wrap_left = True
    compound = any(step.kind == "compound" for step in script.steps)
    if errexit and (wrap_left or compound):
        return Join(reason="set -e does not work on the left of &&")
    return Join(wrap_left=wrap_left, wrap_right=has_loose_end(lower[0].script))


def join_edits(document: Document, upper: Run, lower: Run, join: Join, wrapped: bool) -> list[Edit]:
    """Return the edits that join two RUNs; `wrapped` tells that the upper has its subshell already."""
    text = document.text
    start = upper.behind(upper.script.end)
    first = lower.script.steps[0]
    end = lower.offset(first.start)
    manner = manner_of(document, upper)
    comments = "".join(f"{manner.indent}{line}{manner.newline}" for line in _comments(document, lower, start, end))
    close = " )" if join.wrap_left and not wrapped else ""
    opening = "( " if join.wrap_right else ""
    if manner.trailing:
        link = f" && {manner.escape}{manner.newline}{comments}{manner.indent}"
    else:
        link = f" {manner.escape}{manner.newline}{comments}{manner.indent}&& "
    edits = [Edit(Span(start, end), close + link + opening)]
    if close:
        edits.append(insert(upper.offset(upper.script.steps[0].start), "( "))
    if join.wrap_right:
        edits.append(insert(lower.behind(lower.script.end), " )"))
    edits += _indented(document, lower, manner.indent)
    between = text[start:end]
    return edits if _only_layout(between, document) else []


def _indented(document: Document, lower: Run, indent: str) -> list[Edit]:
    """Indent the lower script's further lines where they would stand level with its commands.

    A line that starts inside a word is text, not layout: then all of them stay.
    """
    text = document.text
    instruction = lower.instruction
    starts: list[int] = []
    at = text.find("\n", lower.offset(lower.script.steps[0].start), instruction.head_end) + 1
    while at:
        starts.append(at)
        at = text.find("\n", at, instruction.head_end) + 1
    words = [lower.reach(w.start, w.end) for c in lower.script.commands for w in (*c.assignments, *c.words)]
    lines = []
    for start in starts:
        body = text[start : instruction.head_end].partition("\n")[0]
        first = start + len(body) - len(body.lstrip())
        if any(word.start < first < word.end for word in words):
            return []
        if not body.lstrip().startswith(("&&", "||", ";", "|")) and body.strip():
            lines.append((start, body[: len(body) - len(body.lstrip())]))
    if not lines or min(len(own.expandtabs(8)) for _, own in lines) > len(indent.expandtabs(8)):
        return []
    if manner_is_nested(lower):
        return []
    return [insert(start, indent) for start, _ in lines]


def manner_is_nested(run: Run) -> bool:
    """Whether a script's lines are commands of their own (`&& \\` ends them), not lists of words."""
    return len(run.script.steps) > 1 or run.script.steps[0].kind == "compound"


def _comments(document: Document, lower: Run, start: int, end: int) -> list[str]:
    """Return the comment lines that stand between the two scripts, in order."""
    spans = [n.span for n in document.before(lower.instruction) if isinstance(n, Comment)]
    spans += [s for s in lower.instruction.comments if start <= s.start < end]
    return [s.of(document.text).strip() for s in spans]


def _only_layout(between: str, document: Document) -> bool:
    """Whether the text between two scripts is layout, comments, and the lower one's keyword."""
    escape = re.escape(document.escape)
    kept = [line for line in between.splitlines() if not line.lstrip().startswith("#")]
    rest = re.sub(rf"[\s;{escape}]|--\S+|\brun\b", "", " ".join(kept), flags=re.IGNORECASE)
    return not rest
