"""npm, yarn and pnpm: which files of the project an install reads."""

from __future__ import annotations

import posixpath
import re

from optimizer.context.manifests.node_locks import NodeLock, read_node_lock
from optimizer.context.manifests.package_json import PackageJson, read_package_json
from optimizer.facts.calls import ShellCall
from optimizer.facts.installs.needs import Files, Needs
from optimizer.facts.installs.words import has_unknown_words, values_of
from optimizer.facts.node import npm_lock_problem, pnpm_lock_problem, yarn_lock_problem
from optimizer.syntax.patterns import pattern

LOCKS = {
    "npm": ("npm-shrinkwrap.json", "package-lock.json"),
    "yarn": ("yarn.lock",),
    "pnpm": ("pnpm-lock.yaml",),
}
_SETTINGS = {
    "npm": (".npmrc",),
    "yarn": (".npmrc", ".yarnrc"),
    "pnpm": (".npmrc", "pnpm-workspace.yaml", ".pnpmfile.cjs"),
}
_WORKSPACE = (
    "-w",
    "--workspace",
    "--workspaces",
    "-ws",
    "--filter",
    "-F",
    "-r",
    "--recursive",
    "--include-workspace-root",
)
# Packages that read the project's own files when they are installed, and what they look for.
# [their postinstall scripts]
_READERS = {
    "@prisma/client": "the Prisma schema",
    "prisma": "the Prisma schema",
    "husky": "the git hooks",
    "simple-git-hooks": "the git hooks",
    "yorkie": "the git hooks",
    "ghooks": "the git hooks",
    "pre-commit": "the git hooks",
    "lefthook": "the git hooks",
    "@evilmartians/lefthook": "the git hooks",
    "nx": "the workspace",
    "puppeteer": "its settings",
    "cypress": "its settings",
    "patch-package": "the patches",
    "relay-compiler": "the schema",
    "@redwoodjs/core": "the project",
    "electron-builder": "the project",
    "wrangler": "its settings",
    "contentlayer": "the project",
}
_REGISTRY = pattern(r"(@[\w.~-]+/)?[\w~-][\w.~-]*(@[\w.^~<>=*|-]+)?\Z")
_LOCAL_WORD = pattern(r'"(file|link|portal|workspace):')


def needs_of_node(call: ShellCall, cwd: str, files: Files) -> Needs | str:
    """Return what an install of npm, yarn or pnpm reads; a reason where that is more than manifests."""
    manager = call.manager.name if call.manager is not None else ""
    verb = call.action
    if verb in ("cache", "config", "set", "store") or (not verb and call.has("--version", "-v")):
        return Needs()
    if has_unknown_words(call):
        return "a variable decides what is installed"
    if call.has("-g", "--global") or verb == "global":
        return _global(call)
    if verb not in ("", "install", "i", "ci", "clean-install") or (not verb and manager != "yarn") or call.operands:
        return f"{manager} {verb} may read the sources"
    if call.has(*_WORKSPACE):
        return "it installs workspaces"
    folder = next(values_of(call, "--prefix", "-C", "--cwd", "--dir"), "")
    frozen = verb in ("ci", "clean-install") or call.has("--frozen-lockfile", "--immutable", "--no-lockfile")
    cwd = posixpath.normpath(posixpath.join(cwd, folder))
    return _install(manager, call.has("--ignore-scripts"), frozen, cwd, files)


def _global(call: ShellCall) -> Needs | str:
    names = [w.value or "" for w in call.operands if w.value != "add"]
    return (
        Needs() if names and all(_REGISTRY.match(name) for name in names) else "it does not install from the registry"
    )


