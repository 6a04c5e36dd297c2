"""What the commands of a RUN leave in the image, as far as the words of a call tell."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from optimizer.facts.downloads import UNKNOWN, Walk
from optimizer.facts.runs import Call, Run
from optimizer.syntax.shell import Word

# They write nothing but what a redirection takes.
QUIET = frozenset(
    "cd pushd popd echo printf true false : test [ [[ ls pwd set export unset cat head tail grep egrep awk which type "
    "command env printenv uname date sleep id whoami hostname wc sort uniq cut tr find stat file du df ldd nproc "
    "readlink realpath basename dirname exit shopt umask ulimit sha256sum sha512sum md5sum diff".split()
)
USERS = frozenset(
    "useradd groupadd adduser addgroup usermod groupmod passwd chpasswd chsh deluser delgroup userdel groupdel".split()
)
# Their last operand is what they write, or all of them are.
_LAST = frozenset({"cp", "mv", "install", "ln"})
_ALL = frozenset({"mkdir", "touch", "rmdir", "rm", "tee", "truncate"})
_MODES = frozenset({"chmod", "chown", "chgrp"})
_FOLDERS = frozenset(
    "/usr/local/bin /usr/local/sbin /usr/bin /usr/sbin /bin /sbin /etc /opt /usr/local /usr/local/lib /usr/lib /lib "
    "/usr/local/share /usr/share /var/lib /srv /root /home /tmp /usr/local/etc /".split()
)
_REDIRECTS = frozenset({">", ">>", ">|", "&>", "&>>"})
_NOWHERE = re.compile(r"/dev/(null|stdout|stderr)\Z")


class Effect(NamedTuple):
    """What one call does to the file system.

    `kind` is "quiet", "user", "write" (`paths` are absolute), "mode" (mode or owner of `paths`), "remove", "fetch"
    (`paths` are folders that are filled from elsewhere), or "unknown". `made` tells that a write makes the paths
    out of nothing that the image would lack: mkdir, touch, ln. `gone` are the paths that mv takes away.
    """

    call: Call
    kind: str
    paths: tuple[str, ...] = ()
    made: bool = False
    gone: tuple[str, ...] = ()


def effects_of(run: Run) -> Iterator[Effect]:
    """Yield the effect of each call of a RUN, in order."""
    walk = Walk(run)
    step_of = {id(call): index for index, call in walk.calls.items()}
    for call in run.calls:
        index = step_of.get(id(call))
        folder = walk.folders[index] if index is not None else _folder_of(run, walk, call)
        yield _with_redirects(_effect(call, walk, folder), walk, folder)


def _folder_of(run: Run, walk: Walk, call: Call) -> str | None:
    """Return the working directory of a call inside a pipeline or a compound."""
    for index, step in enumerate(run.script.steps):
        if call.command in step.commands:
            return None if any(c.program in ("cd", "pushd", "popd") for c in step.commands) else walk.folders[index]
    return None


def _effect(call: Call, walk: Walk, folder: str | None) -> Effect:
    program = call.program
    operands = [w for w in call.words[1:] if not w.raw.startswith("-")]
    if program in USERS:
        return Effect(call, "user")
    if program in QUIET and not (program == "find" and any(w.raw in ("-delete", "-exec") for w in call.words)):
        return Effect(call, "quiet")
    if program in _MODES and len(operands) > 1:
        return _located(call, "mode", operands[1:], walk, folder)
    if program in _ALL:
        words = [w for n, w in enumerate(operands) if not (n == 0 and call.has("-m") and program == "mkdir")]
        return _located(call, "remove" if program in ("rm", "rmdir") else "write", words, walk, folder, made=True)
    if program in _LAST and len(operands) > 1:
        return _into(call, operands, walk, folder)
    if program == "git":
        return _git(call, operands, walk, folder)
    if program in ("tar", "bsdtar", "unzip"):
        return _unpacks(call, operands, walk, folder)
    if program in ("curl", "wget"):
        paths = [_home(used.path) for used in walk.downloads() if used.call is call]
        return Effect(call, "write", tuple(paths)) if paths else Effect(call, "unknown")
    if program == "sed" and not any(w.raw.startswith(("-i", "--in-place")) for w in call.words):
        return Effect(call, "quiet")
    return Effect(call, "unknown")


def _git(call: Call, operands: list[Word], walk: Walk, folder: str | None) -> Effect:
    """Return the folder that git fills; its other verbs work in one that is known already."""
    verb = operands[0].value if operands else None
    if verb != "clone":
        return Effect(
            call, "quiet" if verb in ("checkout", "submodule", "config", "fetch", "reset", "describe") else "unknown"
        )
    urls = [n for n, w in enumerate(operands) if n and re.search(r"://|@[\w.-]+:|\.git\Z", w.raw)]
    if not urls:
        return Effect(call, "unknown")
    if urls[0] + 1 < len(operands):
        return _located(call, "fetch", [operands[urls[0] + 1]], walk, folder)
    text = walk.text_of(operands[urls[0]]) or ""
    name = posixpath.basename(text.rstrip("/")).removesuffix(".git")
    if not name or "$" in name or folder is None or folder.startswith(UNKNOWN):
        return Effect(call, "unknown")
    return Effect(call, "fetch", (posixpath.join(folder, name),))


def _unpacks(call: Call, operands: list[Word], walk: Walk, folder: str | None) -> Effect:
    """Return the folder that an archive is unpacked to."""
    into = call.shell.value_of("-d") if call.program == "unzip" else call.shell.value_of("-C", "--directory")
    first = call.words[1].raw.lstrip("-") if len(call.words) > 1 else ""
    if call.program != "unzip" and "x" not in first and not call.has("--extract", "-x"):
        return Effect(call, "quiet" if "t" in first else "unknown")
    place = walk.locate(Word(0, 0, into[0], into[0]), folder) if into else folder
    if place is None or place.startswith((UNKNOWN, "$")) or "$" in place:
        return Effect(call, "unknown")
    return Effect(call, "fetch", (_home(place),))


def _located(call: Call, kind: str, words: list[Word], walk: Walk, folder: str | None, made: bool = False) -> Effect:
    paths = []
    for word in words:
        path = walk.locate(word, folder)
        if path is None and kind == "remove":
            paths += _pattern(word, folder)
            continue
        if path is None or path.startswith((UNKNOWN, "$")):
            return Effect(call, "unknown")
        paths.append(_home(path))
    return Effect(call, kind, tuple(paths), made)


def _pattern(word: Word, folder: str | None) -> list[str]:
    """Return the path with wildcards that a word of rm means; nothing where it can't be said."""
    if folder is None or re.search(r"[$`{]", word.raw):
        return []
    return [_home(posixpath.normpath(posixpath.join(folder, word.raw.replace('"', ""))))]


