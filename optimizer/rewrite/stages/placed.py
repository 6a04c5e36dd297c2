"""Where the files of the build context lie in the image."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from optimizer.context.listing import listing
from optimizer.facts.copied import sources_and_target
from optimizer.facts.document import Document
from optimizer.facts.stages import Stage, State
from optimizer.syntax import Instruction

PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_WILD = "*?["
_TAKEN = "image://"
_FOREIGN = "what it copies from another image is not known"
_FOLDERS = frozenset({*PATH, "/", "/etc", "/opt", "/root", "/srv", "/tmp", "/usr", "/usr/local", "/var"})


@dataclass(frozen=True)
class Placed:
    """The files that COPY and ADD bring into a stage: path in the image to path in the context.

    Without a context, names that can only be files are taken as such, patterns as they are. `unknown` says why
    there may be more files, "" where these are all. `folders` are where whole folders were copied to.
    `late` are the paths that instructions behind the cut bring, `fetched` those that ADD downloads before it,
    `taken` those that come from other images. `refused` says why what comes from one can't be told.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    unknown: str = ""
    folders: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    fetched: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    refused: str = ""

    def text(self, doc: Document, path: str) -> str | None:
        """Return the text of a file of the image that comes from the context."""
        origin = self.files.get(path)
        return doc.context.text(origin) if origin and doc.context is not None else None

    def on_path(self, name: str) -> str | None:
        """Return where a program that is called by its bare name was copied to."""
        return next((p for p in (f"{folder}/{name}" for folder in PATH) if p in self.files), None)


def placed_files(doc: Document, stage: Stage, cut: int) -> Placed:
    """Return where the files of the context lie at the end of a stage that is cut in front of member `cut`."""
    files: dict[str, str] = {}
    folders: set[str] = set()
    late: set[str] = set()
    fetched: set[str] = set()
    taken: set[str] = set()
    refused = ""
    unknown = ""
    workdirs = frozenset(s.workdir for s in (*stage.states, stage.last) if s.workdir)
    for index, (instruction, state) in enumerate(zip(stage.members, stage.states, strict=True)):
        if instruction.keyword not in ("COPY", "ADD"):
            continue
        found, reason, folder = _brought(doc, instruction, state, workdirs)
        if index < cut:
            fetched.update(path for path, origin in found.items() if "://" in origin and origin != _TAKEN)
            taken.update(path for path, origin in found.items() if origin == _TAKEN)
            refused = refused or (reason if reason == _FOREIGN else "")
        found = {path: origin for path, origin in found.items() if "://" not in origin}
        unknown = unknown or reason
        files.update(found)
        folders.update(folder)
        if index >= cut:
            late.update(found)
    return Placed(files, unknown, frozenset(folders), frozenset(late), frozenset(fetched), frozenset(taken), refused)


def _brought(
    doc: Document, instruction: Instruction, state: State, workdirs: frozenset[str]
) -> tuple[dict[str, str], str, set[str]]:
    named = sources_and_target(instruction, state)
    if named is None or instruction.heredocs:
        return {}, f"what {instruction.keyword} copies is not known", set()
    sources, target = named
    if instruction.flag("from") is not None:
        if target.endswith("/") or target in (".", "..") or len(sources) > 1 or not target.startswith("/"):
            return {}, _FOREIGN, set()
        return {posixpath.normpath(target): _TAKEN}, "", set()
    workdir = state.workdir or ("" if target.startswith("/") else None)
    if workdir is None:
        return {}, "the folder that it copies to is not known", set()
    place = posixpath.normpath(posixpath.join(workdir, target))
    if instruction.flag("exclude") is not None or instruction.flag("parents") is not None:
        return {}, "it copies with rules that are not read", {place}
    is_folder = target.endswith(("/", "/.", "/..")) or target in (".", "..") or len(sources) > 1
    # A file that is copied to a folder which is there already goes into it.
    is_folder = is_folder or place in workdirs or place in _FOLDERS
    files: dict[str, str] = {}
    folders: set[str] = set()
    unknown = ""
    for source in sources:
        if source.startswith(("http://", "https://")) and not source.endswith(".git"):
            name = posixpath.basename(source.partition("?")[0])
            files[posixpath.join(place, name) if is_folder else place] = source
            continue
        if "://" in source or source.startswith("git@"):
            unknown = f"{source} is not in the build context"
            continue
        more, reason, whole = _one_source(doc, instruction, source, place, is_folder)
        files.update(more)
        unknown = unknown or reason
        if whole:
            folders.add(place)
    return files, unknown, folders


def _one_source(
    doc: Document, instruction: Instruction, source: str, place: str, is_folder: bool
) -> tuple[dict[str, str], str, bool]:
    """Return what one source brings, why there may be more, and whether it is a folder."""
    source = posixpath.normpath(source.lstrip("/") or ".")
    context = doc.context
    if context is None:
        return _by_name(source, place, is_folder)
    paths = context.matches(source) if any(c in source for c in _WILD) else [source]
    files: dict[str, str] = {}
    whole = False
    for path in paths:
        kind = context.kind(path)
        if kind == "folder":
            whole = True
            listed = listing(context, path)
            if not listed.whole:
                return files, "the build context is too large to be read", True
            for file in listed.files:
                files[posixpath.join(place, posixpath.relpath(file, path))] = file
        elif kind == "archive" and instruction.keyword == "ADD":
            return files, f"{path} is unpacked", True
        elif kind is not None and not context.ignore.ignores(path):
            files[posixpath.join(place, posixpath.basename(path)) if is_folder else place] = path
    if not files and not whole and not any(context.exists(path) for path in paths):
        # A lone Dockerfile, or a file that is made before the build.
        found, unknown, whole = _by_name(source, place, is_folder)
        return found, unknown and f"the build context does not show {source}", whole
    if not files:
        return files, f"the build context does not show {source}", whole
    return files, "", whole


def _by_name(source: str, place: str, is_folder: bool) -> tuple[dict[str, str], str, bool]:
    name = posixpath.basename(source)
    stem, dot, _ = name.rpartition(".")
    if source in (".", "..") or not dot or not stem:
        return {}, "there is no build context to look at", True
    wild = any(c in source for c in _WILD)
    return {posixpath.join(place, name) if is_folder or wild else place: source}, "", False
