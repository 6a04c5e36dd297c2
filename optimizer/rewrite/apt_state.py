"""A simulation of apt's package lists through the layers of every stage.

It reads the tree anew, and knows nothing of the transforms: the gate uses it to prove that no
install that found its lists before finds them gone after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from optimizer.facts.document import Document
from optimizer.facts.managers import APT_LISTS
from optimizer.facts.runs import Call, Run
from optimizer.facts.stages import Stage

_UPDATES = frozenset({"update"})
_COVERS = re.compile(
    r"/var/lib/apt(/(lists)?(/\*)?)?\Z|/var/lib/\*?\Z|/var/lib/\{[^}]*apt\b.*|/var/lib/apt/lists/.*\*.*"
)
_LOCAL = re.compile(r"(\.{0,2}/|.*\.deb$)")


@dataclass
class AptState:
    """`fed` are the installs that found lists, `starved` those that did not, as their packages."""

    fed: list[str] = field(default_factory=list)
    starved: list[str] = field(default_factory=list)


def simulate(document: Document) -> AptState:
    """Follow the lists through all stages in order."""
    state = AptState()
    ends: dict[int, bool] = {}
    by_stage: dict[int, list[Run]] = {}
    for run in document.runs:
        by_stage.setdefault(run.stage.index, []).append(run)
    for stage in document.stages:
        present = _start(stage, ends)
        for run in by_stage.get(stage.index, []):
            present = _follow(run, present, state)
        ends[stage.index] = present
    return state


def _start(stage: Stage, ends: dict[int, bool]) -> bool:
    return ends.get(stage.parent.index, False) if stage.parent else False


def _follow(run: Run, present: bool, state: AptState) -> bool:
    mounted = run.mounted(APT_LISTS)
    before = present
    for call in run.calls:
        if is_update(call):
            present = True
        elif removes_lists(call):
            present = False
        elif needs_lists(call):
            (state.fed if present else state.starved).append(_packages(call))
            if call.has("-U", "--update"):
                present = True
    return before if mounted else present


def is_update(call: Call) -> bool:
    """Whether a call fetches apt's lists."""
    return (call.is_("apt") or call.program == "aptitude") and _first_operand(call) in _UPDATES


def _first_operand(call: Call) -> str:
    if call.manager is not None:
        return call.action
    return next((w.value or "" for w in call.words[1:] if not w.raw.startswith("-")), "")


def removes_lists(call: Call) -> bool:
    """Whether a call takes apt's lists away."""
    if call.program == "rm":
        return any(_COVERS.match(w.value or w.raw) for w in call.words[1:])
    if call.program == "find":
        return any(w.raw.startswith(APT_LISTS) for w in call.words) and any(w.raw == "-delete" for w in call.words)
    return call.is_("apt", "dist-clean", "distclean")


def needs_lists(call: Call) -> bool:
    """Whether a call asks the lists for packages."""
    manager = call.manager
    if manager is None or manager.name != "apt":
        return call.program == "aptitude" and _first_operand(call) in ("install", "upgrade", "safe-upgrade")
    if call.action not in manager.fetch:
        return False
    packages = call.operands
    return not packages or any(not _LOCAL.match(w.value or w.raw) for w in packages)


def _packages(call: Call) -> str:
    return " ".join(w.raw for w in call.operands)
