"""Edits of a script's steps: a command behind a call, a step that goes away.

Each function returns edits, or the reason where no faithful place is found.
"""

from __future__ import annotations

import re

from optimizer.facts.document import Document
from optimizer.facts.runs import Call, Run
from optimizer.rewrite.change import Edit
from optimizer.rewrite.compose import append_command, insert
from optimizer.syntax import Span
from optimizer.syntax.shell.behaviour import errexit_before

_BESIDE_OR = "its failure is handled by another command"


def step_of(run: Run, call: Call) -> int | None:
    """Return the number of the step that a call is, or is a part of a pipeline of; None if neither."""
    for index, step in enumerate(run.script.steps):
        if call.command in step.commands:
            return index if step.kind in ("simple", "pipeline") else None
    return None


def operator_behind(run: Run, index: int) -> str:
    """Return the operator between a step and the next one, "" behind the last."""
    steps = run.script.steps
    return steps[index + 1].operator if index + 1 < len(steps) else ""


def insert_behind(document: Document, run: Run, index: int, command: str) -> Edit | str:
    """Insert a command that always succeeds directly behind a step, in the file's manner."""
    script = run.script
    if not run.editable or script.background:
        return script.opaque or "the script runs something in the background"
    if index == len(script.steps) - 1:
        return append_command(document, run, command)
    step, follower = script.steps[index], script.steps[index + 1]
    if follower.operator not in ("&&", ";", "\n") or step.operator == "||":
        return _BESIDE_OR
    if step.kind == "compound":
        return "it stands inside another construct of the shell"
    if "$?" in script.text:
        return "the script looks at the exit status of its commands"
    # Before `;` the status of a step counts for nothing, or `set -e` acts on it at once.
    operator = "&&" if follower.operator == "&&" else ";"
    at = run.behind(step.end)
    between = document.text[at : run.offset(follower.start)]
    if "\n" not in between or (run.heredoc_script and operator == "&&"):
        return insert(at, f" && {command}" if operator == "&&" else f"; {command}")
    if run.heredoc_script:
        return insert(at, document.newline + _indent(document.text, run.offset(step.start)) + command)
    # The new line looks like the next one.
    at_follower = run.offset(follower.start)
    indent = _indent(document.text, at_follower)
    fold = f"{document.escape}{document.newline}{indent}"
    if re.fullmatch(rf"\s*{re.escape(document.escape)}\s*(&&|;)\s*{re.escape(document.escape)}\s*", between):
        # The operator has a line of its own.
        return insert(at_follower, f"{command} && {fold}" if operator == "&&" else f"{command}; {fold}")
    trailing = between.partition("\n")[0].strip().startswith(("&&", ";"))
    if trailing or operator == ";":
        return insert(at, f" && {fold}{command}" if operator == "&&" else f"; {fold}{command}")
    return insert(at, f" {fold}&& {command}")


def _indent(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    match = re.match(r"[ \t]*", text[start:at])
    return match.group() if match else ""


def remove_step(document: Document, run: Run, index: int) -> list[Edit] | str:
    """Remove a step that always succeeds, along with one operator beside it; comments stay."""
    script = run.script
    steps = script.steps
    if not run.editable or script.background:
        return script.opaque or "the script runs something in the background"
    if len(steps) == 1:
        return "nothing else is left of the RUN"
    step, behind = steps[index], operator_behind(run, index)
    if "||" in (step.operator, behind) or "&" in (step.operator, behind):
        return _BESIDE_OR
    if not behind and step.operator != "&&" and not errexit_before(script, index, run.state.errexit):
        return "the exit status of the RUN would be another command's"
    if behind == "&&" or index == 0:
        start, end = run.offset(step.start), run.offset(steps[index + 1].start)
    else:
        start, end = run.behind(steps[index - 1].end), run.behind(step.end)
    if not any(start <= c.start < end for c in run.instruction.comments) and not _shell_comments(run, start, end):
        return [Edit(Span(start, end), "")]
    return _whole_lines(document, run, index)


def _shell_comments(run: Run, start: int, end: int) -> bool:
    return any(start <= run.offset(first) < end for first, _ in run.script.comments)


def _whole_lines(document: Document, run: Run, index: int) -> list[Edit] | str:
    """Remove the lines that hold nothing but a step and one of its operators."""
    text = document.text
    step = run.script.steps[index]
    first, last = run.offset(step.start), run.behind(step.end)
    start = text.rfind("\n", 0, first) + 1
    end = text.find("\n", last) + 1 or len(text)
    lead, tail = text[start:first].strip(), text[last:end].strip()
    escape = re.escape(document.escape)
    leading = lead in ("&&", ";") and re.fullmatch(escape, tail)
    trailing = not lead and re.fullmatch(rf"(&&|;)[ \t]*{escape}", tail)
    if start <= run.instruction.start or not (leading or trailing):
        return "a comment stands between its words"
    if any(first <= c.start < last for c in run.instruction.comments):
        return "a comment stands between its words"
    return [Edit(Span(start, end), "")]
