"""What comes behind an instruction: the rest of its stage, and the stages that stand on it."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.runs import Run
from optimizer.facts.stages import Stage
from optimizer.syntax import Instruction


def family(stage: Stage) -> Iterator[Stage]:
    """Yield a stage and all stages that are built from it."""
    yield stage
    for child in stage.children:
        yield from family(child)


def later_runs(doc: Document, run: Run) -> Iterator[Run]:
    """Yield the RUNs behind one in its stage, and those of the stages that stand on it."""
    stages = {s.index for s in family(run.stage)}
    for other in doc.runs:
        if other.stage is run.stage:
            if other.index > run.index:
                yield other
        elif other.stage.index in stages:
            yield other


def earlier_runs(doc: Document, run: Run) -> Iterator[Run]:
    """Yield the RUNs in front of one in its stage, and those of the stages that it stands on."""
    ancestors = {s.index for s in run.stage.lineage[1:]}
    for other in doc.runs:
        if other.stage is run.stage:
            if other.index < run.index:
                yield other
        elif other.stage.index in ancestors:
            yield other


def run_time(doc: Document, stage: Stage) -> list[Instruction]:
    """Return the CMD, ENTRYPOINT and HEALTHCHECK of a stage and the stages built from it."""
    return [i for s in family(stage) for i in s.members if i.keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK")]
