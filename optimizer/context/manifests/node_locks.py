"""Lockfiles of JavaScript projects: npm's in three versions, yarn's in two, pnpm's.

Sources: docs.npmjs.com, "package-lock.json" (lockfileVersion 1 to 3); yarnpkg.com, "yarn.lock";
github.com/pnpm/spec, lockfile.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import (
    LOCK_LIMIT,
    Table,
    is_there,
    load_json,
    load_yaml,
    pairs_of,
    table,
    text_of,
)
from optimizer.syntax.patterns import pattern

NPM = ("npm-shrinkwrap.json", "package-lock.json")
DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies")
YARN, PNPM = "yarn.lock", "pnpm-lock.yaml"
_CLASSIC_MARK = "# yarn lockfile v1"
_DESCRIPTOR = pattern(r'"([^"]+)"|([^\s",][^,]*)')
_GIT = pattern(r"git[+:@]|.*\.git(#|\Z)|https://codeload\.github\.com/|(github|gitlab|bitbucket):")


@dataclass(frozen=True)
class LockedPackage:
    """A package of a lockfile.

    `scripts` tells whether it runs something when it is installed, None where the lockfile does not
    say; `development` whether it is there for development only, None likewise. `local` are those
    that are folders beside the project.
    """

    name: str
    version: str = ""
    scripts: bool | None = None
    development: bool | None = None
    git: bool = False
    local: bool = False
    optional: bool = False


@dataclass(frozen=True)
class NodeLock:
    """A lockfile. `manager` is "npm", "yarn" (classic), "berry" or "pnpm"; `version` the file's own.

    `asked` are what it was made for, as `name@version`: what the project asks for, of yarn also what
    the packages ask for. None where the file does not say that.
    """

    path: str
    manager: str
    unreadable: str = ""
    version: str = ""
    packages: tuple[LockedPackage, ...] = ()
    asked: frozenset[str] | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names of the packages."""
        return frozenset(p.name for p in self.packages)

    def find(self, name: str) -> LockedPackage | None:
        """Return the first package of a name."""
        return next((p for p in self.packages if p.name == name), None)


def find_node_lock(context: BuildContext, folder: str = ".") -> NodeLock | None:
    """Read the lockfile of the project in a folder, npm's first; None where there is none."""
    for name in (*NPM, YARN, PNPM):
        found = read_node_lock(context, posixpath.normpath(posixpath.join(folder, name)))
        if found is not None:
            return found
    return None


def read_node_lock(context: BuildContext, path: str) -> NodeLock | None:
    """Read a lockfile by its name; None where there is none."""
    if not is_there(context, path):
        return None
    name = posixpath.basename(path)
    manager = {YARN: "yarn", PNPM: "pnpm"}.get(name, "npm")
    text = context.text(path, LOCK_LIMIT)
    if text is None:
        return NodeLock(path, manager, "is too large")
    if manager == "npm":
        return _npm(path, *load_json(text))
    if manager == "yarn" and (_CLASSIC_MARK in text or "__metadata:" not in text):
        return NodeLock(path, "yarn", "", "1", *_classic(text))
    data, problem = load_yaml(text)
    if problem:
        return NodeLock(path, "berry" if manager == "yarn" else manager, problem)
    if manager == "yarn":
        version = str(table(data, "__metadata").get("version", ""))
        return NodeLock(path, "berry", "", version, tuple(_berry(data)))
    return NodeLock(path, "pnpm", "", str(data.get("lockfileVersion", "")), tuple(_pnpm(data)), _asked_of_pnpm(data))


def _npm(path: str, data: Table, problem: str) -> NodeLock:
    version = data.get("lockfileVersion")
    if not problem and not isinstance(version, int):
        problem = "has no lockfileVersion"
    if problem:
        return NodeLock(path, "npm", problem)
    packages = data.get("packages")
    if not isinstance(packages, dict):
        return NodeLock(path, "npm", "", str(version), tuple(_npm_tree(table(data, "dependencies"))))
    asked = _descriptors(table(packages, ""), DEPENDENCIES)
    return NodeLock(path, "npm", "", str(version), tuple(_npm_packages(packages)), asked)


def _descriptors(manifest: Table, keys: tuple[str, ...]) -> frozenset[str]:
    return frozenset(f"{name}@{asked}" for key in keys for name, asked in pairs_of(manifest.get(key)).items())


