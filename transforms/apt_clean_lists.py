"""Package lists are removed in the layer that fetched them.

`apt-get update` leaves the lists of all packages in /var/lib/apt/lists. Nothing needs them once the
packages are installed, and every later install fetches its own.

Before:
    RUN apt-get update && apt-get install -y --no-install-recommends curl
After:
    RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*

Safety: safe. No later instruction of the file reads the lists; where a script that can't be seen
might, the change is for review.
Left alone: RUNs that mount a cache over the lists; lists that a later RUN, a script of the build
context, a child stage or a command at run time reads; stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.apt import leaves_lists
from optimizer.facts.document import Document
from optimizer.facts.later import later_runs
from optimizer.facts.lists import reader_of_lists
from optimizer.facts.managers import APT_LISTS
from optimizer.facts.runs import Run
from optimizer.facts.scripts import hidden_programs
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
        reader = reader_of_lists(doc, run)
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


def _hidden(doc: Document, run: Run) -> str:
    """Return a later program of the build that may call apt out of sight, "" if there is none."""
    for later in later_runs(doc, run):
        for name in hidden_programs(later):
            return name
    return ""