def _install(manager: str, no_scripts: bool, frozen: bool, cwd: str, files: Files) -> Needs | str:
    manifest = posixpath.join(cwd, "package.json")
    origin = files.origin(manifest)
    package = read_package_json(files.context, origin) if origin is not None else None
    if package is None or origin is None:
        return "its package.json is not copied from the build context"
    if package.unreadable:
        return f"{origin} {package.unreadable}"
    problem = _own(package, no_scripts, cwd, files) or _around(manager, cwd, files)
    if problem:
        return problem
    if _LOCAL_WORD.search(files.context.text(origin) or ""):
        return f"{origin} names files of the build context"
    locks = files.there(cwd, LOCKS[manager])
    lock = read_node_lock(files.context, files.placed[locks[0]]) if locks else None
    problem = _locked(package, lock, no_scripts)
    if lock is not None and not problem and not frozen:
        problem = _unfit(manager, files, origin, lock)
    if problem:
        return problem
    writes = [posixpath.join(cwd, name) for name in ("node_modules", ".pnp.cjs", ".pnp.loader.mjs")]
    if not locks:
        writes += [posixpath.join(cwd, name) for name in LOCKS[manager][-1:]]
    return Needs(
        (manifest, *locks, *files.there(cwd, _SETTINGS[manager])), tuple(writes), True, _notes(lock, no_scripts)
    )


def _own(package: PackageJson, no_scripts: bool, cwd: str, files: Files) -> str:
    if package.install_scripts and not no_scripts:
        return f"{package.path} has a script {package.install_scripts[0]!r} that an install runs"
    if not no_scripts and files.there(cwd, ("binding.gyp",)):
        return "it compiles a part of the project"
    if package.workspaces:
        return "it installs workspaces"
    if package.local or package.patched:
        return f"{package.path} names files of the build context"
    return ""


def _around(manager: str, cwd: str, files: Files) -> str:
    """Return what beside or above the manifest an install reads too, "" if nothing."""
    if manager == "yarn" and (files.there(cwd, (".yarnrc.yml",)) or files.has(posixpath.join(cwd, ".yarn"))):
        return "yarn 2 and later keep parts of themselves in the project"
    yarnrc = files.there(cwd, (".yarnrc",))
    if (
        manager == "yarn"
        and yarnrc
        and re.search(r"yarn-path|offline-mirror", files.context.text(files.placed[yarnrc[0]]) or "")
    ):
        return ".yarnrc names files of the build context"
    if manager == "pnpm":
        workspace = files.there(cwd, ("pnpm-workspace.yaml",))
        text = files.context.text(files.placed[workspace[0]]) or "" if workspace else ""
        if re.search(r"(?m)^(packages|patchedDependencies):", text):
            return "it installs workspaces or patches"
        if files.there(cwd, (".pnpmfile.cjs",)):
            return ".pnpmfile.cjs may read anything"
    above = files.above(cwd, ("package.json", "pnpm-workspace.yaml", ".yarnrc.yml", ".yarnrc", "lerna.json"))
    return f"{above} stands above it" if above else ""


def _locked(package: PackageJson, lock: NodeLock | None, no_scripts: bool) -> str:
    if lock is not None and lock.unreadable:
        return f"{lock.path} {lock.unreadable}"
    if lock is not None and any(p.local for p in lock.packages):
        return f"{lock.path} names files of the build context"
    if no_scripts:
        return ""
    names = lock.names if lock is not None else package.wanted.keys()
    for name, what in _READERS.items():
        if name in names:
            return f"{name} reads {what} when it is installed"
    return ""


def _unfit(manager: str, files: Files, manifest: str, lock: NodeLock) -> str:
    """Return why an install may write the lockfile anew, which the sources would then overwrite; "" if it does not."""
    if manager == "npm" and lock.version == "1":
        return f"npm 7 and later write {lock.path} anew"
    fits = {"npm": npm_lock_problem, "yarn": yarn_lock_problem, "pnpm": pnpm_lock_problem}[manager]
    return f"the install may change {lock.path}" if fits(files.context, manifest, lock.path) else ""


def _notes(lock: NodeLock | None, no_scripts: bool) -> tuple[str, ...]:
    scripts = sorted({p.name for p in lock.packages if p.scripts}) if lock is not None and not no_scripts else []
    if not scripts:
        return ()
    shown = ", ".join(scripts[:4]) + (" and others" if len(scripts) > 4 else "")
    return (f"install scripts of {shown} run before the sources are there",)
