"""Edits that add system packages to a stage: to a call that installs some already, or in a RUN of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optimizer.facts.apt import unfed
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Edit
from optimizer.rewrite.compose import insert, insert_word_before
from optimizer.rewrite.instructions import cased
from optimizer.rewrite.manner import DEFAULT_INDENT
from optimizer.syntax import Instruction

_OTHER_INSTALLS = ("-t", "--target-release", "--only-upgrade", "--download-only", "-d", "-s", "--simulate")


def add_with_apt(doc: Document, stage: Stage, packages: Sequence[str], commands: Sequence[str], before: int) -> Edit:
    """Add Debian packages to a stage, so that they are there for `commands` at offset `before` of the file."""
    call = _joinable(doc, stage, commands, before)
    if call is not None:
        return insert_word_before(doc, call.run, call.operands[0], list(packages))
    names = " ".join(packages)
    return _own_run(
        doc,
        stage,
        ["apt-get update", f"apt-get install -y --no-install-recommends {names}", "rm -rf /var/lib/apt/lists/*"],
    )


def add_with_apk(doc: Document, stage: Stage, packages: Sequence[str]) -> Edit:
    """Add Alpine packages to a stage in a RUN of their own, in front of everything else."""
    return _own_run(doc, stage, [f"apk add --no-cache {' '.join(packages)}"])


def _joinable(doc: Document, stage: Stage, commands: Sequence[str], before: int) -> Call | None:
    """Return a plain call of apt-get install in the stage that runs in front of the commands and has fresh lists."""
    spoken = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, commands)) or '(?!)'})(?![\w-])")
    for call in doc.calls("apt"):
        run = call.run
        if run.stage is not stage or run.instruction.start > before:
            continue
        if call.action != "install" or call.program != "apt-get" or call.command.where or not call.operands:
            continue
        if any(w.value is None for w in call.operands) or call.has(*_OTHER_INSTALLS):
            continue
        fed = not any(c.command is call.command for c in unfed(run))
        if fed and not spoken.search(run.script.text[: call.command.start]):
            return call
    return None


def _own_run(doc: Document, stage: Stage, commands: Sequence[str]) -> Edit:
    at = _place(doc, stage)
    keyword = cased(stage.head, "RUN")
    newline = doc.newline
    glue = f" {doc.escape}{newline}{DEFAULT_INDENT}&& "
    text = f"{keyword} {glue.join(commands)}"
    if at == len(doc.text) and not doc.text.endswith("\n"):
        return insert(at, f"{newline}{text}")
    return insert(at, f"{text}{newline}")


def _place(doc: Document, stage: Stage) -> int:
    """Return the offset behind FROM and the ARGs that follow it."""
    last: Instruction = stage.head
    for member in stage.members:
        if member.keyword != "ARG":
            break
        last = member
    return last.end
