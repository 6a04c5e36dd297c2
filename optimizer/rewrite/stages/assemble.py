"""A Split for a compiled program: what it makes, what it reads when it runs, and what is left behind."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field

from optimizer.facts.bases import Base
from optimizer.facts.document import Document
from optimizer.facts.folders import covers
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Safety
from optimizer.rewrite.stages.commands import BUILTINS, EVERYWHERE, packages_for
from optimizer.rewrite.stages.packages import sort_packages
from optimizer.rewrite.stages.placed import PATH, Placed
from optimizer.rewrite.stages.roles import Account, Policy, account_for
from optimizer.rewrite.stages.runtime import Runtime, saving
from optimizer.rewrite.stages.sources import Sources, data_files, folded
from optimizer.rewrite.stages.split import Copied, Refused, Split
from optimizer.rewrite.stages.start import Start

MOST_COPIES = 8


@dataclass(frozen=True)
class Program:
    """What an ecosystem knows of its stage.

    `products` are the absolute paths of what the build makes; `folders` are where programs are found that are
    called by their bare name, beside the PATH of every system; `sources` what was read, None for nothing.
    `other_files` tells that the program, or a library in it, may read files that no literal names. `extra` and
    `packages` are what any program of the kind needs at run time; `toolchain` says what is left behind. `filled`
    are folders that an install fills, `linked` -dev packages of the base whose libraries it uses, `finish` lines
    behind the copies. `doubts` make the split risky. `unseen` are folders that are mounted when it builds: what lies
    there is in no layer. `needed` tells of a path in the image that it is read.
    """

    base: Base
    runtime: Runtime
    cut: int
    placed: Placed
    start: Start
    policy: Policy
    products: tuple[str, ...]
    is_source: Callable[[str], bool]
    sources: Sources | None
    toolchain: str
    other_files: bool = False
    folders: tuple[str, ...] = ()
    extra: tuple[Copied, ...] = ()
    packages: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    finish: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    needed: Callable[[str], bool] = field(default=lambda path: False)


def homes_of(stage: Stage, cut: int) -> frozenset[str]:
    """Return the folders in which is built: where a RUN works, and where a COPY works or goes; never the root."""
    found: set[str | None] = set()
    for instruction, state in zip(stage.members[:cut], stage.states, strict=False):
        if instruction.keyword in ("RUN", "COPY", "ADD"):
            found.add(state.workdir)
    return frozenset(f for f in found if f is not None and f != "/")


def assemble(doc: Document, stage: Stage, program: Program) -> Split | Refused:
    """Return the split of a compiled program, or the reason why there is none."""
    at = stage.head.start
    if program.start.unread:
        return Refused(f"what the image runs was not read: {program.start.unread}", at)
    account = account_for(doc, stage, program.cut, program.policy)
    if isinstance(account, Refused):
        return account
    files, commands, reason = _what_runs(stage, program, account)
    if reason:
        return Refused(reason, at)
    whole, safety, evidence = _reading(stage, program, account)
    copied = _data(program, account, files, whole)
    if isinstance(copied, str):
        return Refused(copied, at)
    packages = _packages(program, account, commands)
    if isinstance(packages, str):
        return Refused(packages, at)
    copies = _grouped(copied, program, account, whole)
    installed, notes = packages
    return Split(
        stage=stage,
        cut=program.cut,
        base=f"{program.base.prefix}{program.runtime.reference}",
        copies=(*program.extra, *copies),
        roles=tuple(account.roles),
        packages=installed,
        arguments=tuple(account.arguments),
        replayed=tuple(account.replayed),
        finish=program.finish,
        safety=safety.at_least(Safety.RISKY) if program.doubts else safety,
        why=f"the image that runs needs what was built, not {program.toolchain}",
        evidence=(*program.evidence, *evidence, *notes, *program.doubts),
        saves=saving(stage, program.base.tag, program.runtime, program.toolchain),
    )


def _what_runs(stage: Stage, program: Program, account: Account) -> tuple[list[str], set[str], str]:
    """Return the files that are started, the commands that are called, and why neither can be told."""
    workdir = stage.last.workdir or "/"
    files: list[str] = []
    commands: set[str] = set(program.start.helpers)
    made = {*program.products, *account.outside, *_installed(program)}
    for name in program.start.programs:
        if "$" in name:
            return [], set(), f"which program {name} is can't be told"
        places = (
            [posixpath.normpath(posixpath.join(workdir, name))]
            if "/" in name
            else [f"{folder}/{name}" for folder in (*program.folders, *PATH)]
        )
        place = next((p for p in places if p in made or p in program.placed.files), None)
        if place is None and "/" in name and _is_of_the_build(places[0], program):
            place = places[0]
        if place is not None:
            files.append(place)
        else:
            commands.add(posixpath.basename(name))
    files = [f for f in files if f not in _installed(program)] + [f for f in program.filled if _uses(files, f)]
    built = [f for f in files if f not in program.placed.files]
    if not built:
        first = next(iter(program.start.programs), "nothing")
        return [], set(), f"it runs {first}, which its build is not seen to make"
    return list(dict.fromkeys([*files, *program.start.script_paths])), commands, ""


def _is_of_the_build(path: str, program: Program) -> bool:
    """Whether a program that no COPY brings lies where is built: then the build makes it."""
    if any(covers(folder, path) for folder in program.unseen):
        return False
    return posixpath.dirname(path) == "/" or any(covers(home, path) for home in program.policy.homes)


def _installed(program: Program) -> set[str]:
    """Return where the programs that are started would lie if an install put them there."""
    names = [n for n in program.start.programs if n not in EVERYWHERE and n not in BUILTINS]
    bare = {f"{prefix}/{folder}/{n}" for prefix in program.filled for folder in ("bin", "sbin") for n in names}
    return bare | {n for n in names if any(covers(prefix, n) for prefix in program.filled)}


def _uses(files: list[str], folder: str) -> bool:
    return any(covers(folder, path) for path in files)


def _reading(stage: Stage, program: Program, account: Account) -> tuple[bool, Safety, list[str]]:
    """Decide whether the whole folder is copied, how safe that is, and say how it is known."""
    if program.sources is None:
        if program.placed.unknown:
            return True, Safety.RISKY, ["its sources were not read, so the whole folder is kept"]
        if account.inside:
            return True, Safety.REVIEW, [f"{account.inside}, so the whole folder is kept"]
        return False, Safety.REVIEW, ["only sources are copied in, so that nothing but the program can be needed"]
    if account.inside:
        return True, Safety.REVIEW, [f"{account.inside}, so the whole folder is kept"]
    if program.placed.unknown:
        return True, Safety.REVIEW, [f"{program.placed.unknown}, so the whole folder is kept"]
    return False, Safety.REVIEW, [f"the sources were read ({len(program.sources.paths)} files)"]


def _data(program: Program, account: Account, files: list[str], whole: bool) -> list[str] | str:
    """Return the paths that the final stage needs, or why they can't be told."""
    homes = program.policy.homes
    products = [p for p in program.products if p in files or not _is_scratch(p, program)]
    wanted = [*files, *products, *(p for p in account.outside if p not in files)]
    if not whole:
        sources = program.sources or Sources()
        data = data_files(program.placed, sources, program.is_source, program.other_files)
        data += [p for p in program.placed.files if program.needed(p) and p not in program.placed.late]
        kept = folded(sorted(set(data) - set(files)), program.placed, homes, program.is_source)
        inside = [p for p in kept if any(covers(h, p) for h in homes)]
        if len(inside) <= MOST_COPIES:
            return sorted({*wanted, *kept} - program.placed.late)
    if not homes:
        return "what it needs lies in the root folder, beside the system"
    outside = [p for p in wanted if not any(covers(h, p) for h in homes)]
    placed = [p for p in program.placed.files if not any(covers(h, p) for h in homes) and p not in program.placed.late]
    return sorted({*outside, *placed, *homes} - program.placed.late)


