"""Which files and commands the image of a compiled program starts with."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from optimizer.catalog.packages import RELEASES, packages_of
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.commands import BASE_PACKAGES, BUILTINS, EVERYWHERE
from optimizer.rewrite.stages.paths import covers
from optimizer.rewrite.stages.placed import PATH
from optimizer.rewrite.stages.program import Program
from optimizer.rewrite.stages.roles import Account

_PIECES = re.compile(r"[=:,;]")


class Running(NamedTuple):
    """The files that are started or named on the way, and the commands of the system that are called.

    `programs` are those of the files that are started, and so are no folders.
    """

    files: tuple[str, ...]
    commands: frozenset[str]
    programs: frozenset[str]


def what_runs(stage: Stage, program: Program, account: Account) -> Running | str:
    """Return what the image starts, or why that can't be told, or is not what the build makes."""
    workdir = stage.last.workdir or "/"
    made = {*program.products, *account.outside, *program.placed.taken, *_installed(program)}
    homes = (*program.policy.homes, *account.fetched)
    files: list[str] = []
    commands: set[str] = set(program.start.helpers)
    for name in program.start.programs:
        if "$" in name:
            return f"which program {name} is can't be told"
        place = _place(name, workdir, made, homes, program)
        if place is not None:
            files.append(place)
        elif name.startswith("/") and posixpath.dirname(name) not in PATH:
            return f"it runs {name}, of which it is not known where it comes from"
        elif posixpath.basename(name) not in program.provided:
            commands.add(posixpath.basename(name))
    installed = _installed(program)
    is_installed = any(path in installed for path in files)
    files = [path for path in files if path not in installed]
    programs = frozenset(files)
    if program.runs_products:
        files += program.products
    if not is_installed and not any(path not in program.placed.files for path in files):
        first = next(iter(program.start.programs), "nothing")
        return f"it runs {first}, which its build is not seen to make"
    # Libraries that the program is linked with may be installed there, whether it lies there itself or not.
    files += program.filled
    files += [p for p in _operands(program, workdir) if p in made or p in program.placed.files]
    return Running(tuple(dict.fromkeys([*files, *program.start.script_paths])), frozenset(commands), programs)


def _place(name: str, workdir: str, made: set[str], homes: tuple[str, ...], program: Program) -> str | None:
    """Return where a program lies that was built or copied, None for one of the system."""
    if "/" in name:
        places = [posixpath.normpath(posixpath.join(workdir, name))]
    else:
        places = [f"{folder}/{name}" for folder in (*program.folders, *PATH)]
    found = next((p for p in places if p in made or p in program.placed.files), None)
    if found is None and "/" in name and _is_of_the_build(places[0], homes, program):
        return places[0]
    return found


def _operands(program: Program, workdir: str) -> Iterator[str]:
    """Yield the paths that the words of calls may name, options' values and entries of lists among them."""
    for call in program.start.calls:
        for word in call.words[1:]:
            for piece in _PIECES.split(word.value or ""):
                if piece and not piece.startswith("-"):
                    yield posixpath.normpath(posixpath.join(workdir, piece))


def _is_of_the_build(path: str, homes: tuple[str, ...], program: Program) -> bool:
    """Whether a program that no COPY brings lies where is built: then the build makes it."""
    if any(covers(folder, path) for folder in program.unseen):
        return False
    return posixpath.dirname(path) == "/" or any(covers(home, path) for home in homes)


def _installed(program: Program) -> set[str]:
    """Return where the programs that are started would lie if an install put them there."""
    first = program.start.programs[:1]
    names = [n for n in program.start.programs if not _is_of_a_package(n, BASE_PACKAGES if n in first else None)]
    bare = {f"{prefix}/{folder}/{n}" for prefix in program.filled for folder in ("bin", "sbin") for n in names}
    return bare | {n for n in names if any(covers(prefix, n) for prefix in program.filled)}


def _is_of_a_package(command: str, packages: frozenset[str] | None) -> bool:
    """Whether a command is the system's: of one of some packages, or of any."""
    holders = {name for release in RELEASES for name in packages_of(command, release)}
    known = holders if packages is None else holders & packages
    return command in EVERYWHERE or command in BUILTINS or bool(known)
