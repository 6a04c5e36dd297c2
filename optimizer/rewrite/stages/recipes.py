"""Whether make does nothing but call the tools of one language."""

from __future__ import annotations

import posixpath
import re

from optimizer.context.manifests.make import MAKEFILES, read_makefile
from optimizer.facts.document import Document
from optimizer.rewrite.stages.placed import Placed
from optimizer.syntax.patterns import pattern

# They leave nothing but what is built, or nothing at all.
_HARMLESS = frozenset("echo printf mkdir rm cd test true export make date git uname env set exit [ @".split())
_FIRST = pattern(r"^[@+-]*(?:\w+=\S*\s+)*([\w./+-]+)")
_JOINED = re.compile(r"&&|\|\||;|\|")
_MADE = pattern(r"(?<!\S)-o[ =]?([\w./-]+)")


def made_by(doc: Document, placed: Placed, folder: str, tools: frozenset[str]) -> list[str] | None:
    """Return what the recipes of a folder's Makefile tell a compiler to make; None where they do anything else."""
    names = (posixpath.join(folder, name) for name in MAKEFILES)
    origin = next((placed.files[path] for path in names if path in placed.files), None)
    makefile = read_makefile(doc.context, origin) if origin and doc.context is not None else None
    if makefile is None or makefile.unreadable:
        return None
    found: list[str] = []
    for recipe in makefile.recipes.values():
        for line in recipe:
            for command in _JOINED.split(line):
                first = _FIRST.match(command.strip())
                if first is None or posixpath.basename(first.group(1)) not in _HARMLESS | tools:
                    return None
                found += _MADE.findall(command) if first.group(1) in tools else []
    return [posixpath.normpath(posixpath.join(folder, path)) for path in found]
