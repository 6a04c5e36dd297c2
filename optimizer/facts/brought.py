"""Which files of the build context a COPY brings, and where to."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from optimizer.context.files import BuildContext
from optimizer.context.ignore import is_ignored
from optimizer.context.listing import listing
from optimizer.facts.copied import copies_before, sources_and_target
from optimizer.facts.document import Document
from optimizer.facts.runs import Run
from optimizer.facts.stages import State, join_path
from optimizer.syntax import Instruction

# Flags that change neither which files are brought nor where to.
_PLAIN_FLAGS = frozenset({"chown", "chmod"})


@dataclass(frozen=True)
class Brought:
    """What a COPY of files of the context brings.

    `files` maps absolute paths in the image to paths of the context. `target` is the absolute folder
    or file that it goes to, `sources` are its words; `folders` those of them that are folders, whose
    contents are brought. `links` are files of the context that are symbolic links.
    """

    instruction: Instruction
    files: Mapping[str, str]
    target: str
    sources: tuple[str, ...]
    folders: tuple[str, ...] = ()
    links: frozenset[str] = frozenset()

    @cached_property
    def places(self) -> frozenset[str]:
        """The files in the image, and every folder above them below the target."""
        found = set(self.files)
        for file in self.files:
            folder = posixpath.dirname(file)
            while folder not in found and len(folder) > len(self.target):
                found.add(folder)
                folder = posixpath.dirname(folder)
        return frozenset(found)


def brought_by(
    context: BuildContext, instruction: Instruction, state: State, skip: frozenset[str] = frozenset()
) -> Brought | str:
    """Return what a COPY brings, or an ADD of plain files; why that can't be told otherwise.

    Folders that are called like one of `skip` are left out.
    """
    if instruction.keyword not in ("COPY", "ADD") or instruction.flag("from") is not None or instruction.heredocs:
        return "it copies from elsewhere than the build context"
    if any(flag.name not in _PLAIN_FLAGS for flag in instruction.shape.flags):
        return "it has flags that change what is copied"
    named = sources_and_target(instruction, state)
    target = join_path(state.workdir, (named[1], True)) if named is not None else None
    if named is None or target is None:
        return "it can't be told where it copies to"
    sources = tuple(posixpath.normpath(s.lstrip("/") or ".") for s in named[0])
    is_folder = named[1].endswith(("/", "/.", "/..")) or named[1] in (".", "..") or len(sources) > 1
    files: dict[str, str] = {}
    folders: list[str] = []
    links: set[str] = set()
    place = posixpath.normpath(target)
    for source in sources:
        matched = context.matches(source) if any(c in source for c in "*?[\\") else [source]
        for path in matched:
            path = posixpath.normpath(path)
            if context.kind(path) == "folder":
                inside = listing(context, path, skip=skip)
                if not inside.whole:
                    return "the build context has too many files to be looked at"
                folders.append(path)
                links |= inside.links
                # Both are normal paths: what is below the one is put below the other.
                start, base = 0 if path == "." else len(path) + 1, place.rstrip("/") + "/"
                files |= {base + f[start:]: f for f in inside.files}
            elif instruction.keyword == "ADD" and context.kind(path) != "file":
                return f"ADD may do more with {path} than to copy it"
            elif context.exists(path) and not is_ignored(context, path):
                one = is_folder or len(matched) > 1
                files[posixpath.join(place, posixpath.basename(path)) if one else place] = path
            else:
                return f"{path} is not in the build context"
    return Brought(instruction, files, place, sources, tuple(folders), frozenset(links))


def placed_before(doc: Document, run: Run, skip: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the context's files that stand in the image in front of a RUN: absolute paths to the context's.

    Folders that are called like one of `skip` are left out.
    """
    placed: dict[str, str] = {}
    if doc.context is None:
        return placed
    for instruction, state in reversed(list(copies_before(run))):
        found = brought_by(doc.context, instruction, state, skip)
        placed |= {} if isinstance(found, str) else found.files
    return placed
