"""The programs that a shell script calls."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator, Sequence

from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Command, Word, read_script
from optimizer.syntax.shell.wrappers import behind_wrapper

# A program that only the run can tell.
DYNAMIC = ""
# What every shell does by itself (POSIX, "Special Built-In Utilities"; bash(1), "SHELL BUILTIN COMMANDS").
BUILTINS = frozenset(
    """
    . : [ [[ alias bg break builtin case cd command continue declare dirs disown do done echo elif else esac eval exec
    exit export false fc fg fi for function getopts hash help history if in jobs kill let local logout mapfile popd
    printf pushd pwd read readarray readonly return select set shift shopt source suspend test then time times trap
    true type typeset ulimit umask unalias unset until wait while
    """.split()
)
# Programs whose operand is a command, with their options that take a word.
_WRAPPERS = {
    "sudo": "-u -g -h -p -C -r -t -U --user --group", "env": "-u -C -S", "exec": "-a", "command": "", "builtin": "",
    "nice": "-n", "nohup": "", "setsid": "", "time": "-f -o", "timeout": "-s -k", "gosu": "", "su-exec": "",
    "tini": "", "dumb-init": "", "xargs": "-I -n -P -L -d -s -a", "watch": "-n", "stdbuf": "-i -o -e", "chroot": "",
    "flock": "-w", "ionice": "-c -n", "catatonit": "", "chpst": "-u -U -b -e",
    "setpriv": "--reuid --regid --init-groups",
}  # fmt: skip
_SKIPS_ONE = frozenset({"timeout", "gosu", "su-exec", "chroot", "flock"})
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"})
_FUNCTION = pattern(r"^\s*(?:function\s+([\w:.-]+)|([\w:.-]+)\s*\(\s*\))", re.MULTILINE)


def script_commands(text: str) -> tuple[str, ...]:
    """Return the programs that a script calls, each once, as they are written, those behind wrappers too.

    Functions of the script and what the shell does itself are left out. DYNAMIC stands for what only the
    run can tell, and for a script that is not understood.
    """
    return tuple(dict.fromkeys(name for name, _ in script_calls(text)))


def script_calls(text: str, depth: int = 0) -> Iterator[tuple[str, int]]:
    """Yield each program that a script calls, and where in its text."""
    script = read_script(text)
    if script.opaque:
        yield DYNAMIC, 0
        return
    functions = {name for match in _FUNCTION.finditer(text) for name in match.groups() if name}
    for command in script.commands:
        for name in _programs(command, depth):
            if name not in functions and name not in BUILTINS:
                yield name, command.start


def _programs(command: Command, depth: int) -> Iterator[str]:
    words = command.words
    at = 0
    while at < len(words):
        value = words[at].value
        yield DYNAMIC if value is None else value
        name = posixpath.basename(value or "")
        rest = words[at + 1 :]
        if name in _SHELLS and depth < 5:
            yield from _inner(rest, depth)
        if name in ("command", "type", "hash") and rest and rest[0].raw in ("-v", "-V", "-p"):
            yield from (w.value for w in rest[1:] if w.value)
            return
        if name in ("which", "type", "hash"):
            yield from (w.value for w in rest if w.value and not w.value.startswith("-"))
        if name == "find":
            yield from _behind_exec(rest)
        if name not in _WRAPPERS:
            return
        at = behind_wrapper(words, at, name, _WRAPPERS[name].split(), name in _SKIPS_ONE)


def _inner(rest: Sequence[Word], depth: int) -> Iterator[str]:
    """Yield what `sh -c SCRIPT` calls."""
    for option, word in itertools.pairwise(rest):
        if re.match(r"-[a-z]*c\Z", option.raw):
            if word.value is None:
                yield DYNAMIC
            else:
                yield from (name for name, _ in script_calls(word.value, depth + 1))
            return


def _behind_exec(rest: Sequence[Word]) -> Iterator[str]:
    for option, word in itertools.pairwise(rest):
        if option.raw in ("-exec", "-execdir", "-ok"):
            yield word.value or DYNAMIC
