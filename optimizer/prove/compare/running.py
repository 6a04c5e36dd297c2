"""What an image can't run any more: its commands, its user, its scripts, its programs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from optimizer.prove.compare.causes import BASE, OWNERS, PACKAGES, Causes
from optimizer.prove.compare.commands import SETTINGS, Named, commands_of, files_named, interpreters_of, problem_of
from optimizer.prove.compare.loader import Loader
from optimizer.prove.compare.reached import Reached
from optimizer.prove.compare.sides import Side, dependency_of
from optimizer.prove.compare.types import Finding, Severity
from optimizer.prove.image import FileEntry


def compare_commands(before: Side, after: Side, reached: Reached, causes: Causes) -> Iterator[Finding]:
    """Yield the commands of CMD, ENTRYPOINT and HEALTHCHECK that are gone, and the files that they name."""
    olds = list(commands_of(before.reading.config))
    known = {named.words[0] for named in olds if not problem_of(before, named.words[0])}
    explained = causes.of_phase(PACKAGES | OWNERS)
    seen: set[tuple[str, str]] = set()
    for named in commands_of(after.reading.config):
        name = named.words[0]
        if not name or (name, named.where) in seen:
            continue
        seen.add((name, named.where))
        # With an ENTRYPOINT, CMD may be plain arguments: a command is what was one.
        must = name in known or (not _may_be_argument(named, after) and name not in {o.words[0] for o in olds})
        problem = problem_of(after, name) if must else ""
        if problem:
            yield Finding("command", "broken", f"the command of {named.where}: {problem}", named.where, explained)
    yield from _files_gone(before, after, olds, causes)
    for name, where in reached.calls:
        if where not in SETTINGS and not problem_of(before, name):
            problem = problem_of(after, name)
            if problem:
                yield Finding("command", "broken", f"/{where} calls {name}: {problem}", f"/{where}", explained)


def _may_be_argument(named: Named, side: Side) -> bool:
    return named.where == "Cmd" and bool(side.reading.config.entrypoint)


def _files_gone(before: Side, after: Side, olds: list[Named], causes: Causes) -> Iterator[Finding]:
    news = {word for named in commands_of(after.reading.config) for word in named.words}
    seen: set[str] = set()
    for named in olds:
        for name in files_named(before, named.words):
            entry = after.entry(posixpath.join(after.workdir, name))
            if name in seen or not any(name in word for word in news):
                continue
            seen.add(name)
            if entry is None:
                what = f"the file {name} that {named.where} names is not there"
                yield Finding("command", "broken", what, named.where, causes.of_phase(PACKAGES | OWNERS))
            elif not (after.may(entry, 4) and after.reachable(posixpath.join(after.workdir, name))):
                what = f"the file {name} that {named.where} names may not be read by {after.user.name}"
                yield Finding("command", "broken", what, named.where, causes.of_phase(OWNERS))


def compare_users(before: Side, after: Side, causes: Causes) -> Iterator[Finding]:
    """Yield the user of the image if it doesn't exist."""
    name = after.reading.config.user
    if after.user.known or (name == before.reading.config.user and not before.user.known):
        return
    explained = causes.of_keyword("USER") or causes.of_phase(BASE)
    yield Finding(
        "user", "broken", f"the user {name!r} is not in the image's /etc/passwd or /etc/group", "User", explained
    )


def compare_scripts(before: Side, after: Side, reached: Reached, causes: Causes) -> Iterator[Finding]:
    """Yield the executable scripts whose interpreter is gone."""
    explained = causes.of_phase(PACKAGES)
    asked: dict[tuple[int, str], str] = {}

    def problem(index: int, side: Side, name: str) -> str:
        # Modes count for the image's own command only: others may be run by anybody.
        if (index, name) not in asked:
            found = side.command(name) or (side.entry(name) if "/" in name else side.commands.get(name))
            asked[index, name] = "" if found else name
        return asked[index, name]

    for path, shebang in after.reading.shebangs.items():
        entry = after.reading.tree[path]
        if not entry.executable:
            continue
        names = interpreters_of(shebang)
        gone = next((name for name in names if problem(1, after, name)), "")
        if not gone or (path in before.reading.tree and any(problem(0, before, name) for name in names)):
            continue
        severity, suffix = _weight(after, reached, entry)
        what = f"its interpreter {gone} is not in the image{suffix}"
        yield Finding("interpreter", severity, what, f"/{path}", explained)


def compare_libraries(before: Side, after: Side, reached: Reached, causes: Causes) -> Iterator[Finding]:
    """Yield the programs and libraries that miss their loader, a library, or a version of it."""
    old, new = Loader(before), Loader(after)
    explained = causes.of_phase(PACKAGES)
    broken_before: set[tuple[str, str]] | None = None
    for path, elf in after.reading.elf.items():
        entry = after.reading.tree[path]
        if entry.kind == "hardlink":
            continue
        missing = new.missing(path, elf)
        if elf.interpreter and after.entry(elf.interpreter) is None:
            missing = [elf.interpreter, *missing]
        if not missing:
            continue
        if broken_before is None:
            broken_before = _missing_before(before, old)
        name = posixpath.basename(path)
        fresh = [m for m in missing if (name, m) not in broken_before]
        if fresh and not _has_twin(after, new, path):
            severity, suffix = _weight(after, reached, entry)
            what = f"needs {', '.join(fresh)}, which the image does not have{suffix}"
            yield Finding("library", severity, what, f"/{path}", explained)


def _has_twin(side: Side, loader: Loader, path: str) -> bool:
    """Tell whether a dependency ships the same for another libc beside it, of which one is enough."""
    if not dependency_of(path):
        return False
    folder, _, name = path.rpartition("/")
    ending = name.rpartition(".")[2]
    return any(
        other != path
        and other.rpartition("/")[0] == folder
        and other.endswith(f".{ending}")
        and ("musl" in other) != ("musl" in path)
        and not loader.missing(other, elf)
        for other, elf in side.reading.elf.items()
    )


def _missing_before(side: Side, loader: Loader) -> set[tuple[str, str]]:
    out: set[tuple[str, str]] = set()
    for path, elf in side.reading.elf.items():
        missing = loader.missing(path, elf)
        if elf.interpreter and side.entry(elf.interpreter) is None:
            missing = [elf.interpreter, *missing]
        out.update((posixpath.basename(path), name) for name in missing)
    return out


def _weight(side: Side, reached: Reached, entry: FileEntry) -> tuple[Severity, str]:
    """Return how much it matters that a file can't run, and what to say of it.

    What the application ships or names is broken; what came with a package or the base image, and nothing
    names, is not: official slim images ship modules without their libraries too (Python's tkinter).
    """
    named = _named_by(reached, entry)
    if named:
        return "broken", f"; {named if named in SETTINGS else f'/{named}'} names it"
    if side.is_package(entry.path) or side.is_base(entry):
        return "noted", ""
    if entry.path in side.reading.shebangs:
        # A script that nothing names may be a leftover of development.
        return "noted" if dependency_of(entry.path) else "differs", ""
    return "broken", ""


def _named_by(reached: Reached, entry: FileEntry) -> str:
    stem = posixpath.basename(entry.path).partition(".")[0].lstrip("_")
    if ".so" in entry.path:
        if "lib-dynload/" not in entry.path:
            return ""
        return reached.mentions_word(rf"(?m)^\s*(?:import|from)\s+{stem}\b")
    return reached.names_file(entry.path) if reached.side.is_own(entry) or stem in reached.names else ""
