"""What `.gitignore` files leave out."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import NamedTuple

from optimizer.cli.globs import Glob, decide, read_globs
from optimizer.syntax.source import ENCODING, ERRORS


class Ignored(NamedTuple):
    """The `.gitignore` files in force in a folder, the nearest first, each with the folder it stands in."""

    files: tuple[tuple[str, tuple[Glob, ...]], ...] = ()

    def entering(self, folder: str) -> Ignored:
        """Return what is in force inside `folder`, an absolute path below the former one."""
        try:
            with open(os.path.join(folder, ".gitignore"), "rb") as file:
                globs = read_globs(file.read().decode(ENCODING, ERRORS))
        except OSError:
            return self
        return Ignored(((folder, globs), *self.files)) if globs else self

    def leaves_out(self, path: str, folder: bool) -> bool:
        """Tell whether the entry at an absolute path, a folder or a file, is left out."""
        for root, globs in self.files:
            decided = decide(globs, os.path.relpath(path, root).replace(os.sep, "/"), folder)
            if decided is not None:
                return decided
        return False


def around(folder: str) -> Ignored:
    """Return what is in force in an absolute `folder` by its repository's files above it.

    Outside a repository nothing is. A folder that is itself left out was asked for by name: then
    nothing is either.
    """
    chain = [folder]
    while not os.path.exists(os.path.join(chain[0], ".git")):
        parent = os.path.dirname(chain[0])
        if parent == chain[0]:
            return Ignored()
        chain.insert(0, parent)
    ignored = Ignored()
    for parent, child in pairwise(chain):
        ignored = ignored.entering(parent)
        if ignored.leaves_out(child, True):
            return Ignored()
    return ignored