def _npm_packages(packages: Table) -> Iterator[LockedPackage]:
    for place, entry in packages.items():
        if not place or not isinstance(entry, dict):
            continue
        resolved = text_of(entry.get("resolved"))
        inside = "node_modules/" in place
        yield LockedPackage(
            text_of(entry.get("name")) or place.rpartition("node_modules/")[2],
            text_of(entry.get("version")),
            bool(entry.get("hasInstallScript")),
            bool(entry.get("dev") or entry.get("devOptional")),
            bool(_GIT.match(resolved)),
            bool(entry.get("link")) or not inside or resolved.startswith("file:"),
            bool(entry.get("optional")),
        )


def _npm_tree(dependencies: Table) -> Iterator[LockedPackage]:
    """Version 1 does not say which packages have scripts."""
    stack = list(dependencies.items())
    while stack:
        name, entry = stack.pop()
        if not isinstance(entry, dict):
            continue
        version = text_of(entry.get("version"))
        local = version.startswith("file:")
        yield LockedPackage(
            str(name),
            version,
            None,
            bool(entry.get("dev")),
            bool(_GIT.match(version)),
            local,
            bool(entry.get("optional")),
        )
        stack += table(entry, "dependencies").items()


def _classic(text: str) -> tuple[tuple[LockedPackage, ...], frozenset[str]]:
    """Yarn 1 says neither which packages have scripts nor which are for development."""
    packages: list[LockedPackage] = []
    asked: set[str] = set()
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith((" ", "#")):
            heads = [a or b for a, b in _DESCRIPTOR.findall(line[:-1])]
            asked.update(heads)
            packages.append(LockedPackage(_split(heads[0])[0] if heads else ""))
        elif packages and line.startswith("  version "):
            packages[-1] = replace(packages[-1], version=line.split(None, 1)[1].strip('"'))
        elif packages and line.startswith("  resolved "):
            resolved = line.split(None, 1)[1].strip('"')
            git, local = bool(_GIT.match(resolved)), resolved.startswith("file:")
            packages[-1] = replace(packages[-1], git=git, local=local)
    return tuple(packages), frozenset(asked)


def _berry(data: Table) -> Iterator[LockedPackage]:
    for key, entry in data.items():
        if key == "__metadata" or not isinstance(entry, dict):
            continue
        resolution = text_of(entry.get("resolution"))
        name, _, source = resolution.partition("@") if not resolution.startswith("@") else _scoped(resolution)
        local = source.startswith(("workspace:", "file:", "link:", "portal:", "patch:"))
        yield LockedPackage(name, str(entry.get("version", "")), git=bool(_GIT.match(source)), local=local)


def _scoped(resolution: str) -> tuple[str, str, str]:
    name, at, source = resolution[1:].partition("@")
    return f"@{name}", at, source


def _pnpm(data: Table) -> Iterator[LockedPackage]:
    """From version 9 on pnpm no longer says which packages have scripts, nor which are for development."""
    version_of_file = str(data.get("lockfileVersion", ""))
    old = not version_of_file.startswith("9")
    for key, entry in table(data, "packages").items():
        if not isinstance(entry, dict):
            continue
        path = re.sub(r"\(.*", "", str(key)).lstrip("/")
        name, version = _split_5(path) if version_of_file.startswith("5") else _split(path)
        resolution = table(entry, "resolution")
        local = path.startswith(("file:", "link:")) or "directory" in resolution
        git = "repo" in resolution or bool(_GIT.match(text_of(resolution.get("tarball"))))
        yield LockedPackage(
            text_of(entry.get("name")) or name,
            version,
            bool(entry.get("requiresBuild")) if old else None,
            bool(entry.get("dev")) if old and "dev" in entry else None,
            git,
            local,
            bool(entry.get("optional")),
        )


def _asked_of_pnpm(data: Table) -> frozenset[str] | None:
    if "importers" in data:
        root = table(data, "importers", ".")
        groups = [table(root, key) for key in DEPENDENCIES]
        return frozenset(
            f"{name}@{entry.get('specifier') if isinstance(entry, dict) else table(root, 'specifiers').get(name)}"
            for group in groups
            for name, entry in group.items()
        )
    if "specifiers" in data:
        return _descriptors(data, ("specifiers",))
    groups = [table(data, key) for key in DEPENDENCIES]
    return frozenset(f"{n}@{table(e).get('specifier')}" for group in groups for n, e in group.items())


def _split(text: str) -> tuple[str, str]:
    """Take `name@1.0.0` apart."""
    name, _, version = text[1:].partition("@")
    return text[:1] + name, version


def _split_5(path: str) -> tuple[str, str]:
    """Take `name/1.0.0_peers` apart."""
    name, _, version = path.rpartition("/")
    return name, version.partition("_")[0]
