"""What is known of apt's lists: which calls fetch, need or remove them."""

from __future__ import annotations

from optimizer.facts.runs import Call, Run
from optimizer.syntax.patterns import pattern

_COVERS = pattern(
    r"/var/lib/apt(/|/\*|/lists/?|/lists/\*)?\Z|/var/lib/\*?\Z|/var/lib/\{[^}]*apt\b.*|/var/lib/apt/lists/.*\*.*|/var/lib/apt/lists/\{"
)
_MENTIONS = pattern(r"\b(apt|apt-get|aptitude)\b[^;&|]*\b(install|upgrade|build-dep|source)\b")
# Commands that say or write what they are given, and run nothing.
_TALKS = frozenset({"echo", "printf", "cat", "sed", "grep", "which", "type", "command"})
_LISTS = "/var/lib/apt/lists"


def is_update(call: Call) -> bool:
    """Whether a call fetches apt's lists."""
    return (call.is_("apt") or call.program == "aptitude") and _action(call) == "update"


def removes_lists(call: Call) -> bool:
    """Whether a call takes apt's lists away."""
    if call.program == "rm":
        return any(_COVERS.match(w.value or w.raw) for w in call.words[1:])
    if call.program == "find":
        return any(w.raw.startswith(_LISTS) for w in call.words) and any(w.raw == "-delete" for w in call.words)
    return call.is_("apt", "dist-clean", "distclean")


def needs_lists(call: Call) -> bool:
    """Whether a call asks the lists for packages; a local .deb does not."""
    manager = call.manager
    if manager is None or manager.name != "apt":
        return call.program == "aptitude" and _action(call) in ("install", "upgrade", "safe-upgrade", "full-upgrade")
    if call.action not in manager.fetch or call.has("-U"):
        return False
    packages = call.operands
    return not packages or any(not _is_local(w.value or w.raw) for w in packages)


def _is_local(package: str) -> bool:
    return package.startswith(("/", "./", "../")) or package.endswith(".deb")


def _action(call: Call) -> str:
    if call.manager is not None:
        return call.action
    return next((w.value or "" for w in call.words[1:] if not w.raw.startswith("-")), "")


def lists_after(run: Run, present: bool) -> bool:
    """Whether lists are there at the end of a script, where `present` tells of its start."""
    for call in run.calls:
        if is_update(call):
            present = True
        elif removes_lists(call):
            present = False
    return present


def leaves_lists(run: Run) -> bool:
    """Whether lists that a RUN fetched are in its layer at its end."""
    return lists_after(run, False) and not run.mounted(_LISTS)


def unfed(run: Run) -> list[Call]:
    """Return the calls of a RUN that need lists which the RUN itself has not fetched."""
    fed = False
    found = []
    for call in run.calls:
        if is_update(call):
            fed = True
        elif needs_lists(call) and not fed:
            found.append(call)
    return found


def installs_out_of_sight(run: Run) -> bool:
    """Whether a RUN may install with apt where its calls do not show it: in a string, behind xargs."""
    if run.script.opaque:
        return bool(_MENTIONS.search(run.script.text))
    for call in run.calls:
        if call.is_("apt") or call.program in _TALKS:
            continue
        if any(_MENTIONS.search(w.raw) or w.raw in ("apt-get", "aptitude") for w in call.words):
            return True
    return False
