"""Write WORKDIR as an absolute path.

A relative WORKDIR counts from the one before it: a reader has to add them up, and a line that is
moved or copied ends somewhere else.

Before:
    WORKDIR /srv
    WORKDIR app
After:
    WORKDIR /srv
    WORKDIR /srv/app

Safety: safe. It is the same folder.
Left alone: a relative path that only the base image's own folder makes whole; paths with variables.
"""

import posixpath
from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.compose import left
from optimizer.rewrite.instructions import args_span, put
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

PLAIN = pattern(r"[\w@%+=:,./-]+")


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["hadolint:DL3000", "buildkit:WorkdirRelativePath"],
    triggers=["workdir"],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find relative paths whose base the file gives."""
    for instruction, stage, state, index in doc.located:
        if instruction.keyword != "WORKDIR" or state.windows:
            continue
        where = args_span(instruction)
        path = where.of(instruction.folded.text).strip("\"'")
        if not PLAIN.fullmatch(path) or path.startswith("/"):
            continue
        if state.workdir is None or not _is_plain(stage, index):
            reason = "the file does not say where it counts from"
            yield left(doc, instruction.start, "an absolute WORKDIR", reason)
            continue
        whole = posixpath.normpath(posixpath.join(state.workdir, path))
        edit = put(instruction, where, whole)
        if edit is not None and PLAIN.fullmatch(whole):
            yield Change(
                title=f"WORKDIR {whole}",
                why="a relative one ends somewhere else when lines move",
                edits=(edit,),
                evidence=f"the WORKDIR before it is {state.workdir}",
            )


def _is_plain(stage: Stage, index: int) -> bool:
    """Whether no variable takes part in the working directory that member number `index` meets."""
    for ancestor in stage.lineage:
        members = ancestor.members[:index] if ancestor is stage else ancestor.members
        for member in reversed(members):
            if member.keyword == "WORKDIR":
                path = member.args.strip().strip("\"'")
                if "$" in path:
                    return False
                if path.startswith("/"):
                    return True
    return False
