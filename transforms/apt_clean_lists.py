"""Package lists are removed in the layer that fetched them.

`apt-get update` leaves the lists of all packages in /var/lib/apt/lists. Nothing needs them once the
packages are installed, and every later install fetches its own.

Before:
    RUN apt-get update && apt-get install -y --no-install-recommends curl
After:
    RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*

Safety: safe. No later instruction of the file reads the lists; where a script that can't be seen
might, the change is for review.
Left alone: RUNs that mount a cache over the lists; lists that a later RUN, a child stage or a command
at run time reads; stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.apt import installs_out_of_sight, leaves_lists, unfed
from optimizer.facts.document import Document
from optimizer.facts.managers import APT_LISTS
from optimizer.facts.runs import Run
from optimizer.facts.scripts import hidden_programs
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.compose import append_command, left
from optimizer.rewrite.registry import transform

CLEAN = f"rm -rf {APT_LISTS}/*"


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    see=["hadolint:DL3009", "binnacle:ruleAptGetInstallThenRemoveAptLists"],
    triggers=["apt"],
    claims=[commands_like(r"rm -rf /var/lib/apt/lists/\*")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs whose layer keeps apt's lists."""
    for run in doc.runs:
        if not run.editable or not leaves_lists(run) or not doc.is_shipped(run.stage):
            continue
        reader = _reader(doc, run)
        if reader:
            yield left(doc, run.instruction.start, "package lists removed", reader)
            continue
        edit = append_command(doc, run, CLEAN)
        if isinstance(edit, str):
            yield left(doc, run.instruction.start, "package lists removed", edit)
            continue
        hidden = _hidden(doc, run)
        yield Change(
            title="package lists removed",
            why="nothing reads them after the install, and a later layer could only hide them",
            edits=(edit,),
            safety=Safety.REVIEW if hidden else Safety.SAFE,
            evidence=f"{hidden} was not read" if hidden else "every later install fetches its own lists",
            saves="the package lists",
        )


def _reader(doc: Document, run: Run) -> str:
    """Return what reads the lists after a RUN, "" if nothing does."""
    for later in _later_runs(doc, run):
        line = doc.text.count("\n", 0, later.instruction.start) + 1
        if installs_out_of_sight(later):
            return f"the RUN in line {line} may install from them"
        if unfed(later) and not later.mounted(APT_LISTS):
            return f"the RUN in line {line} installs from them"
    for trigger in doc.triggers:
        if "apt" in trigger.script.text and unfed(trigger):
            return "an ONBUILD installs from them"
    for instruction in doc.instructions("CMD", "ENTRYPOINT", "HEALTHCHECK"):
        if "apt" in instruction.args and "install" in instruction.args:
            return "the image installs from them when it runs"
    return ""


def _later_runs(doc: Document, run: Run) -> Iterator[Run]:
    yield from (r for r in doc.runs_of(run.stage) if r.index > run.index)
    for child in run.stage.children:
        yield from _all_runs(doc, child)


def _all_runs(doc: Document, stage: Stage) -> Iterator[Run]:
    yield from doc.runs_of(stage)
    for child in stage.children:
        yield from _all_runs(doc, child)


def _hidden(doc: Document, run: Run) -> str:
    """Return a later program of the build that may call apt out of sight, "" if there is none."""
    for later in _later_runs(doc, run):
        for name in hidden_programs(later):
            return name
    return ""
