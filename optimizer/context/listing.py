"""The files that a COPY of a folder brings."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from optimizer.context.files import BuildContext

MOST = 20_000
# Folders of thousands of files that are nobody's own sources.
HEAVY = frozenset(
    ".git .hg .svn node_modules __pycache__ .venv venv .tox .nox site-packages bower_components vendor target .gradle "
    ".next .nuxt .cache .terraform".split()
)


@dataclass(frozen=True)
class Listing:
    """Paths of the context below a folder that reach the builder, in order.

    `links` are those of them that are symbolic links: COPY takes them as they are. `whole` is False
    where there are more than were listed.
    """

    files: tuple[str, ...]
    links: frozenset[str] = frozenset()
    whole: bool = True


def listing(context: BuildContext, folder: str = ".", most: int = MOST, skip: frozenset[str] = frozenset()) -> Listing:
    """Return the files below a folder of the context that no ignore file keeps back, at most `most`.

    Folders that are called like one of `skip` are left out, and do not count. Symbolic links are not
    followed. Paths count from the root of the context.
    """
    key = ("listing", folder, most, skip)
    if key not in context.memo:
        context.memo[key] = _list(context, folder, most, skip)
    found: Listing = context.memo[key]
    return found


def _list(context: BuildContext, folder: str, most: int, skip: frozenset[str]) -> Listing:
    ignore = context.ignore
    files: list[str] = []
    links: set[str] = set()
    top = posixpath.normpath(folder.lstrip("/") or ".")
    stack = ["" if top == "." else top]
    seen = 0
    while stack:
        inside = stack.pop()
        below = []
        for entry in context.entries(inside):
            seen += 1
            if len(files) >= most or seen > 10 * most:
                return Listing(tuple(sorted(files)), frozenset(links), whole=False)
            path = posixpath.join(inside, entry.name)
            ignored = ignore.ignores(path)
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in skip and (not ignored or ignore.may_hold_kept(path)):
                    below.append(path)
            elif not ignored:
                files.append(path)
                if entry.is_symlink():
                    links.add(path)
        stack += reversed(below)
    return Listing(tuple(sorted(files)), frozenset(links))