def _is_scratch(path: str, program: Program) -> bool:
    return any(covers(folder, path) for folder in ("/tmp", *program.policy.scratch))


def _packages(program: Program, account: Account, commands: set[str]) -> tuple[tuple[str, ...], list[str]] | str:
    """Return the packages of the final stage with what is to be said of them, or why they can't be told."""
    distro = program.runtime.distro
    called = set(commands)
    if program.sources is not None:
        called |= program.sources.starts
    if account.installed and distro.manager != "apt":
        return "its packages are not apt's"
    names = [*account.installed, *program.linked]
    read = program.sources is not None and not program.sources.unclear
    found = sort_packages(names, distro.release, lambda name: _calls(name, called), read)
    if found.refused:
        return found.refused
    if account.foreign and found.packages:
        return "it installs packages from another repository than the distribution's"
    more, unknown = packages_for(sorted(called), distro, account.installed)
    if unknown:
        return f"nothing is known to bring {unknown}, which is called at run time"
    return tuple(dict.fromkeys([*program.packages, *found.packages, *more])), found.notes


def _calls(package: str, commands: set[str]) -> bool:
    """Whether the running image is seen to call what a package holds."""
    return package in commands or any(c.startswith(f"{package}-") for c in commands)


def _grouped(paths: list[str], program: Program, account: Account, whole: bool) -> list[Copied]:
    """Return one COPY for all files of a folder, and one for each folder."""
    homes = program.policy.homes if whole else frozenset()
    known = {*program.products, *program.placed.files, *(copied for copied in paths if copied in _named(program))}
    # A path that may be a folder is named twice: COPY brings what is in a folder, not the folder.
    folders = [p for p in paths if p in homes or p not in known]
    folders = [p for p in folders if not any(covers(other, p) and other != p for other in folders)]
    files = [p for p in paths if p not in folders and not any(covers(f, p) for f in folders)]
    by_folder: dict[str, list[str]] = {}
    for path in files:
        by_folder.setdefault(posixpath.dirname(path), []).append(path)
    out = [Copied(tuple(some), f"{folder.rstrip('/')}/", account.owner) for folder, some in sorted(by_folder.items())]
    return [*out, *(Copied((folder,), folder, account.owner) for folder in folders)]


def _named(program: Program) -> set[str]:
    """Return the paths of the programs that are started: they are files."""
    return {name for name in program.start.programs if name.startswith("/")}
