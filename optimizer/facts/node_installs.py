"""What npm, yarn and pnpm install, and whether anything of it must be compiled."""

from __future__ import annotations

import posixpath

from optimizer.catalog.wheels import node_native, node_native_on_musl
from optimizer.context.manifests.node_locks import NPM, PNPM, YARN, NodeLock, read_node_lock
from optimizer.context.manifests.package_json import read_package_json
from optimizer.facts.copied import found_in_workdir
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.facts.uses import Dependency, Installs

_GLOBAL = ("-g", "--global", "--location=global")
_LOCKS = {"npm": NPM, "yarn": (YARN,), "pnpm": (PNPM,)}
# Tools that are installed for all and compile nothing.
_PURE = frozenset(
    "npm yarn pnpm pm2 nodemon typescript ts-node serve http-server grunt-cli gulp gulp-cli bower webpack webpack-cli "
    "rimraf @angular/cli @vue/cli @nestjs/cli create-react-app forever concurrently npm-check-updates lerna nx turbo "
    "vite tsx dotenv-cli wait-on json-server eslint prettier jest mocha sequelize-cli knex prisma corepack".split()
)


def node_installs(doc: Document, call: Call) -> Installs | None:
    """Return what a call installs from the npm registry, None where it is no such call."""
    name = call.manager.name if call.manager else ""
    if name not in _LOCKS or not call.installs:
        return None
    named = [w.value for w in call.operands if w.value not in ("add", "install")]
    if call.has(*_GLOBAL) or call.action in ("add", "global") or (named and call.action in ("install", "i")):
        return _named([n or "" for n in named])
    for lock in _LOCKS[name]:
        place = found_in_workdir(doc, call.run, lock)
        if place is not None and doc.context is not None:
            found = read_node_lock(doc.context, place)
            if found is not None and not found.unreadable:
                return _locked(doc, found)
    return Installs(unread=("the dependencies of Node are not locked, or the lockfile was not read",))


def _named(names: list[str]) -> Installs:
    found, unread = [], []
    for name in names:
        bare = name[:1] + name[1:].partition("@")[0]
        if not bare or "/" in bare.removeprefix("@").partition("/")[2] or ":" in bare:
            unread.append(f"the npm package {name or 'that only the build knows'}")
            continue
        rest = "pure" if bare in _PURE else ""
        found.append(_dependency(bare, name[len(bare) + 1 :], rest))
    return Installs(tuple(found), tuple(unread))


def _dependency(name: str, version: str, otherwise: str) -> Dependency:
    """Return a package with what the catalog knows of native code in it, `otherwise` where it knows none."""
    return Dependency(name, version, node_native(name) or otherwise, node_native_on_musl(name) or otherwise)


def _locked(doc: Document, lock: NodeLock) -> Installs:
    found, unread, calls = [], [], set()
    for package in lock.packages:
        if package.git:
            calls.add("git")
        # A package without an install script has nothing to compile; yarn's lockfiles do not tell of scripts, and
        # what compiles there is known by its name.
        one = _dependency(package.name, package.version, "" if package.scripts else "pure")
        # A repository can hold programs for glibc, which need no script.
        found.append(one._replace(musl="") if package.git else one)
    manifest = posixpath.join(posixpath.dirname(lock.path), "package.json")
    project = read_package_json(doc.context, manifest) if doc.context is not None else None
    if project is not None:
        unread += [f"the script {name} of package.json" for name in project.install_scripts if name != "prepare"]
    return Installs(tuple(found), tuple(unread), tuple(sorted(calls)))
