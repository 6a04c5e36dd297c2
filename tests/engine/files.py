"""The files of two images, and what may differ between them."""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import IO, NamedTuple

from tests.engine.cases import Files

# What differs between two builds of the very same Dockerfile.
NOISE = (
    "var/log/*",  # times
    "var/cache/ldconfig/aux-cache",  # inodes and times
    "*.pyc",  # the time of the source
)
# What tells of packages, and differs where packages are gone or were asked for by name.
PACKAGE_STATE = (
    "var/lib/dpkg/*",
    "var/lib/apt/extended_states",
    "var/cache/debconf/*",
    "etc/ld.so.cache",
)
_LINKED = re.compile(r"(bin|sbin|lib|lib32|lib64|libx32)/")
_INFO = re.compile(r"var/lib/dpkg/info/([^/:]+)(:\w+)?\.\w+\Z")


class Entry(NamedTuple):
    """One file: all that a user of the image can tell but for its times."""

    kind: bytes
    mode: int
    owner: tuple[int, int]
    link: str
    digest: bytes


@dataclass
class Tree:
    """The files of an image, and which package each of them is from."""

    files: dict[str, Entry] = field(default_factory=dict)
    package_of: dict[str, str] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)
    automatic: set[str] = field(default_factory=set)


def read_tree(stream: IO[bytes]) -> Tree:
    """Read a tar stream of a whole container."""
    tree = Tree()
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            data = b""
            file = tar.extractfile(member) if member.isreg() else None
            if file is not None:
                data = file.read()
            name = member.name.removeprefix("./").rstrip("/")
            owner = (member.uid, member.gid)
            digest = hashlib.blake2b(data, digest_size=12).digest()
            tree.files[name] = Entry(member.type, member.mode, owner, member.linkname, digest)
            _note_packages(tree, name, data)
    return tree


def _note_packages(tree: Tree, name: str, data: bytes) -> None:
    info = _INFO.match(name)
    if info:
        tree.package_of[name] = info[1]
        if name.endswith(".list"):
            for line in data.decode().splitlines():
                path = line.lstrip("/")
                tree.package_of[f"usr/{path}" if _LINKED.match(path) else path] = info[1]
    elif name == "var/lib/dpkg/status":
        found = re.findall(r"^Package: (\S+)\nStatus: \S+ \S+ installed$", data.decode(), re.MULTILINE)
        tree.packages.update(found)
    elif name == "var/lib/apt/extended_states":
        for block in data.decode().split("\n\n"):
            package = re.search(r"^Package: (\S+)", block, re.MULTILINE)
            if package and "Auto-Installed: 1" in block:
                tree.automatic.add(package[1])


@dataclass
class Difference:
    """What is wrong, which packages are gone, and which patterns were of use."""

    problems: list[str] = field(default_factory=list)
    packages: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def allows(self, path: str, patterns: Iterable[str]) -> bool:
        """Tell whether one of the patterns names the path, and note that it was of use."""
        found = [p for p in patterns if fnmatchcase(path, p)]
        self.used.update(found)
        return bool(found)


def compare(before: Tree, after: Tree, claims: Files) -> Difference:
    """Compare two images; what differs must be claimed."""
    if claims.within:
        return _compare_within(before, after, claims)
    found = Difference(packages=before.packages - after.packages)
    if found.packages and not claims.recommended:
        found.problems.append(f"packages are gone: {' '.join(sorted(found.packages))}")
    for name in sorted(found.packages - before.automatic):
        found.problems.append(f"package {name} was asked for and is gone")
    for name in sorted(after.packages - before.packages):
        found.problems.append(f"package {name} came")
    state = PACKAGE_STATE if claims.recommended else ()
    for path in sorted(before.files.keys() | after.files.keys()):
        old, new = before.files.get(path), after.files.get(path)
        if old == new or found.allows(path, NOISE):
            continue
        if new is None:
            if before.package_of.get(path) not in found.packages and not found.allows(path, (*claims.gone, *state)):
                found.problems.append(f"gone: {path}")
        elif old is None:
            if not found.allows(path, (*claims.came, *state)):
                found.problems.append(f"came: {path}")
        elif not found.allows(path, (*claims.varies, *state)):
            found.problems.append(f"differs: {path}: {_how(old, new)}")
    found.problems += [f"needed and not there: {path}" for path in claims.needs if path not in after.files]
    return found


def _compare_within(before: Tree, after: Tree, claims: Files) -> Difference:
    """Compare the application's files of two images with different bases."""
    found = Difference()
    for path in sorted(before.files.keys() | after.files.keys()):
        old, new = before.files.get(path), after.files.get(path)
        inside = any(fnmatchcase(path, pattern) for pattern in claims.within)
        if inside and old != new and not found.allows(path, (*NOISE, *claims.varies)):
            found.problems.append(f"differs: {path}: {old} -> {new}")
    found.problems += [f"needed and not there: {path}" for path in claims.needs if path not in after.files]
    return found


def _how(old: Entry, new: Entry) -> str:
    names = [n for n in Entry._fields if getattr(old, n) != getattr(new, n)]
    return ", ".join(n if n == "digest" else f"{n} {getattr(old, n)} -> {getattr(new, n)}" for n in names)
