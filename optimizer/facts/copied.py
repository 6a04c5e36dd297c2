"""Which files of the build context a RUN finds in its working directory."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase

from optimizer.context.files import BuildContext
from optimizer.context.ignore import is_ignored
from optimizer.facts.document import Document
from optimizer.facts.images import expand
from optimizer.facts.runs import Run
from optimizer.facts.stages import State
from optimizer.syntax import Instruction
from optimizer.syntax.words import blank_words

# Stands for a working directory that only the base image knows.
_UNKNOWN = "/?"


def copies_before(run: Run) -> Iterator[tuple[Instruction, State]]:
    """Yield the COPY and ADD instructions in front of a RUN, the last one first."""
    members = list(zip(run.stage.members[: run.index], run.stage.states, strict=False))
    for stage in run.stage.lineage[1:]:
        members = [*zip(stage.members, stage.states, strict=True), *members]
    for instruction, state in reversed(members):
        if instruction.keyword in ("COPY", "ADD"):
            yield instruction, state


def sources_and_target(instruction: Instruction, state: State) -> tuple[list[str], str] | None:
    """Return what a COPY or ADD names, variables replaced; None where one has no value."""
    text = instruction.folded.text
    words = list(instruction.json or (s.of(text) for s in blank_words(text, instruction.shape.args_at)))
    found = [expand(word.strip("\"'"), state.env) for word in words]
    if len(found) < 2 or not all(known for _, known in found):
        return None
    names = [name for name, _ in found]
    return names[:-1], names[-1]


def found_in_workdir(doc: Document, run: Run, name: str) -> str | None:
    """Return the path in the build context of the file that a RUN finds as `name`, if one is copied there."""
    context = doc.context
    if context is None or any(c.program in ("cd", "pushd") for c in run.calls):
        return None
    wanted = posixpath.join(run.state.workdir or _UNKNOWN, name)
    for instruction, state in copies_before(run):
        named = sources_and_target(instruction, state)
        if named is None or instruction.flag("from") is not None or instruction.heredocs:
            continue
        sources, target = named
        place = posixpath.normpath(posixpath.join(state.workdir or _UNKNOWN, target))
        is_folder = target.endswith(("/", ".")) or len(sources) > 1 or place == posixpath.dirname(wanted)
        for source in sources:
            path = _origin(context, source, place, is_folder, wanted)
            if path is not None and context.kind(path) == "file" and not is_ignored(context, path):
                return path
    return None


def _origin(context: BuildContext, source: str, place: str, is_folder: bool, wanted: str) -> str | None:
    """Return the path in the context that lands at `wanted` when `source` is copied to `place`."""
    if "://" in source:
        return None
    source = posixpath.normpath(source.lstrip("/") or ".")
    folder, name = posixpath.split(wanted)
    if any(c in source for c in "*?["):
        inside, pattern = posixpath.split(source)
        return posixpath.join(inside, name) if folder == place and fnmatchcase(name, pattern) else None
    if context.kind(source) == "folder":
        if place != "/" and wanted != place and not wanted.startswith(f"{place}/"):
            return None
        return posixpath.normpath(posixpath.join(source, posixpath.relpath(wanted, place)))
    if is_folder:
        return source if folder == place and posixpath.basename(source) == name else None
    return source if place == wanted else None
