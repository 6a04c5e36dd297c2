"""What is known of a JavaScript project: its lockfile, and which yarn it uses."""

from __future__ import annotations

import json
import re

from optimizer.context.files import BuildContext
from optimizer.facts.copied import copies_before, found_in_workdir, sources_and_target
from optimizer.facts.document import Document
from optimizer.facts.runs import Call, Run
from optimizer.syntax.patterns import pattern

# Options that only yarn 1 takes, and words that only later ones know.
_CLASSIC = frozenset(
    "--frozen-lockfile --pure-lockfile --production --prod --non-interactive --ignore-scripts --ignore-optional "
    "--ignore-engines --ignore-platform --network-timeout --no-progress --modules-folder --cache-folder --flat".split()
)
_LATER = pattern(
    r"\.yarnrc\.yml|\.yarn\b|\.pnp\b|corepack|yarn (set|policies) |yarn dlx|--immutable|yarn@(berry|[2-9])"
)
_V1 = "# yarn lockfile v1"
_GROUPS = ("dependencies", "devDependencies", "optionalDependencies")


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


def _read_json(context: BuildContext, path: str) -> dict[str, object]:
    try:
        value = json.loads(context.text(path, 50_000_000) or "")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def wanted_packages(context: BuildContext, path: str) -> dict[str, str]:
    """Return the packages that a package.json asks for, with their versions."""
    manifest = _read_json(context, path)
    found: dict[str, str] = {}
    for group in _GROUPS:
        listed = manifest.get(group)
        if isinstance(listed, dict):
            found |= {str(k): str(v) for k, v in listed.items()}
    return found


def npm_lock_problem(context: BuildContext, manifest: str, lock: str) -> str:
    """Return what keeps `npm ci` from taking a lockfile, "" if it fits its package.json."""
    locked = _read_json(context, lock)
    if not isinstance(locked.get("lockfileVersion"), int):
        return "the lockfile has no version that npm ci takes"
    wanted = wanted_packages(context, manifest)
    packages = locked.get("packages")
    if isinstance(packages, dict):
        root = packages.get("")
        root = root if isinstance(root, dict) else {}
        held: dict[str, object] = {}
        for group in _GROUPS:
            listed = root.get(group)
            held |= listed if isinstance(listed, dict) else {}
        fits = wanted == held
    else:
        listed = locked.get("dependencies")
        fits = set(wanted) <= set(listed if isinstance(listed, dict) else {})
    return "" if fits else "the lockfile does not fit package.json"


def yarn_lock_problem(context: BuildContext, manifest: str, lock: str) -> str:
    """Return what keeps yarn 1 from taking a lockfile as it is, "" if it fits its package.json."""
    text = context.text(lock, 50_000_000) or ""
    if _V1 not in text:
        return "the lockfile is not of yarn 1"
    for name, version in wanted_packages(context, manifest).items():
        if f"{name}@{version}" not in text:
            return "the lockfile does not fit package.json"
    return ""


def pnpm_lock_problem(context: BuildContext, manifest: str, lock: str) -> str:
    """Return what keeps pnpm from taking a lockfile as it is, "" if it seems to fit its package.json."""
    text = context.text(lock, 50_000_000) or ""
    if "lockfileVersion" not in text:
        return "the lockfile has no version"
    for name, version in wanted_packages(context, manifest).items():
        if name not in text or version not in text:
            return "the lockfile does not fit package.json"
    return ""
