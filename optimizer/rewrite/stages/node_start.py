"""What a Node image starts: node itself with a file, or a program of a package."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from optimizer.context.manifests.package_json import PackageJson
from optimizer.facts.calls import ShellCall, calls_of
from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.placed import Placed
from optimizer.rewrite.stages.start import start_of
from optimizer.syntax.shell import read_script

_DEVELOPMENT = frozenset(
    "nodemon ts-node ts-node-dev tsx react-scripts vite ng webpack-dev-server vue-cli-service parcel "
    "tsc-watch gatsby".split()
)
_BUILDING = frozenset({"build", "tsc", "webpack", "vite"})


class Started(NamedTuple):
    """What is started: `program` with `words` behind it.

    `builds` says how it builds or watches when it runs, "" where it does not; `unknown` why it is not known.
    `managers` are the package managers that start it.
    """

    program: str = ""
    words: tuple[str, ...] = ()
    builds: str = ""
    unknown: str = ""
    managers: tuple[str, ...] = ()


def started(doc: Document, stage: Stage, placed: Placed, manifest: PackageJson | None) -> Started:
    """Return the one program that an image starts in the end."""
    start = start_of(doc, stage, placed)
    calls = [c for c in start.calls if c.program not in ("cd", "set", "exec", "export", "echo")]
    health = any(i.keyword == "HEALTHCHECK" for i in stage.members)
    if start.unread or not calls or (len(calls) > 1 and not health):
        return Started(unknown=start.unread or "it starts more than one program")
    return _followed(calls[0], manifest, (), 0)


def _followed(call: ShellCall, manifest: PackageJson | None, managers: tuple[str, ...], depth: int) -> Started:
    words = [w.value for w in call.words]
    if any(w is None for w in words):
        return Started(unknown="it starts what only the run can tell", managers=managers)
    program, *rest = [w or "" for w in words]
    program = posixpath.basename(program)
    if program in ("npm", "yarn", "pnpm"):
        return _script(program, rest, manifest, managers, depth)
    while program in ("npx", "cross-env", "dumb-init", "tini") and rest:
        program, *rest = [w for w in rest if not w.startswith("-") and "=" not in w] or [""]
    if program in _DEVELOPMENT and rest[:1] not in (["build"], ["preview"]):
        return Started(program, tuple(rest), f"{program} compiles or watches when it runs", managers=managers)
    if program in ("next", "nuxt", "nest", "astro") and rest[:1] == ["dev"]:
        return Started(program, tuple(rest), f"{program} dev compiles when it runs", managers=managers)
    if rest[:1] == ["build"]:
        return Started(program, tuple(rest), f"{program} build runs when the image does", managers=managers)
    return Started(program, tuple(rest), managers=managers)


def _script(
    manager: str, words: list[str], manifest: PackageJson | None, managers: tuple[str, ...], depth: int
) -> Started:
    names = [w for w in words if not w.startswith("-")]
    name = names[1] if names[:1] in (["run"], ["run-script"]) and len(names) > 1 else (names[0] if names else "")
    managers = (*managers, manager)
    if manifest is None or name not in manifest.scripts or depth > 3:
        return Started(unknown=f"what {manager} {name} starts is not known", managers=managers)
    if f"pre{name}" in manifest.scripts or f"post{name}" in manifest.scripts:
        hook = manifest.scripts.get(f"pre{name}", "")
        builds = f"the script pre{name} builds when the image runs" if any(b in hook for b in _BUILDING) else ""
        return Started(unknown=f"{manager} {name} runs more than one script", builds=builds, managers=managers)
    script = read_script(manifest.scripts[name])
    calls = [c for c in calls_of(script) if c.program not in ("cd", "export")]
    for call in calls:
        found = _followed(call, manifest, managers, depth + 1)
        if found.builds:
            return found
    if script.opaque or len(calls) != 1:
        return Started(unknown=f"the script {name} starts more than one program", managers=managers)
    return _followed(calls[0], manifest, managers, depth + 1)
