"""The commands that an image names: CMD, ENTRYPOINT and HEALTHCHECK, and what these call."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.prove.compare.sides import Side
from optimizer.prove.image import ImageConfig
from optimizer.syntax.shell import read_script

SETTINGS = frozenset({"Entrypoint", "Cmd", "Healthcheck"})
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
# What the shell does itself (POSIX "Special Built-In Utilities", dash(1), bash(1)).
BUILTINS = frozenset(
    ". : alias bg break builtin cd command continue declare dirs disown echo eval exec exit export false fc fg getopts "
    "hash jobs kill let local mapfile popd printf pushd pwd read readonly return set shift shopt source test times "
    "trap true type typeset ulimit umask unalias unset wait [ [[ ]] { } ! if then else elif fi for while until do done "
    "case esac in function select time".split()
)
# Programs whose next word that is no option and no NAME=value is a program too.
_RUNNERS = frozenset(
    "exec command env nohup nice time timeout stdbuf setsid tini dumb-init catatonit gosu su-exec sudo xargs".split()
)
# Of these, the ones with an operand in front of the program.
_OPERAND = frozenset({"timeout", "gosu", "su-exec"})
_ASSIGNMENT = re.compile(r"\w+=.*", re.DOTALL)
_DEPTH = 4


@dataclass(frozen=True)
class Named:
    """A command that a setting names: its words, as far as they are known, and where it was found."""

    where: str
    words: tuple[str, ...]


def commands_of(config: ImageConfig) -> Iterator[Named]:
    """Yield the commands of ENTRYPOINT, CMD and HEALTHCHECK, those within a shell's -c too."""
    if config.entrypoint:
        yield from _unfolded("Entrypoint", config.entrypoint)
    if config.cmd:
        yield from _unfolded("Cmd", config.cmd)
    check = config.healthcheck
    if check is None or not check.test:
        return
    if check.test[0] == "CMD":
        yield from _unfolded("Healthcheck", check.test[1:])
    elif check.test[0] == "CMD-SHELL":
        shell = config.shell or ("/bin/sh", "-c")
        yield from _unfolded("Healthcheck", (*shell, *check.test[1:2]))


def _unfolded(where: str, words: tuple[str, ...], depth: int = 0) -> Iterator[Named]:
    """Yield a command, and those that it runs."""
    if not words:
        return
    yield Named(where, words)
    program = words[0].rpartition("/")[2]
    if depth >= _DEPTH:
        return
    if program in SHELLS:
        script = _script_of(words)
        if script is not None:
            for inner in programs_of(script):
                yield from _unfolded(where, inner, depth + 1)
    elif program in _RUNNERS:
        yield from _unfolded(where, _behind(program, words[1:]), depth + 1)


def _script_of(words: tuple[str, ...]) -> str | None:
    """Return the script behind a shell's -c."""
    for at, word in enumerate(words[1:], 1):
        if not word.startswith("-"):
            return None
        if not word.startswith("--") and word.endswith("c"):
            return words[at + 1] if at + 1 < len(words) else None
    return None


def _behind(program: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command that another one runs."""
    skip = program in _OPERAND
    for at, word in enumerate(words):
        if word.startswith("-") or _ASSIGNMENT.fullmatch(word):
            continue
        if not skip:
            return words[at:]
        skip = False
    return ()


def programs_of(script: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of the simple commands of a script that call a program, "" for words that are not known."""
    read = read_script(script)
    functions = set(re.findall(r"^\s*(?:function\s+)?([\w-]+)\s*\(\)", script, re.MULTILINE))
    for command in read.commands:
        words = tuple(word.value or "" for word in command.words)
        if not words or not words[0] or words[0] in functions:
            continue
        if words[0] in ("exec", "command"):
            words = _behind(words[0], words[1:])
        if words and words[0] and words[0] not in BUILTINS:
            yield words


def problem_of(side: Side, name: str, depth: int = 0) -> str:
    """Return why a command can't be run by the image's user, "" if nothing is known against it."""
    real = side.command(name)
    if not real:
        return _why_not(side, name)
    shebang = side.reading.shebangs.get(real)
    if shebang is None or depth >= _DEPTH:
        return ""
    for interpreter in interpreters_of(shebang):
        problem = problem_of(side, interpreter, depth + 1)
        if problem:
            return f"its interpreter {problem}"
    return ""


def _why_not(side: Side, name: str) -> str:
    """Return the reason why a name is no command."""
    if "/" not in name:
        return f"{name} is not found in PATH"
    entry = side.entry(posixpath.join(side.workdir, name))
    if entry is None:
        return f"{name} is not there"
    if not entry.has_content:
        return f"{name} is a {entry.kind}"
    return f"{name} may not be executed by {side.reading.config.user or 'root'}"


def interpreters_of(shebang: str) -> list[str]:
    """Return the programs that the line `#!...` of a script asks for."""
    words = shebang.split()
    if not words:
        return []
    if words[0].rpartition("/")[2] != "env":
        return words[:1]
    behind = _behind("env", tuple(words[1:]))
    return [words[0], *behind[:1]]


def files_named(side: Side, words: tuple[str, ...]) -> list[str]:
    """Return the paths of the files that a command's other words name."""
    found = []
    for word in words[1:]:
        value = word.partition("=")[2] if word.startswith("-") else word
        if not value or value.startswith("-") or "\0" in value:
            continue
        entry = side.entry(posixpath.join(side.workdir, value))
        if entry is not None and entry.has_content:
            found.append(value)
    return found
