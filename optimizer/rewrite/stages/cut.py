"""Where a stage is cut: behind the last instruction that the build needs."""

from __future__ import annotations

from optimizer.facts.document import Document
from optimizer.facts.runs import Run
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.effects import effects_of

_OF_THE_TAIL = frozenset(
    {"CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "STOPSIGNAL", "USER", "VOLUME"}
)


def cut_of(doc: Document, stage: Stage, plain: Stage) -> int:
    """Return the number of the first member that stays in the final stage.

    Behind it stand settings of the image, files that are copied after the last step of the build, and RUNs that
    only make users and folders: they work in the final stage as they do now. `plain` is the stage as the file alone
    tells it: where only the old base image says in which folder an instruction works, it stays in the build.
    """
    runs = {id(run.instruction): run for run in doc.runs_of(stage)}
    cut = len(stage.members)
    while cut:
        instruction, state = stage.members[cut - 1], stage.states[cut - 1]
        keyword = instruction.keyword
        adrift = state.workdir is None or (plain.states[cut - 1].workdir is None and state.workdir != "/")
        if keyword == "RUN":
            if adrift or not _makes_only(runs[id(instruction)]):
                break
        elif keyword in ("COPY", "ADD"):
            if adrift or instruction.flag("from") is not None or "://" in instruction.args:
                break
        elif keyword == "WORKDIR":
            if adrift and not instruction.args.lstrip().startswith("/"):
                break
        elif keyword not in _OF_THE_TAIL:
            break
        cut -= 1
    return cut


def _makes_only(run: Run) -> bool:
    """Whether a RUN makes users and folders and nothing else."""
    if run.script.opaque or not run.calls or run.mounts:
        return False
    for effect in effects_of(run):
        if effect.call.manager is not None or effect.call.command.where:
            return False
        if effect.kind == "user" or (effect.kind == "write" and effect.made):
            continue
        if effect.kind == "mode" and effect.call.program in ("chown", "chgrp"):
            continue
        return False
    return True
