"""Removing what a RUN downloaded, directly behind its last use."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from optimizer.facts.document import Document
from optimizer.facts.downloads import UNKNOWN, Used, Walk
from optimizer.facts.later import family
from optimizer.facts.runs import Call, Run
from optimizer.facts.stages import source_stages
from optimizer.rewrite.change import Change, Left
from optimizer.rewrite.compose import left
from optimizer.rewrite.steps import insert_behind, operator_behind
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Word

_GLOB = pattern(r"[^\s\"',=]*[*?\[][^\s\"',=]*")


def remove_behind(
    doc: Document, run: Run, uses: Callable[[Call], list[Word]], *, title: str, saves: str
) -> Iterator[Change | Left]:
    """Yield the Changes that remove downloaded files behind the call that `uses` them last."""
    walk = Walk(run)
    got = {file.path: file for file in walk.downloads()}
    if not got:
        return
    for index, call in walk.calls.items():
        files = [
            Used(path, word, call, index)
            for word in uses(call)
            if (path := walk.locate(word, walk.folders[index])) in got and got[path].step < index
        ]
        files = [f for f in files if not walk.touches(f.path, f.word, index + 1) and not _mounted(run, f.path)]
        files = [f for f in files if not _read_later(doc, run, f)]
        if not files:
            continue
        steps = run.script.steps
        # Behind `;` the file may be missing where the step itself was skipped.
        maybe = steps[index].operator == "&&" and operator_behind(run, index) in (";", "\n")
        names = " ".join(dict.fromkeys(f.word.raw for f in files))
        edit = insert_behind(doc, run, index, f"rm {'-f ' if maybe else ''}{names}")
        if isinstance(edit, str):
            yield left(doc, run.offset(call.command.start), title, edit)
            continue
        yield Change(
            title=title,
            why="nothing reads it again, and a later layer could only hide it",
            edits=(edit,),
            evidence="downloaded in this RUN, and not mentioned behind it",
            saves=saves,
        )


def _mounted(run: Run, path: str) -> bool:
    return bool(run.mounts) and (path.startswith((UNKNOWN, "~", "$")) or "$" in path or run.mounted(path))


def _read_later(doc: Document, run: Run, file: Used) -> bool:
    """Tell whether a later instruction may read a file: by name, by a pattern, or with its folder."""
    names = {posixpath.basename(file.path), file.word.raw.strip("\"'").rpartition("/")[2]}
    stages = {s.index for s in family(run.stage)}
    for instruction, stage, _, _ in doc.located:
        if instruction.start <= run.instruction.start:
            continue
        text = instruction.span.of(doc.text)
        if any(name in text for name in names):
            return True
        if stage.index in stages or instruction.flag("from") is not None or "--mount" in text:
            globs = [glob.rpartition("/")[2] for glob in _GLOB.findall(text)]
            # A pattern such as `*` says nothing of its own.
            if any(fnmatchcase(name, glob) for glob in globs if glob.strip("*?") not in ("", ".") for name in names):
                return True
        if instruction.keyword == "COPY" and source_stages(instruction) and _is_inside(instruction.args, file.path):
            return True
    return False


def _is_inside(args: str, path: str) -> bool:
    """Whether one of the paths that a COPY names holds a file."""
    words = re.findall(r"[^\s\"',\[\]]+", args)[:-1]
    folders = [posixpath.normpath(f"/{w}") for w in words]
    return any(f == "/" or path == f or path.startswith(f"{f}/") for f in folders) or path.startswith(UNKNOWN)
