"""Clean-up commands: in which RUNs one is due, how it is spelled there, and where it goes.

A clean-up stands in the RUN that filled the cache, behind the last command that fills or uses it.
It is not due where a mount holds the cache, where the RUN cleans up already, and in stages that
are only copied from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from optimizer.facts.document import Document
from optimizer.facts.folders import empties, keeps_cache, removed_paths
from optimizer.facts.runs import Call, Run
from optimizer.rewrite.change import Change, Edit, Left, Safety
from optimizer.rewrite.compose import append_command, left
from optimizer.rewrite.steps import insert_behind, step_of
from optimizer.syntax.patterns import pattern

# Wrappers that a clean-up repeats (it must be the same user), and those that it can do without.
_SAME = frozenset({"sudo", "env", "gosu", "su-exec"})
_NEEDLESS = frozenset({"time", "nice", "nohup", "command", "eatmydata", "timeout"})
_MATTERS = pattern(r"(HOME|PATH|XDG_\w+|\w*_HOME|\w*cache\w*|\w*CACHE\w*)=")
_STEADY = frozenset({"pipeline", "group", "loop"})
_SCRATCH = pattern(r"(/tmp/|/var/tmp/|/var/cache/|/var/lib/apt/|/var/log/|/usr/share/(doc|man|locale|info)|~/\.)")


@dataclass(frozen=True)
class Due:
    """A RUN whose layer keeps a cache: the last call that filled it, and what cleans it there."""

    run: Run
    call: Call

    def spelled(self, arguments: str) -> str:
        """Return the clean-up for the program as it is called there, "" where that can't be said."""
        call = self.call
        wrappers = set(call.shell.wrappers)
        if wrappers - _SAME - _NEEDLESS or (wrappers & _SAME and wrappers & _NEEDLESS):
            return ""
        first = call.command.words[0] if wrappers & _SAME else call.words[0]
        spelling = re.sub(r"\s+", " ", self.run.script.text[first.start : call.words[0].end])
        assignments = [w.raw for w in call.command.assignments if _MATTERS.match(w.raw)]
        return " ".join([*assignments, spelling, arguments])


def is_clean(call: Call) -> bool:
    """Tell whether a call is its manager's own clean-up."""
    manager = call.manager
    if manager is None or call.action not in manager.clean:
        return False
    operands = {w.value or w.raw for w in call.operands}
    return not manager.clean_operands or not manager.clean_operands.isdisjoint(operands)


def dues(
    doc: Document,
    *managers: str,
    fills: Callable[[Call], bool] | None = None,
    cleans: Callable[[Call], bool] | None = None,
) -> Iterator[Due]:
    """Yield the RUNs in which calls of `managers` leave a cache behind.

    `fills` tells which of their calls do (usually those that install or update), `cleans` which
    calls empty it, beside their own clean-up and the removal of their folders.
    """
    fills = fills or (lambda call: call.installs or call.updates)
    for run in [*doc.runs, *doc.triggers]:
        if not run.editable or doc.is_copied_only(run.stage):
            continue
        last: Call | None = None
        for call in run.calls:
            manager = call.manager
            if manager is not None and manager.name in managers and "substitution" not in call.command.where:
                if is_clean(call):
                    last = None
                elif fills(call) and not call.has("--help", "--version"):
                    last = call
            if last is not None and (empties(call, *_caches(last)) or (cleans is not None and cleans(call))):
                last = None
        if last is not None and last.manager is not None and not keeps_cache(run, last.manager):
            yield Due(run, last)


def _caches(call: Call) -> list[str]:
    manager, env = call.manager, call.run.state.env
    if manager is None:
        return []
    return [*manager.caches, *(value for name in manager.cache_env if (value := env.get(name)))]


def cleaned(
    doc: Document,
    due: Due,
    command: str,
    *,
    title: str,
    why: str,
    saves: str,
    safety: Safety | None = None,
    evidence: str = "",
) -> Change | Left:
    """Return the Change that puts `command` at the end of a RUN, or directly behind its call.

    The end is the usual place; where commands in between may take the program or the working
    directory away, the command follows the call at once.
    """
    edit = _placed(doc, due, command)
    if isinstance(edit, str):
        return left(doc, due.run.offset(due.call.words[0].start), title, edit)
    return Change(title=title, why=why, edits=(edit,), safety=safety, evidence=evidence, saves=saves)


def _placed(doc: Document, due: Due, command: str) -> Edit | str:
    run, call = due.run, due.call
    if not command:
        return "it is called in a way that a clean-up can't repeat"
    if not any(_STEADY.issuperset(c.command.where) for c in run.calls if c.program == call.program):
        return "it runs only under a condition, or in a shell of its own"
    later = [c for c in run.calls if c.command.start > call.command.start]
    if not any(_takes_away(c, call) for c in later):
        edit = append_command(doc, run, command)
        if not isinstance(edit, str):
            return edit
    index = step_of(run, call)
    if index is None:
        return "it stands inside another construct of the shell"
    return insert_behind(doc, run, index, command)


def _takes_away(call: Call, needed: Call) -> bool:
    """Tell whether a call may remove the program of `needed`, or the working directory."""
    manager = call.manager
    if manager is not None and call.action in manager.remove:
        return True
    if call.program in ("rpm", "dpkg"):
        return call.has("-e", "--erase", "-r", "-P", "--remove", "--purge")
    if call.program in ("mv", "nvm", "su", "pushd", "chroot"):
        return True
    if call.program not in ("rm", "find", "rmdir"):
        return False
    folders = call.program != "rm" or call.has("-r", "-R", "--recursive")
    return any(
        needed.program in path
        or (folders and ("$" in path or not _SCRATCH.match(path.replace("/root/.", "~/."))))
        or (path.startswith("/tmp") and _works_in_tmp(call.run))
        for path in removed_paths(call)
    )


def _works_in_tmp(run: Run) -> bool:
    return (run.state.workdir or "").startswith("/tmp") or re.search(r"\bcd\s+/tmp", run.script.text) is not None
