"""Folders of the build context that a build makes itself: dependencies and what compilers put out."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from optimizer.context.listing import HEAVY
from optimizer.facts.brought import placed_before
from optimizer.facts.calls import ShellCall, read_call
from optimizer.facts.document import Document
from optimizer.facts.installs.words import values_of
from optimizer.facts.runs import Run

# By the manager: the manifest that it reads, the verbs that make the folders, and these.
_MAKES: Mapping[str, tuple[str, frozenset[str], tuple[str, ...]]] = {
    **{
        name: ("package.json", frozenset({"", "install", "i", "ci", "clean-install"}), ("node_modules",))
        for name in ("npm", "yarn", "pnpm")
    },
    "composer": ("composer.json", frozenset({"install", "i"}), ("vendor",)),
    "cargo": ("Cargo.toml", frozenset({"build", "b", "install"}), ("target",)),
    "maven": ("pom.xml", frozenset({"package", "install", "verify", "clean"}), ("target",)),
    "gradle": (
        "build.gradle",
        frozenset({"build", "assemble", "bootJar", "shadowJar", "installDist", "clean"}),
        ("build", ".gradle"),
    ),
}


def remade(doc: Document) -> Iterator[tuple[str, str, str]]:
    """Yield the context's folder of a project, the name of a folder in it that a RUN makes anew, and by what."""
    for run in doc.runs:
        for call, cwd in _calls_in_folders(run):
            manager = call.manager.name if call.manager is not None else ""
            if manager not in _MAKES or call.has("-g", "--global"):
                continue
            manifest, verbs, names = _MAKES[manager]
            if call.action not in verbs or (call.operands and manager in ("npm", "yarn", "pnpm")):
                continue
            if not call.action and manager != "yarn":
                continue
            folder = next(values_of(call, "--prefix", "--cwd", "-C", "--dir"), "")
            origin = placed_before(doc, run, HEAVY).get(posixpath.normpath(posixpath.join(cwd, folder, manifest)))
            if origin is not None:
                yield from (
                    (posixpath.dirname(origin), name, f"{call.program} {call.action}".strip()) for name in names
                )


def _calls_in_folders(run: Run) -> Iterator[tuple[ShellCall, str]]:
    """Yield the calls of a RUN with the folder that they work in, as far as `cd` shows it."""
    cwd = run.state.workdir or ""
    for step in run.script.steps:
        for command in step.commands:
            if not command.words:
                continue
            call = read_call(command)
            if call.program == "cd" and step.kind == "simple" and len(call.words) == 2 and call.words[1].value:
                cwd = posixpath.join(cwd, call.words[1].value)
            elif cwd:
                yield call, cwd
