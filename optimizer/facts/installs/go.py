"""Go: where the modules of a project can be downloaded before its sources are copied."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from optimizer.facts.brought import Brought, brought_by
from optimizer.facts.document import Document
from optimizer.facts.installs.needs import Files
from optimizer.facts.runs import Run
from optimizer.facts.stages import Stage
from optimizer.syntax.patterns import pattern

DOWNLOAD = "go mod download"
_STEERING = pattern(r"(GO[A-Z]+|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy)(?==|\Z)")
_GIT = pattern(
    r"\b(apk|apt|apt-get|yum|dnf|microdnf)\b[^\n]*\b(git|mercurial|bzr|subversion|openssh[\w-]*|ca-certificates)\b|"
    r"\b(git\s+config|netrc|ssh-keyscan|go\s+env\s+-w|GOPRIVATE|GONOSUMDB)\b"
)


@dataclass(frozen=True)
class Download:
    """A COPY of a Go module's sources, the files in the image that say what to download, and the build behind it."""

    copy: Brought
    manifests: tuple[str, ...]
    run: Run


def download_of(doc: Document, stage: Stage) -> Download | str | None:
    """Return where a stage can download its Go modules first, why not, or None where it builds nothing with Go."""
    if doc.context is None:
        return None
    runs = [run for run in doc.runs_of(stage) if any(_is_build(call.program, call.action) for call in run.calls)]
    if not runs or any(
        c.program == "go" and "mod" in (c.action, *_values(c)) for r in doc.runs_of(stage) for c in r.calls
    ):
        return None
    run, folder = runs[0], runs[0].state.workdir or ""
    for index in range(run.index - 1, -1, -1):
        instruction, state = stage.members[index], stage.states[index]
        if instruction.keyword not in ("COPY", "ADD"):
            continue
        found = brought_by(doc.context, instruction, state)
        if isinstance(found, str) or posixpath.join(folder, "go.mod") not in found.files:
            continue
        if not found.folders:
            return None
        problem = _problem(doc, run, found, folder) or _between(doc, stage, index, run)
        if problem:
            return problem
        manifests = tuple(posixpath.join(folder, name) for name in ("go.mod", "go.sum"))
        return Download(found, manifests, run)
    return None


def _is_build(program: str, action: str) -> bool:
    return program == "go" and action in ("build", "install", "test", "run", "vet")


def _values(call: object) -> list[str]:
    return [w.value or "" for w in getattr(call, "words", ())]


def _problem(doc: Document, run: Run, found: Brought, folder: str) -> str:
    from optimizer.context.manifests.go_mod import read_go_mod

    assert doc.context is not None
    origin = found.files[posixpath.join(folder, "go.mod")]
    module = read_go_mod(doc.context, origin)
    files = Files(doc.context, found.files)
    if module is None or module.unreadable:
        return f"{origin} {module.unreadable if module else 'is not there'}"
    if not module.requires:
        return f"{origin} asks for no modules"
    if module.vendored or files.has(posixpath.join(folder, "vendor/modules.txt")):
        return "its modules stand in the build context"
    if not files.there(folder, ("go.sum",)):
        return "it has no go.sum"
    if module.replaced:
        return f"{origin} names folders of the build context"
    if module.workspace or files.above(folder, ("go.work",)):
        return "it is part of a workspace"
    if run.mounts:
        return "the build has mounts"
    return ""


def _between(doc: Document, stage: Stage, index: int, run: Run) -> str:
    """Return what between the COPY and the build decides how modules are fetched, "" if nothing does."""
    state = stage.states[index]
    if state.user != run.state.user or state.workdir != run.state.workdir:
        return "user or folder change before the build"
    changed = {k for k in run.state.env if run.state.env[k] != state.env.get(k)} | (
        run.state.env.keys() - state.env.keys()
    )
    if any(_STEERING.match(name) for name in changed):
        return "variables that steer Go change before the build"
    runs = [r for r in doc.runs_of(stage) if index < r.index <= run.index]
    if any(r.script.opaque or _GIT.search(r.script.text) for r in runs):
        return "a RUN before the build may decide how modules are fetched"
    if any(
        _STEERING.match(a.raw)
        for r in runs
        for c in r.calls
        for a in c.command.assignments
        if not re.match(r"(CGO_|GOOS=|GOARCH=|GO111MODULE=on)", a.raw)
    ):
        return "the build sets variables that steer Go"
    return ""
