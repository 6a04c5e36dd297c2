"""Whether a build tool is still needed once a RUN has called it."""

from __future__ import annotations

import re

from optimizer.facts.document import Document
from optimizer.facts.later import earlier_runs, later_runs, run_time
from optimizer.facts.runs import Run
from optimizer.facts.scripts import hidden_programs

# Programs that call others by rules which the Dockerfile does not show.
_RUNNERS = frozenset(
    {"make", "npm", "yarn", "task", "just", "foreman", "supervisord", "honcho", "tox", "air", "nodemon"}
)
_SHELLS = frozenset({"sh", "bash", "ash", "dash"})


def still_needed(doc: Document, run: Run, programs: frozenset[str]) -> str:
    """Return what may call one of `programs` outside of a RUN, "" if nothing does.

    A script that is not read may call anything; so may an image that names no command.
    """
    for other in [*earlier_runs(doc, run), *later_runs(doc, run)]:
        if any(c.program in programs for c in other.calls):
            return "another RUN calls it too"
    for later in later_runs(doc, run):
        if (
            later.script.opaque
            or any(c.program in _RUNNERS for c in later.calls)
            or any(True for _ in hidden_programs(later))
        ):
            return "a later RUN may call it out of sight"
    if any(i.keyword == "ONBUILD" for i in run.stage.members):
        return "an ONBUILD may call it"
    commands = [i for i in run_time(doc, run.stage) if i.keyword != "HEALTHCHECK"]
    if not commands:
        return "the file does not say what the image runs"
    for instruction in commands:
        problem = _may_call(instruction.args, instruction.json, programs)
        if problem:
            return problem
    return ""


def _may_call(args: str, argv: tuple[str, ...] | None, programs: frozenset[str]) -> str:
    words = list(argv) if argv is not None else re.findall(r"[^\s;&|()\"']+", args)
    names = [word.rpartition("/")[2] for word in words]
    if any(name in programs for name in names) or any(re.search(rf"\b{re.escape(p)}\b", args) for p in programs):
        return "the image calls it when it runs"
    if any(name in _RUNNERS or name.endswith((".sh", ".bash")) or "entrypoint" in name for name in names):
        return "the image runs a script that was not read"
    if names and names[0] in _SHELLS and argv is not None and len(names) == 1:
        return "the image runs a shell"
    return ""
