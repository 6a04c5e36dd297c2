"""The packages of an image, from what the package managers wrote down.

Sources: dpkg's status file and lists of files (dpkg-query(1)), with the one-file-a-package form that distroless
images have; apk's `installed` (apk spec); RPM's database; the folder names of Python's dist-info (PEP 376,
PEP 427); the package.json of node_modules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from optimizer.prove.image.rpm import RpmPackage
from optimizer.prove.image.types import FileEntry, Packages, resolve

_STATUS = "var/lib/dpkg/status"
_STATUS_FOLDER = "var/lib/dpkg/status.d/"
_LIST = re.compile(r"var/lib/dpkg/info/([^/:]+)(?::[^/]+)?\.list")
_APK = ("lib/apk/db/installed", "usr/lib/apk/db/installed")
_PYTHON = re.compile(r"(?:.*/)?([^/]+?)-([^/-]+)(?:-py[\d.]+)?\.(?:dist-info/METADATA|egg-info(?:/PKG-INFO)?)")
_NODE = re.compile(r"(?:.*/)?node_modules/((?:@[^/]+/)?[^/]+)/package\.json")


@dataclass
class Databases:
    """What was read of the package databases, by path: texts, versions of Node packages, RPM's records."""

    tables: dict[str, str] = field(default_factory=dict)
    node: dict[str, str] = field(default_factory=dict)
    rpm: dict[str, tuple[RpmPackage, ...]] = field(default_factory=dict)


def read_packages(tree: dict[str, FileEntry], databases: Databases) -> Packages:
    """Return the packages of an image and who owns which file."""
    owners = _Owners(tree)
    packages = Packages(owner=owners.owner)
    for path, text in databases.tables.items():
        if path == _STATUS or path.startswith(_STATUS_FOLDER):
            _read_dpkg(path, text, packages, owners)
        elif path in _APK:
            _read_apk(text, packages, owners)
        elif found := _LIST.fullmatch(path):
            owners.add(found[1], text.splitlines())
    unread = []
    for path, records in databases.rpm.items():
        if not records:
            unread.append(f"{path}: not RPM's SQLite form, or damaged")
        for record in records:
            _add(packages.rpm, record.name, record.version)
            owners.add(record.name, record.files)
    for path, version in databases.node.items():
        if found := _NODE.fullmatch(path):
            _add(packages.node, found[1], version)
    for path in tree:
        # What a distribution packaged is told as its package.
        if path.endswith(("/METADATA", "-info", "/PKG-INFO")) and (found := _PYTHON.fullmatch(path)):
            if tree[path].has_content and path not in owners.owner:
                _add(packages.python, re.sub(r"[-_.]+", "-", found[1]).lower(), found[2])
    return Packages(
        packages.dpkg, packages.apk, packages.rpm, packages.python, packages.node, owners.owner, tuple(unread)
    )


def _add(packages: dict[str, str], name: str, version: str) -> None:
    known = packages.get(name)
    if known is None:
        packages[name] = version
    elif version not in known.split(", "):
        packages[name] = ", ".join(sorted([*known.split(", "), version]))


class _Owners:
    """Notes which package a file is from. Lists name paths as packages ship them; links lead to the real ones."""

    def __init__(self, tree: dict[str, FileEntry]) -> None:
        self.tree = tree
        self.owner: dict[str, str] = {}
        self._folders: dict[str, str | None] = {}

    def add(self, package: str, paths: Iterable[str]) -> None:
        for path in paths:
            folder, _, name = path.lstrip("/").rpartition("/")
            if folder not in self._folders:
                self._folders[folder] = resolve(self.tree, folder)
            real = self._folders[folder]
            if real is None:
                continue
            entry = self.tree.get(f"{real}/{name}" if real else name)
            if entry is not None and entry.kind != "folder":
                # The tree's own string: a list of all files is not held twice.
                self.owner[entry.path] = package


def _read_dpkg(path: str, text: str, packages: Packages, owners: _Owners) -> None:
    if path.endswith(".md5sums"):
        package = path.removeprefix(_STATUS_FOLDER).removesuffix(".md5sums")
        owners.add(package, (line.partition("  ")[2] for line in text.splitlines()))
        return
    for fields in _stanzas(text):
        name, status = fields.get("Package", ""), fields.get("Status", "installed")
        if name and status.split()[-1:] == ["installed"]:
            packages.dpkg[name] = fields.get("Version", "")


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    """Yield the one-line fields of each block."""
    for block in re.split(r"\n\s*\n", text):
        yield dict(re.findall(r"^(Package|Status|Version):[ \t]*(.*?)[ \t]*$", block, re.MULTILINE))


def _read_apk(text: str, packages: Packages, owners: _Owners) -> None:
    for block in text.split("\n\n"):
        name = folder = ""
        files = []
        for line in block.splitlines():
            key, _, value = line.partition(":")
            if key == "P":
                name = value
            elif key == "V" and name:
                packages.apk[name] = value
            elif key == "F":
                folder = value
            elif key == "R":
                files.append(f"{folder}/{value}")
        owners.add(name, files)
