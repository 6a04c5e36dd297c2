"""Which COPYs of sources can wait until the installs behind them have run.

A COPY can wait for what stands behind it as long as that reads nothing of what it brings but some
manifests, which can be copied alone, and as long as neither writes what the other does.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from optimizer.context.files import BuildContext
from optimizer.facts.brought import Brought, brought_by
from optimizer.facts.copied import sources_and_target
from optimizer.facts.document import Document
from optimizer.facts.installs.needs import Files, Needs
from optimizer.facts.installs.read import needs_of_run
from optimizer.facts.runs import Run
from optimizer.facts.stages import Stage, State, join_path
from optimizer.syntax import Instruction
from optimizer.syntax.patterns import pattern

# Instructions that neither read nor write files.
_QUIET = frozenset(
    {"USER", "SHELL", "CMD", "ENTRYPOINT", "EXPOSE", "LABEL", "STOPSIGNAL", "HEALTHCHECK", "MAINTAINER", "ONBUILD"}
)
# Where packages are installed to: a COPY to there may change what an install does.
_SYSTEM = pattern(
    r"/(\Z|(etc|bin|sbin|lib\w*|dev|proc|sys|boot|run|tmp|root|usr(?!/src/.)|var(?!/(www|app|task)\b))(/|\Z))"
)
_MANIFEST = pattern(
    r"(.*\.(txt|lock|lockb|toml|json|ya?ml|cfg|ini|in|conf|xml|md)|Gemfile|Pipfile|\.[^/]*|LICEN[CS]E)\Z"
)
_SOURCE = pattern(r".*\.(py|[cm]?[jt]sx?|rb|php|go|rs|java|kt|cs|c|cc|cpp|h|html|css|sh|vue|svelte|ex|exs|pl|sql)\Z")
_INSTALLERS = frozenset({"pip", "uv", "npm", "yarn", "pnpm", "bundler", "composer"})


@dataclass(frozen=True)
class Wait:
    """COPYs that can wait until `landing` has run, in their order.

    `manifests` are, for each of them, the files in the image that have to be copied in its place.
    """

    copies: tuple[Brought, ...]
    manifests: tuple[tuple[str, ...], ...]
    landing: Run
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stuck:
    """An install of a project's dependencies that can't run before the sources are there, and why."""

    run: Run
    reason: str


def waits_of(doc: Document, stage: Stage) -> Iterator[Wait | Stuck]:
    """Yield what can wait in a stage, and the installs that keep it from waiting."""
    if doc.context is None:
        return
    walk = _Walk(doc, doc.context)
    runs = {run.index: run for run in doc.runs_of(stage)}
    for index, (instruction, state) in enumerate(zip(stage.members, stage.states, strict=True)):
        after = stage.states[index + 1] if index + 1 < len(stage.states) else stage.last
        problem = walk.passes(instruction, state, after, runs.get(index))
        if problem:
            run = runs.get(index)
            if walk.copies and not walk.landed[1].project and run is not None and _installs_project(run):
                yield Stuck(run, problem)
            yield from walk.result()
            walk.start_anew()
    yield from walk.result()


def _installs_project(run: Run) -> bool:
    for call in run.calls:
        if call.manager is not None and call.manager.name in _INSTALLERS and call.installs:
            if call.manager.name != "pip" or any(w.raw.startswith(("-r", "--req")) for w in call.words):
                return True
        elif call.program in ("poetry", "pipenv", "pdm") and any(w.value == "install" for w in call.words):
            return True
    return False


@dataclass
class _Walk:
    doc: Document
    context: BuildContext
    placed: dict[str, str] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    before: dict[str, str] = field(default_factory=dict)
    copies: list[Brought] = field(default_factory=list)
    needs: Needs = field(default_factory=Needs)
    landing: Run | None = None
    landed: tuple[int, Needs] = (0, Needs())
    folders: set[str] = field(default_factory=set)
    made: bool = False

    def start_anew(self) -> None:
        """Leave what was passed behind: from here on it is simply there."""
        self.copies, self.needs, self.landing, self.landed = [], Needs(), None, (0, Needs())
        self.before = dict(self.placed)

    def result(self) -> Iterator[Wait]:
        if self.landing is None:
            return
        number, needs = self.landed
        copies = self.copies[:number]
        manifests = tuple(tuple(p for p in needs.reads if self._has_to_come(p, c)) for c in copies)
        yield Wait(tuple(copies), manifests, self.landing, needs.notes)

    def _has_to_come(self, path: str, copy: Brought) -> bool:
        origin = copy.files.get(path)
        return origin is not None and self.before.get(path) != origin

    def passes(self, instruction: Instruction, state: State, after: State, run: Run | None) -> str:
        """Let the waiting COPYs pass an instruction; return why they can't, "" if they can."""
        if run is not None:
            return self._run(run) if self.copies else ""
        if instruction.keyword in ("COPY", "ADD"):
            return self._copy(instruction, state)
        if instruction.keyword == "WORKDIR":
            self.folders.add(after.workdir or "")
            return "" if all(self._same_target(c, after) for c in self.copies) else "the folder changes"
        if instruction.keyword in ("ENV", "ARG"):
            return "a variable changes" if any("$" in c.instruction.args for c in self.copies) else ""
        return "" if instruction.keyword in _QUIET else f"a {instruction.keyword} stands between"

    def _same_target(self, copy: Brought, state: State) -> bool:
        if copy.instruction.flag("chown") is not None and not self._is_made(copy.target):
            # Who makes the folder owns it.
            return False
        named = sources_and_target(copy.instruction, state)
        target = join_path(state.workdir, (named[1], True)) if named is not None else None
        return target is not None and posixpath.normpath(target) == copy.target

    def _is_made(self, folder: str) -> bool:
        return any(f == folder or f.startswith(f"{folder}/") for f in (*self.folders, *self.before))

    def _copy(self, instruction: Instruction, state: State) -> str:
        found = brought_by(self.context, instruction, state) if instruction.keyword == "COPY" else "an ADD is between"
        if isinstance(found, str):
            named = sources_and_target(instruction, state)
            target = join_path(state.workdir, (named[1], True)) if named is not None else None
            apart = target is not None and all(_apart(posixpath.normpath(target), c.target) for c in self.copies)
            return "" if apart and instruction.keyword == "COPY" else found
        if _is_waiting(found):
            self.copies.append(found)
        else:
            for copy in self.copies:
                if _clash(copy, found):
                    return "another COPY overwrites what it brings"
            self.before |= found.files
        self.placed |= found.files
        self.links |= found.links
        return ""

    def _run(self, run: Run) -> str:
        found = needs_of_run(run, Files(self.context, self.placed))
        if isinstance(found, str):
            return found
        for path in found.reads:
            if self.placed[path] in self.links:
                return f"{self.placed[path]} is a symbolic link"
            if re.search(r"[\s$*?\[\]\\\"']", self.placed[path]):
                return f"{self.placed[path]!r} has a name that a COPY would have to quote"
        for copy in self.copies:
            for path in found.writes:
                hit = next((o for p, o in copy.files.items() if p == path or p.startswith(f"{path}/")), None)
                if hit is not None:
                    return f"the build context brings {hit}, which the install makes"
            if not copy.places.isdisjoint(found.touches):
                return "it changes owner or mode of what is copied"
        self.needs += found
        if found.project or any(call.installs for call in run.calls):
            self.landing, self.landed = run, (len(self.copies), self.needs)
        return ""


def _is_waiting(found: Brought) -> bool:
    """Whether a COPY brings sources, to a place where sources stand."""
    if _SYSTEM.match(found.target) or found.instruction.flag("link") is not None:
        return False
    if found.folders and any(c in source for source in found.sources for c in "*?["):
        # The contents of every folder that is matched go to one place.
        return False
    if any(path.endswith("pyvenv.cfg") for path in found.files.values()):
        return False
    names = [posixpath.basename(path) for path in found.files.values()]
    if found.folders:
        return any(not _MANIFEST.match(name) for name in names)
    return any(_SOURCE.match(name) for name in names)


def _clash(copy: Brought, other: Brought) -> bool:
    """Whether it matters which of two COPYs comes first."""
    same_flags = _flags(copy.instruction) == _flags(other.instruction)
    return any(
        path in copy.places and not (same_flags and copy.files.get(path) == origin)
        for path, origin in other.files.items()
    )


def _flags(instruction: Instruction) -> list[tuple[str, str | None]]:
    return sorted((flag.name, flag.value) for flag in instruction.shape.flags)


def _apart(path: str, other: str) -> bool:
    return (
        path != other and not path.startswith(f"{other.rstrip('/')}/") and not other.startswith(f"{path.rstrip('/')}/")
    )
