"""What is known of a JavaScript project: its lockfile, and which yarn it uses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from optimizer.context.files import BuildContext
from optimizer.facts.copied import copies_before, found_in_workdir, sources_and_target
from optimizer.facts.document import Document
from optimizer.facts.runs import Call, Run
from optimizer.syntax.patterns import pattern

if TYPE_CHECKING:
    from optimizer.context.manifests.node_locks import NodeLock

# Options that only yarn 1 takes, and words that only later ones know.
_CLASSIC = frozenset(
    "--frozen-lockfile --pure-lockfile --production --prod --non-interactive --ignore-scripts --ignore-optional "
    "--ignore-engines --ignore-platform --network-timeout --no-progress --modules-folder --cache-folder --flat".split()
)
_LATER = pattern(
    r"\.yarnrc\.yml|\.yarn\b|\.pnp\b|corepack|yarn (set|policies) |yarn dlx|--immutable|yarn@(berry|[2-9])"
)
_V1 = "# yarn lockfile v1"
_UNFIT = "the lockfile does not fit package.json"


def is_classic_yarn(doc: Document, call: Call) -> bool | None:
    """Tell whether a call is of yarn 1; None where the files do not show it."""
    if _LATER.search(doc.text):
        return False
    context = doc.context
    if context is not None and (context.exists(".yarnrc.yml") or context.exists(".yarn")):
        return False
    if any(call.has(option) for option in _CLASSIC) or call.action == "global":
        return True
    lock = found_in_workdir(doc, call.run, "yarn.lock")
    if lock is not None and context is not None:
        return _V1 in (context.text(lock, 50_000_000) or "")
    return None if _may_bring_yarn(call.run) else True


def _may_bring_yarn(run: Run) -> bool:
    """Whether what was copied so far may hold a yarn of its own: anything but files by name."""
    for instruction, state in copies_before(run):
        named = sources_and_target(instruction, state)
        if named is None:
            return True
        if not all(re.search(r"(package[^/]*\.json|yarn\.lock|\.npmrc|\.yarnrc)\Z", source) for source in named[0]):
            return True
    return False


def npm_lock_problem(context: BuildContext, manifest: str, lock: str) -> str:
    """Return what keeps `npm ci` from taking a lockfile, "" if it fits its package.json."""
    wanted, locked = _read(context, manifest, lock)
    if locked is None or locked.unreadable:
        return "the lockfile has no version that npm ci takes"
    if locked.asked is not None:
        return "" if wanted == locked.asked else _UNFIT
    return "" if {_name(w) for w in wanted} <= locked.names else _UNFIT


def yarn_lock_problem(context: BuildContext, manifest: str, lock: str) -> str:
    """Return what keeps yarn 1 from taking a lockfile as it is, "" if it fits its package.json."""
    wanted, locked = _read(context, manifest, lock)
    if locked is None or locked.manager != "yarn":
        return "the lockfile is not of yarn 1"
    return "" if wanted <= (locked.asked or frozenset()) else _UNFIT


def pnpm_lock_problem(context: BuildContext, manifest: str, lock: str) -> str:
    """Return what keeps pnpm from taking a lockfile as it is, "" if it seems to fit its package.json."""
    wanted, locked = _read(context, manifest, lock)
    if locked is None or locked.unreadable or not locked.version:
        return "the lockfile has no version"
    return "" if wanted <= (locked.asked or frozenset()) else _UNFIT


def _read(context: BuildContext, manifest: str, lock: str) -> tuple[frozenset[str], NodeLock | None]:
    """Return what a package.json asks for, as `name@version`, and its lockfile."""
    from optimizer.context.manifests.node_locks import read_node_lock
    from optimizer.context.manifests.package_json import read_package_json

    package = read_package_json(context, manifest)
    wanted = package.wanted if package is not None else {}
    return frozenset(f"{name}@{asked}" for name, asked in wanted.items()), read_node_lock(context, lock)


def _name(descriptor: str) -> str:
    return descriptor[: descriptor.index("@", 1)]
