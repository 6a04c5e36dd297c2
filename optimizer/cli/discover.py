"""Finding the Dockerfiles that are meant by paths."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from optimizer.cli.errors import Failure, reason_of
from optimizer.cli.ignored import Ignored, around

_NAMES = ("Dockerfile", "dockerfile", "Containerfile")
_SUFFIXES = (".Dockerfile", ".dockerfile")
# Endings of what stands beside a Dockerfile: ignore files, editors' leftovers, templates, documents.
_OTHERS = (
    *(".dockerignore", ".orig", ".rej", ".swp", ".swo", ".bak", ".tmp", ".patch", ".diff", ".sha256", ".asc", ".sig"),
    *(".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template", ".erb", ".in", ".md", ".rst", ".html"),
)


class Found(NamedTuple):
    """A Dockerfile to work on: the path to open, and the folder from which it was named.

    The two differ where the name is a symbolic link: `path` is then what it leads to.
    """

    path: str
    folder: str
    named: bool = False


def discover(paths: Sequence[str]) -> Iterator[Found | Failure]:
    """Yield the Dockerfiles that `paths` name or that stand below them, each once, in a stable order.

    A file is taken whatever its name. A folder is walked without what `.gitignore` leaves out.
    """
    seen: set[str] = set()
    for path in paths:
        for item in _below(path):
            if isinstance(item, Found):
                real = os.path.realpath(item.path)
                if real in seen:
                    continue
                seen.add(real)
            yield item


def is_dockerfile_name(name: str) -> bool:
    """Tell whether a file of this name is taken for a Dockerfile."""
    if name.lower().endswith(_OTHERS) or name.endswith("~"):
        return False
    return name in _NAMES or name.endswith(_SUFFIXES) or name.startswith(("Dockerfile.", "Containerfile."))


def _below(path: str) -> Iterator[Found | Failure]:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        yield Failure(path, f"cannot be read: {reason}")
        return
    if stat.S_ISDIR(mode):
        yield from _walk(path)
    elif stat.S_ISREG(mode):
        yield _found(path, named=True)
    else:
        yield Failure(path, "is neither a file nor a folder")


def _walk(top: str) -> Iterator[Found | Failure]:
    start = os.path.realpath(top)
    stack = [(top, start, around(start))]
    while stack:
        shown, folder, outer = stack.pop()
        ignored = outer.entering(folder)
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda e: e.name)
        except OSError as error:
            yield Failure(shown, f"cannot be listed: {reason_of(error)}")
            continue
        folders = []
        for entry in entries:
            path = os.path.join(folder, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if entry.name != ".git" and not ignored.leaves_out(path, True):
                    folders.append((os.path.join(shown, entry.name), path, ignored))
            elif is_dockerfile_name(entry.name) and _wanted(entry, path, start, ignored):
                yield _found(os.path.join(shown, entry.name))
        stack.extend(reversed(folders))


def _wanted(entry: os.DirEntry[str], path: str, start: str, ignored: Ignored) -> bool:
    try:
        if not entry.is_file() or ignored.leaves_out(path, False):
            return False
        if entry.is_symlink() and not os.path.realpath(path).startswith(start.rstrip(os.sep) + os.sep):
            return False
        with open(path, "rb") as file:
            return b"\0" not in file.read(8192)
    except OSError:
        # A file that cannot be read is told of when it is its turn; a link that leads nowhere is none.
        return not entry.is_symlink()


def _found(path: str, named: bool = False) -> Found:
    target = os.path.realpath(path) if os.path.islink(path) else path
    return Found(target, os.path.dirname(path) or ".", named)
