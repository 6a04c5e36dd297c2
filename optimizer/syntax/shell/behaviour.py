"""What a script does to the shell that runs it, and how its pieces hang together."""

from __future__ import annotations

import re
from collections.abc import Iterable

from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell.script import Command, Script, Step

# Built-ins whose effect outlives the command.
_STATEFUL = frozenset(
    "cd pushd popd export umask set source . exec trap alias unalias unset shopt ulimit declare typeset readonly eval "
    "hash enable read mapfile getopts shift wait local let setopt emulate".split()
)
_STOPS = frozenset({"exit", "exec", "return", "logout"})
_ERREXIT = pattern(r"-[a-zA-Z]*e[a-zA-Z]*\Z")
_LONG = pattern(r"-[a-zA-Z]*o\Z")
_NO_ERREXIT = pattern(r"\+[a-zA-Z]*e[a-zA-Z]*\Z")
_NAME = pattern(r"[A-Za-z_]\w*")
# What base images and the shell itself export or act on.
_FELT = frozenset(
    "PATH HOME IFS PWD OLDPWD CDPATH ENV BASH_ENV TMPDIR LANG LANGUAGE LC_ALL TZ LD_LIBRARY_PATH LD_PRELOAD SHELL USER "
    "HOSTNAME TERM OPTIND".split()
)
# Constructs that run in a shell of their own.
_OWN_SHELL = frozenset({"subshell", "substitution", "pipeline", "background"})


def _builtin(command: Command) -> str:
    """Return the program that a command runs in the shell itself, also behind `command` and `builtin`."""
    for word in command.words:
        if word.value in ("command", "builtin") or (word.raw.startswith("-") and word is not command.words[0]):
            continue
        return word.value or ""
    return ""


def _sets_errexit(command: Command) -> bool | None:
    """Return True or False where a `set` switches -e on or off, None where it does not."""
    if command.program != "set":
        return None
    words = [w.raw for w in command.words[1:]]
    if "--" in words:
        words = words[: words.index("--")]
    named = "errexit" in words
    if any(_ERREXIT.match(w) for w in words) or (named and any(_LONG.match(w) for w in words)):
        return True
    if any(_NO_ERREXIT.match(w) for w in words) or (named and "+o" in words):
        return False
    return None


def errexit_before(script: Script, index: int, at_start: bool = False) -> bool:
    """Tell whether -e may be in force when step number `index` runs."""
    on = at_start
    for step in script.steps[:index]:
        for command in step.commands:
            switch = _sets_errexit(command)
            if switch and not _OWN_SHELL.intersection(command.where):
                on = True
            elif switch is False and not command.where and step.operator in ("", ";", "\n"):
                on = False
    return on


def errexit_inside(script: Script, at_start: bool = False) -> bool:
    """Tell whether -e may be in force anywhere in the script."""
    return at_start or any(_sets_errexit(c) for c in script.commands)


def switches_errexit(step: Step) -> bool:
    """Tell whether -e is switched anywhere inside a step, be it in a shell of its own."""
    return any(_sets_errexit(c) is not None for c in step.commands)


def stops(script: Script) -> bool:
    """Tell whether the script may end before its last command: exit, exec, return."""
    return any(
        _builtin(c) in _STOPS and not _OWN_SHELL.intersection(c.where) and "function" not in c.where
        for c in script.commands
    )


def is_and_chain(script: Script) -> bool:
    """Tell whether the script is nothing but simple commands and pipelines joined by `&&`."""
    return (
        bool(script.steps)
        and not script.background
        and all(s.operator in ("", "&&") for s in script.steps)
        and all(s.kind in ("simple", "pipeline") or _is_plain_compound(s) for s in script.steps)
    )


def _is_plain_compound(step: Step) -> bool:
    """Whether a compound step is a construct of its own, such as if or a subshell, not a function."""
    return step.kind == "compound" and not any("function" in c.where for c in step.commands)


def has_loose_end(script: Script) -> bool:
    """Tell whether a script needs parentheses to stand on the right of `&&`."""
    return script.background or any(s.operator not in ("", "&&") for s in script.steps)


def leaks(script: Script) -> str:
    """Return the first command whose effect on the shell outlives it, "" if there is none.

    Plain variables are left to `assigned_names`.
    """
    for command in script.commands:
        if _OWN_SHELL.intersection(command.where):
            continue
        program = _builtin(command)
        if program in _STATEFUL or program in _STOPS:
            return program
        if "function" in command.where:
            return "a function"
        if command.words and command.program is None and command.words[0].raw.startswith("$"):
            return command.words[0].raw
    if any(s.kind == "compound" and not s.commands for s in script.steps):
        return "a function"
    return ""


def assigned_names(script: Script) -> frozenset[str]:
    """Return the names of the shell variables that the script sets for itself."""
    names = set()
    for command in script.commands:
        if not command.words and not _OWN_SHELL.intersection(command.where):
            for word in command.assignments:
                match = _NAME.match(word.raw)
                if match:
                    names.add(match.group())
    names.update(re.findall(r"\bfor\s+([A-Za-z_]\w*)", script.text))
    return frozenset(names)


def felt_by_all(names: frozenset[str], env: Iterable[str]) -> bool:
    """Tell whether one of `names` changes what other commands do that never mention it.

    A variable from the environment stays exported when a script sets it.
    """
    return not names.isdisjoint(_FELT) or not names.isdisjoint(env)


def mentions(script: Script, names: frozenset[str]) -> bool:
    """Tell whether the script's text holds one of `names` as a word."""
    return any(re.search(rf"\b{re.escape(name)}\b", script.text) for name in names)