def _into(call: Call, operands: list[Word], walk: Walk, folder: str | None) -> Effect:
    """Return where cp, mv, ln and install put what they are given."""
    target = walk.locate(operands[-1], folder)
    if target is None or target.startswith((UNKNOWN, "$")) or call.has("-t", "--target-directory"):
        return Effect(call, "unknown")
    target = _home(target)
    if call.program == "install" and call.has("-d"):
        return _located(call, "write", operands, walk, folder, made=True)
    taken = [walk.locate(w, folder) for w in operands[:-1]] if call.program == "mv" else []
    gone = tuple(_home(path) for path in taken if path is not None and not path.startswith((UNKNOWN, "$")))
    is_folder = len(operands) > 2 or operands[-1].raw.endswith(("/", "/.")) or target in _FOLDERS
    if not is_folder:
        return Effect(call, "write", (target,), call.program == "ln", gone)
    names = [walk.text_of(w) for w in operands[:-1]]
    if any(name is None for name in names):
        return Effect(call, "unknown")
    paths = tuple(posixpath.join(target, posixpath.basename((name or "").rstrip("/"))) for name in names)
    return Effect(call, "write", paths, call.program == "ln", gone)


def _with_redirects(effect: Effect, walk: Walk, folder: str | None) -> Effect:
    paths = []
    for redirect in effect.call.command.redirects:
        if redirect.operator not in _REDIRECTS or redirect.target is None:
            continue
        path = walk.locate(redirect.target, folder)
        if path is None or path.startswith((UNKNOWN, "$")):
            return effect if redirect.target.raw.startswith("&") else effect._replace(kind="unknown")
        if not _NOWHERE.match(path):
            paths.append(_home(path))
    if not paths or effect.kind == "unknown":
        return effect
    made = effect.call.program in ("echo", "printf")
    return effect._replace(kind="write", paths=(*effect.paths, *paths), made=made)


def _home(path: str) -> str:
    """Return a path with root's home put in; `//` at its start, which POSIX leaves alone, is one slash."""
    if path.startswith("//"):
        path = path[1:]
    return re.sub(r"\A(~|\$HOME|\$\{HOME\})(?=/|\Z)", "/root", path)
