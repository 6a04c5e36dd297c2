"""What a whole RUN reads and writes of the files that were copied before it."""

from __future__ import annotations

import posixpath
import re

from optimizer.facts.calls import ShellCall, read_call
from optimizer.facts.installs.needs import Files, Needs
from optimizer.facts.runs import Run
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Command

# Stands for a working directory that only the base image knows.
UNKNOWN = "/?"
# Managers of the system: they read nothing of the working directory but what is named with a slash.
_SYSTEM = frozenset({"apt", "apk", "yum", "dnf", "microdnf", "zypper", "gem"})
# What neither reads the working directory nor writes anything that a COPY could bring with other content.
_HARMLESS = frozenset(
    "true : echo corepack set ldconfig update-ca-certificates mkdir useradd adduser groupadd addgroup usermod".split()
)
_WRAPPERS = frozenset({"sudo", "env", "time", "nice", "command"})
# Variables by which the managers are sent to files of their own.
_STEERING = pattern(
    r"PIP_(CONSTRAINT|REQUIREMENT|FIND_LINKS|CONFIG_FILE|BUILD_CONSTRAINT|NO_INDEX|TARGET|PREFIX|EDITABLE)|NODE_OPTIONS|"
    r"npm_config_(userconfig|globalconfig|prefix)|NPM_CONFIG_(USERCONFIG|GLOBALCONFIG)|BUNDLE_(GEMFILE|APP_CONFIG|LOCAL.*)|"
    r"COMPOSER|UV_(PROJECT|CONFIG_FILE|FIND_LINKS|CONSTRAINT|OVERRIDE|WORKING_DIRECTORY)|POETRY_.*PATH|PIPENV_PIPFILE|LD_PRELOAD"
)


def needs_of_run(run: Run, files: Files, until: int | None = None) -> Needs | str:
    """Return what a RUN, or its first `until` steps, reads of `files` and what it writes, or why that can't be told."""
    script = run.script
    if script.opaque or (run.instruction.json is not None and not script.commands):
        return script.opaque or "it is not understood"
    if script.background:
        return "it runs something in the background"
    if any(mount.get("type") in ("bind", "tmpfs") for mount in run.mounts):
        return "a mount of it may hide or bring files"
    steered = next((name for name in run.state.env if _STEERING.fullmatch(name)), "")
    if steered:
        return f"the variable {steered} may send it to other files"
    cwd = run.state.workdir or UNKNOWN
    needs = Needs()
    steps = script.steps[:until]
    if any(s.kind != "simple" or s.operator not in ("", "&&", ";", "\n") or len(s.commands) != 1 for s in steps):
        return "its script is more than a list of commands"
    for step in steps:
        found = _command(run, step.commands[0], cwd, files)
        if isinstance(found, str):
            return found
        cwd, added = found
        needs += added
    return needs


def _command(run: Run, command: Command, cwd: str, files: Files) -> tuple[str, Needs] | str:
    if any(r.operator != ">&" and (r.target is None or r.target.value != "/dev/null") for r in command.redirects):
        return "it reads or writes a file by a redirection"
    if not command.words:
        return cwd, Needs()
    if any(_STEERING.match(a.raw) for a in command.assignments):
        return "it sets a variable that may send it to other files"
    call = read_call(command)
    if not call.words or not _WRAPPERS.issuperset(call.wrappers):
        return f"{' '.join(call.wrappers)} may do anything"
    words = [w.value if w.value is not None else w.raw for w in call.words[1:]]
    if call.program == "cd":
        return _changed(cwd, words)
    found = _call(run, call, words, cwd, files)
    return found if isinstance(found, str) else (cwd, found)


def _changed(cwd: str, words: list[str]) -> tuple[str, Needs] | str:
    if len(words) != 1 or "$" in words[0] or words[0].startswith(("-", "~")) or (cwd == UNKNOWN and words[0][0] != "/"):
        return "it can't be told which folder it works in"
    return posixpath.normpath(posixpath.join(cwd, words[0])), Needs()


def _call(run: Run, call: ShellCall, words: list[str], cwd: str, files: Files) -> Needs | str:
    program, manager = call.program, call.manager.name if call.manager is not None else ""
    if manager in _SYSTEM:
        return _system(manager, [w.value or w.raw for w in call.operands])
    if manager in ("npm", "yarn", "pnpm"):
        from optimizer.facts.installs import node

        return node.needs_of_node(call, cwd, files)
    if manager in ("bundler", "composer"):
        from optimizer.facts.installs import others

        return others.needs_of_other(call, cwd, files, run.state.env)
    if manager in ("pip", "uv") or program in ("poetry", "pdm", "pipenv") or program.startswith(("python", "pypy")):
        from optimizer.facts.installs import python

        return python.needs_of_python(call, words, cwd, files)
    if program == "rm":
        return _removed(words, files)
    if program in ("chown", "chmod", "chgrp"):
        return _touched(call, words, cwd)
    if program in _HARMLESS:
        return Needs()
    return f"{program or 'a program that only the run can tell'} may read the sources"


def _touched(call: ShellCall, words: list[str], cwd: str) -> Needs | str:
    operands = [w for w in words if not w.startswith("-")][1:]
    if call.has("-R", "--recursive") or any(re.search(r"[$*?\[~]", w) for w in operands):
        return f"{call.program} changes files that are copied"
    return Needs(touches=tuple(posixpath.normpath(posixpath.join(cwd, w)) for w in operands))


def _system(manager: str, operands: list[str]) -> Needs | str:
    local = any("/" in name or name == "." or name.endswith((".deb", ".rpm", ".gem")) for name in operands)
    return f"{manager} may read a file" if local else Needs()


def _removed(words: list[str], files: Files) -> Needs | str:
    paths = [w for w in words if not w.startswith("-")]
    if any(not p.startswith("/") or re.search(r"[$?\[]|\.\.|\*.", p) for p in paths):
        return "it can't be told what it removes"
    if any(files.has(p.rstrip("/*") or "/") for p in paths):
        return "it removes files that are copied"
    return Needs()
