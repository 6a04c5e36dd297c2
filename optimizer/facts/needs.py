"""What an image needs of its base: the commands of its build, of its start and health check, and what it installs."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from optimizer.facts.applications import read_applications
from optimizer.facts.document import Document
from optimizer.facts.later import family
from optimizer.facts.reader import Reader, distinct
from optimizer.facts.runs import Call, Run
from optimizer.facts.stages import Stage
from optimizer.facts.users import named_users
from optimizer.facts.uses import Dependency, Installed, Installs, Use
from optimizer.facts.wishes import wishes_of

STARTS = ("CMD", "ENTRYPOINT", "HEALTHCHECK")
_SYSTEM_MANAGERS = frozenset({"apt", "apk", "yum", "dnf", "microdnf", "zypper"})
# What installs packages of a language, by program or manager: the reader of each is loaded where one of them is called.
_INSTALLERS = {
    "python": frozenset("pip uv poetry pdm pipenv easy_install python python3".split()),
    "node": frozenset("npm yarn pnpm".split()),
    "ruby": frozenset("gem bundler".split()),
}
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})


@dataclass(frozen=True)
class Needs:
    """What a stage, the stages that it stands on, and those that stand on it, call and install.

    `build` are the commands of RUN instructions, `run` those of the running image. `unread` says in
    short why there may be more, `unlisted` (a part of it) why more may be installed. `installed` are what
    the system's package managers install. `python`, `node`
    and `ruby` are what pip, npm and gem install, and theirs. `users` are the users and groups that are named.
    `wishes` holds "locale", "timezone" and "certificates" where they are asked for. `started` tells
    whether the file says what the image runs.
    """

    build: tuple[Use, ...] = ()
    run: tuple[Use, ...] = ()
    unread: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    installed: tuple[Installed, ...] = ()
    python: tuple[Dependency, ...] = ()
    node: tuple[Dependency, ...] = ()
    ruby: tuple[Dependency, ...] = ()
    users: frozenset[str] = frozenset()
    wishes: frozenset[str] = frozenset()
    started: bool = True

    @property
    def uses(self) -> tuple[Use, ...]:
        """All commands that are called, those of the build first."""
        return (*self.build, *self.run)

    @property
    def dependencies(self) -> tuple[Dependency, ...]:
        """What the languages' package managers install."""
        return (*self.python, *self.node, *self.ruby)

    def packages(self, manager: str) -> frozenset[str]:
        """Return the names of the packages that a system's package manager installs."""
        return frozenset(i.name for i in self.installed if i.manager == manager)


@lru_cache(maxsize=32)
def needs_of(doc: Document, stage: Stage) -> Needs:
    """Return what a stage needs of its base image; asks the build context where there is one."""
    stages = {s.index for s in (*stage.lineage, *family(stage))}
    build, start = Reader(doc), Reader(doc)
    installed: list[Installed] = []
    found: dict[str, list[Dependency]] = {"python": [], "node": [], "ruby": []}
    unlisted: list[str] = []
    for run in doc.runs:
        if run.stage.index not in stages:
            continue
        build.run(run, "RUN")
        program = run.state.shell[0].rpartition("/")[2] if run.state.shell else ""
        if run.instruction.json is None and program not in ("", "sh"):
            build.uses.append(Use(program, "SHELL", run.instruction.start))
        for call in run.calls:
            installed += _packages(call)
            for language, installs in _installs(doc, call):
                found[language] += installs.dependencies
                unlisted += installs.unread
                build.uses += [Use(name, call.program, run.instruction.start) for name in installs.calls]
    starts = list(_starts(doc, stages))
    for run in starts:
        start.run(run, run.instruction.keyword)
    begun = [r for r in starts if r.instruction.keyword != "HEALTHCHECK" and r.instruction.json != ()]
    unread = [*unlisted, *build.unread, *start.unread, *read_applications(doc, start, _images(doc, stages))]
    unread += [f"the image opens a shell ({r.instruction.keyword})" for r in begun if _opens_a_shell(r)]
    if any(i.keyword == "ONBUILD" for s in doc.stages if s.index in stages for i in s.members):
        unread.append("images that stand on this one run its ONBUILD")
    return Needs(
        tuple(build.uses),
        tuple(start.uses),
        distinct(unread),
        distinct(unlisted),
        tuple(installed),
        tuple(dict.fromkeys(found["python"])),
        tuple(dict.fromkeys(found["node"])),
        tuple(dict.fromkeys(found["ruby"])),
        named_users(doc, stages),
        wishes_of(doc, stages),
        bool(begun),
    )


def _images(doc: Document, stages: set[int]) -> frozenset[str]:
    names = (s.root_image.repository.rpartition("/")[2] for s in doc.stages if s.index in stages)
    return frozenset(name for name in names if name in ("python", "node"))


def _starts(doc: Document, stages: set[int]) -> Iterator[Run]:
    """Yield the CMD, ENTRYPOINT and HEALTHCHECK that count in each stage, to be read as a RUN is."""
    for stage in doc.stages:
        if stage.index not in stages:
            continue
        last = {m.keyword: index for index, m in enumerate(stage.members) if m.keyword in STARTS}
        for index in sorted(last.values()):
            instruction = stage.members[index]
            if instruction.keyword != "HEALTHCHECK" or instruction.args.strip().upper() != "NONE":
                yield Run(instruction, stage, stage.states[index], index, doc.text)


def _opens_a_shell(run: Run) -> bool:
    calls = run.calls
    return len(calls) == 1 and calls[0].program in _SHELLS and all(w.raw.startswith("-") for w in calls[0].words[1:])


def _packages(call: Call) -> list[Installed]:
    manager = call.manager
    if manager is None or manager.name not in _SYSTEM_MANAGERS or not call.installs:
        return []
    at = call.run.instruction.start
    names = (w.value or "" for w in call.operands)
    return [
        Installed(manager.name, bare_package(name), at) for name in names if name and not name.startswith(("/", "."))
    ]


def bare_package(name: str) -> str:
    """Return a package's name without the version, release or architecture that a manager takes with it."""
    for sign in ("=", "/", ":", "~", ">", "<", "@"):
        name = name.partition(sign)[0] or name
    return name


def _installs(doc: Document, call: Call) -> Iterator[tuple[str, Installs]]:
    names = {call.program, call.manager.name if call.manager else ""}
    for language, programs in _INSTALLERS.items():
        if names.isdisjoint(programs):
            continue
        module = importlib.import_module(f"optimizer.facts.{language}_installs")
        installs = getattr(module, f"{language}_installs")(doc, call)
        if installs is not None:
            yield language, installs
