"""A simulation of apt's package lists through the layers of every stage.

It reads the tree anew, and knows nothing of the transforms: the gate uses it to prove that no
install that found its lists before finds them gone after.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from optimizer.facts.apt import is_update, needs_lists, removes_lists
from optimizer.facts.document import Document
from optimizer.facts.managers import APT_LISTS
from optimizer.facts.runs import Run


@dataclass
class AptState:
    """How often packages were asked of lists that were there (`fed`) and that were not (`starved`)."""

    fed: Counter[str] = field(default_factory=Counter)
    starved: Counter[str] = field(default_factory=Counter)
    installs_starved: int = 0


def simulate(document: Document) -> AptState:
    """Follow the lists through all stages in order."""
    state = AptState()
    ends: dict[int, bool] = {}
    by_stage: dict[int, list[Run]] = {}
    for run in document.runs:
        by_stage.setdefault(run.stage.index, []).append(run)
    for stage in document.stages:
        present = ends.get(stage.parent.index, False) if stage.parent else False
        for run in by_stage.get(stage.index, []):
            present = _follow(run, present, state)
        ends[stage.index] = present
    return state


def _follow(run: Run, present: bool, state: AptState) -> bool:
    mounted = run.mounted(APT_LISTS)
    before = present
    for call in run.calls:
        if is_update(call):
            present = True
        elif removes_lists(call):
            present = False
        elif needs_lists(call):
            asked = [w.raw for w in call.operands] or [call.action]
            (state.fed if present else state.starved).update(asked)
            state.installs_starved += not present
    return before if mounted else present
