"""A Split for a compiled program: what it makes, what it reads when it runs, and what is left behind."""

from __future__ import annotations

import posixpath

from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Safety
from optimizer.rewrite.stages.commands import packages_for
from optimizer.rewrite.stages.inherited import inherited
from optimizer.rewrite.stages.packages import sort_alpine, sort_packages
from optimizer.rewrite.stages.paths import covers, is_gone
from optimizer.rewrite.stages.program import Program
from optimizer.rewrite.stages.roles import Account, account_for, names_path
from optimizer.rewrite.stages.running import Running, what_runs
from optimizer.rewrite.stages.runtime import saving
from optimizer.rewrite.stages.sources import Sources, data_files, folded
from optimizer.rewrite.stages.split import Copied, Refused, Split
from optimizer.rewrite.stages.users import missing_user
from optimizer.rewrite.stages.variables import used_in
from optimizer.rewrite.stages.writer import text_of

MOST_COPIES = 8
# Whole folders that the final stage's own system fills.
_SYSTEM = frozenset({"/", "/bin", "/etc", "/lib", "/sbin", "/usr", "/var"})


def assemble(doc: Document, stage: Stage, program: Program) -> Split | Refused:
    """Return the split of a compiled program, or the reason why there is none."""
    at = stage.head.start
    if program.start.unread:
        return Refused(f"what the image runs was not read: {program.start.unread}", at)
    if program.placed.refused:
        return Refused(program.placed.refused, at)
    account = account_for(doc, stage, program.cut, program.policy)
    if isinstance(account, Refused):
        return account
    running = what_runs(stage, program, account)
    if isinstance(running, str):
        return Refused(running, at)
    stranger = missing_user(stage, program.cut, account.replayed)
    if stranger:
        return Refused(f"the user {stranger} comes with the old base image", at)
    old = inherited(
        stage, program.base.tag, program.runtime.tag, _asked(doc, stage, program, account), program.policy.scratch
    )
    if old.refused:
        return Refused(old.refused, at)
    whole, safety, evidence = _reading(program, account, running)
    texts = _texts(doc, stage, program, account)
    copied = _data(program, account, running, whole, texts)
    if isinstance(copied, str):
        return Refused(copied, at)
    lost = next((path for path in running.files if is_gone(path, account.removed)), None)
    if lost is not None:
        return Refused(f"{lost} is removed before it could run", at)
    copied = [path for path in copied if not is_gone(path, account.removed)]
    if not _SYSTEM.isdisjoint(copied):
        return Refused("what it needs lies among the files of the system", at)
    packages = _packages(program, account, running)
    if isinstance(packages, str):
        return Refused(packages, at)
    copies = _grouped(copied, program, account, running, whole)
    installed, notes, doubts = packages
    doubts = (*program.doubts, *doubts)
    return Split(
        stage=stage,
        cut=program.cut,
        base=f"{program.base.prefix}{program.runtime.reference}",
        copies=(*program.extra, *copies),
        roles=tuple(account.roles),
        packages=installed,
        manager=program.runtime.distro.manager,
        arguments=tuple(account.arguments),
        replayed=(*old.lines, *account.replayed),
        finish=program.finish,
        safety=Safety.RISKY if doubts else safety,
        why=f"the image that runs needs what was built, not {program.toolchain}",
        evidence=(
            *program.evidence,
            *evidence,
            *notes,
            *([old.note] if old.note else []),
            *_moves(stage, program),
            *doubts,
        ),
        saves=saving(stage, program.base.tag, program.runtime, program.toolchain),
    )


def _moves(stage: Stage, program: Program) -> list[str]:
    """Say when the final stage's base has to follow the build's to another release."""
    old, new, release = program.base.tag, program.runtime.tag, program.runtime.distro.release
    if old.image == new.image or old.distro != new.distro or release in old.name:
        return []
    if stage.image.raw != stage.image.resolved:
        return [f"where its argument names an image on another release, {new} has to follow"]
    if not old.listed:
        return []
    return [f"{old} stands on {program.runtime.distro.name} today: when it moves on, {new} has to follow"]


def _texts(doc: Document, stage: Stage, program: Program, account: Account) -> list[str]:
    """Return all that the file says of the run time, and the scripts that it starts."""
    return [program.start.text, *account.replayed, *(text_of(doc, i) for i in stage.members[program.cut :])]


def _asked(doc: Document, stage: Stage, program: Program, account: Account) -> frozenset[str]:
    """Return the variables that something at run time reads."""
    return used_in(_texts(doc, stage, program, account)) | (
        program.sources.asks if program.sources is not None else frozenset()
    )


