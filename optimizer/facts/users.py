"""The users and groups that a file names."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.runs import Run
from optimizer.facts.stages import Stage
from optimizer.syntax import Instruction

_CREATES = frozenset({"useradd", "adduser"})
_CREATES_GROUP = frozenset({"groupadd", "addgroup"})
_OWNS = frozenset({"chown", "chgrp", "su", "gosu", "su-exec", "runuser", "setpriv"})


def named_users(doc: Document, stages: set[int]) -> frozenset[str]:
    """Return the users and groups that some stages name, numbers left out, and those that the file makes itself."""
    names: set[str] = set()
    for stage in doc.stages:
        if stage.index in stages:
            names.update(name for member in stage.members for name in _named(member))
    for run in doc.runs:
        if run.stage.index in stages:
            names.update(_called(run))
    return frozenset(n for n in names if n and not n.isdigit() and "$" not in n)


def made_users(doc: Document, stage: Stage) -> frozenset[str]:
    """Return the users and groups that a stage, or one that it stands on, makes itself."""
    inside = {s.index for s in stage.lineage}
    found: set[str] = set()
    for run in doc.runs:
        if run.stage.index in inside:
            for call in run.calls:
                if call.program in _CREATES | _CREATES_GROUP:
                    found.update(w.value or "" for w in call.words[1:] if not w.raw.startswith("-"))
    return frozenset(found - {""})


def _named(instruction: Instruction) -> Iterator[str]:
    if instruction.keyword == "USER":
        yield from instruction.args.strip().split(":")
    elif instruction.keyword in ("COPY", "ADD"):
        yield from (instruction.flag("chown") or "").split(":")


def _called(run: Run) -> Iterator[str]:
    for call in run.calls:
        if call.program in ("chown", "chgrp"):
            owner = next((w.value or "" for w in call.words[1:] if not w.raw.startswith("-")), "")
            yield from owner.split(":")
        elif call.program in ("install",):
            yield from (*call.shell.value_of("-o", "--owner"), *call.shell.value_of("-g", "--group"))
