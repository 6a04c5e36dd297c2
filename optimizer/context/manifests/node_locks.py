"""Lockfiles of JavaScript projects: npm's in three versions, yarn's in two, pnpm's.

Sources: docs.npmjs.com, "package-lock.json" (lockfileVersion 1 to 3); yarnpkg.com, "yarn.lock";
github.com/pnpm/spec, lockfile.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LOCK_LIMIT, Table, is_there, load_json, load_yaml, table, text_of
from optimizer.syntax.patterns import pattern

NPM = ("npm-shrinkwrap.json", "package-lock.json")
YARN, PNPM = "yarn.lock", "pnpm-lock.yaml"
_CLASSIC_MARK = "# yarn lockfile v1"
_CLASSIC_HEAD = pattern(r'^("?)((?:@[^/"\s]+/)?[^@"\s]+)@.*:\s*$')
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
    """A lockfile. `manager` is "npm", "yarn" (classic), "berry" or "pnpm"; `version` the file's own."""

    path: str
    manager: str
    unreadable: str = ""
    version: str = ""
    packages: tuple[LockedPackage, ...] = ()

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
        return NodeLock(path, "yarn", "", "1", tuple(_classic(text)))
    data, problem = load_yaml(text)
    if problem:
        return NodeLock(path, "berry" if manager == "yarn" else manager, problem)
    if manager == "yarn":
        version = str(table(data, "__metadata").get("version", ""))
        return NodeLock(path, "berry", "", version, tuple(_berry(data)))
    return NodeLock(path, "pnpm", "", str(data.get("lockfileVersion", "")), tuple(_pnpm(data)))


def _npm(path: str, data: Table, problem: str) -> NodeLock:
    version = data.get("lockfileVersion")
    if not problem and not isinstance(version, int):
        problem = "has no lockfileVersion"
    if problem:
        return NodeLock(path, "npm", problem)
    packages = data.get("packages")
    found = _npm_packages(packages) if isinstance(packages, dict) else _npm_tree(table(data, "dependencies"))
    return NodeLock(path, "npm", "", str(version), tuple(found))


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


def _classic(text: str) -> Iterator[LockedPackage]:
    """Yarn 1 says neither which packages have scripts nor which are for development."""
    name = ""
    for line in text.splitlines():
        head = _CLASSIC_HEAD.match(line)
        if head:
            name = head.group(2)
        elif name and line.startswith("  version "):
            version = line.split(None, 1)[1].strip('"')
        elif name and line.startswith("  resolved "):
            resolved = line.split(None, 1)[1].strip('"')
            yield LockedPackage(name, version, git=bool(_GIT.match(resolved)), local=resolved.startswith("file:"))
            name = ""


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
    old = not str(data.get("lockfileVersion", "")).startswith("9")
    for key, entry in table(data, "packages").items():
        if not isinstance(entry, dict):
            continue
        path = re.sub(r"\(.*", "", str(key)).lstrip("/")
        name, version = _split_pnpm(path)
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


def _split_pnpm(path: str) -> tuple[str, str]:
    """Take `name@1.0.0`, or `name/1.0.0` as up to version 5, apart."""
    at = path.find("@", 1)
    if at > 0:
        return path[:at], path[at + 1 :]
    name, _, version = path.rpartition("/")
    return name, version.partition("_")[0]