def _reading(program: Program, account: Account, running: Running) -> tuple[bool, Safety, list[str]]:
    """Decide whether the whole folder is copied, how safe that is, and say how it is known."""
    why = account.inside or program.placed.unknown
    kept = [f"{why}, so the whole folder is kept"] if why else []
    if program.sources is None and account.elsewhere:
        return (
            bool(why),
            Safety.RISKY,
            [f"its sources come from elsewhere, into {account.elsewhere}, and were not read"],
        )
    if program.sources is None:
        if program.placed.unknown:
            return True, Safety.RISKY, ["its sources were not read, so the whole folder is kept"]
        if not all(map(program.is_source, program.placed.files.values())):
            return bool(why) or program.whole, Safety.RISKY, [*kept, "its sources were not read"]
        return (
            bool(why) or program.whole,
            Safety.REVIEW,
            kept or ["nothing but sources is copied in front of its build"],
        )
    read = f"the sources were read ({_count(len(program.sources.paths), 'file')})"
    return bool(why) or program.whole, Safety.REVIEW, [*kept, read]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _data(program: Program, account: Account, running: Running, whole: bool, texts: list[str]) -> list[str] | str:
    """Return the paths that the final stage needs, or why they can't be told."""
    homes, files = program.policy.homes, [*running.files]
    files += [
        folder
        for folder in account.fetched
        if any(covers(folder, path) for path in running.files) or any(names_path(text, folder) for text in texts)
    ]
    starts = program.sources.starts if program.sources is not None else frozenset()
    made = [p for p in program.products if p not in program.guessed or posixpath.basename(p) in starts]
    products = [p for p in program.products if p in files or (p in made and not _is_scratch(p, program))]
    wanted = [
        *files,
        *products,
        *(p for p in account.outside if p not in files),
        *sorted(program.placed.fetched | program.placed.taken),
    ]
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


def _packages(
    program: Program, account: Account, running: Running
) -> tuple[tuple[str, ...], list[str], tuple[str, ...]] | str:
    """Return the packages of the final stage with notes and doubts, or why they can't be told."""
    distro = program.runtime.distro
    called = set(running.commands)
    if program.sources is not None:
        called |= program.sources.starts - {posixpath.basename(p) for p in program.products}
    names = [*account.installed, *program.linked]
    if names and distro.manager not in ("apt", "apk"):
        return f"its packages are {distro.manager}'s"
    read = program.sources is not None and not program.sources.unclear
    if distro.manager == "apk":
        found = sort_alpine(names, lambda name: _calls(name, called), read)
    else:
        found = sort_packages(names, distro.release, lambda name: _calls(name, called), read)
    if found.refused:
        return found.refused
    if account.foreign and found.packages:
        return "it installs packages from another repository than the distribution's"
    if any("-jre" in name for name in found.packages):
        called -= {"java", "keytool"}
    more, unknown = packages_for(sorted(called), distro, account.installed)
    if unknown:
        return f"nothing is known to bring {unknown}, which is called at run time"
    moved = program.base.tag.distro != program.runtime.tag.distro
    doubts = (
        (f"{program.runtime.reference} stands on another release than its build",) if moved and found.packages else ()
    )
    unclear = program.sources.unclear if program.sources is not None else ""
    if unclear:
        doubts = (*doubts, f"{unclear} starts programs whose names are not shown")
    return tuple(dict.fromkeys([*program.packages, *found.packages, *more])), found.notes, doubts


def _calls(package: str, commands: set[str]) -> bool:
    """Whether the running image is seen to call what a package holds."""
    return package in commands or any(c.startswith(f"{package}-") for c in commands)


def _grouped(paths: list[str], program: Program, account: Account, running: Running, whole: bool) -> list[Copied]:
    """Return one COPY for all files of a folder, and one for each folder."""
    homes = program.policy.homes if whole else frozenset()
    # What java is given may be a folder of classes; what compilers and linkers make is a file.
    products = [p for p in program.products if not program.runs_products or p.endswith((".jar", ".war"))]
    known = {*products, *program.placed.files, *program.placed.fetched, *running.programs}
    # A path that may be a folder is named twice: COPY brings what is in a folder, not the folder.
    whole_folders = {*homes, *account.fetched, *program.filled}
    folders = [p for p in paths if p in whole_folders or p not in known]
    folders = [p for p in folders if not any(covers(other, p) and other != p for other in folders)]
    files = [p for p in paths if p not in folders and not any(covers(f, p) for f in folders)]
    by_folder: dict[str, list[str]] = {}
    for path in files:
        by_folder.setdefault(_target(path, program), []).append(path)
    out = [Copied(tuple(some), f"{folder.rstrip('/')}/", account.owner) for folder, some in sorted(by_folder.items())]
    return [*out, *(Copied((folder,), folder, account.owner) for folder in folders)]


def _target(path: str, program: Program) -> str:
    """Return the folder that a file is copied to: its own, but for a program that only the old PATH leads to."""
    folder, name = posixpath.split(path)
    return "/usr/local/bin" if folder in program.folders and name in program.start.programs else folder
