"""What CMD and ENTRYPOINT become where the image itself starts the interpreter."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.catalog.siblings import No
from optimizer.facts.stages import Stage
from optimizer.syntax import Instruction
from optimizer.syntax.patterns import pattern

PYTHON, NODE = "/usr/bin/python3.13", "/nodejs/bin/node"
# Console scripts whose project can be started as a module.
_MODULES = frozenset(
    {"gunicorn", "uvicorn", "hypercorn", "flask", "celery", "waitress", "daphne", "streamlit", "aiohttp"}
)
_PROGRAM = {
    "python3": pattern(r"(/usr/(local/)?bin/)?python(3(\.13)?)?\Z"),
    "nodejs": pattern(r"(/usr/(local/)?bin/)?node(js)?\Z"),
    "java": pattern(r"(/usr/bin/|/opt/java/openjdk/bin/)?java\Z"),
}
_OWN = {"python3": PYTHON, "nodejs": NODE, "java": "java"}


class Start(NamedTuple):
    """The new words of CMD or ENTRYPOINT, where they change.

    `programs` are what is started there. `reset` is the CMD in front of which the image's own ENTRYPOINT is taken
    away, None where it stays. `note` explains it.
    """

    changes: tuple[tuple[Instruction, tuple[str, ...]], ...]
    programs: frozenset[str]
    reset: Instruction | None = None
    note: str = ""


def start_of(stage: Stage, kind: str) -> Start | No:
    """Return how a stage's program is started on an image of a kind, or why it can't be."""
    last = {m.keyword: m for m in stage.members}
    entry, cmd = last.get("ENTRYPOINT"), last.get("CMD")
    for found in (entry, cmd):
        if found is not None and found.json is None:
            return No(f"{found.keyword} is in shell form, and a distroless image has no shell")
    if kind not in _PROGRAM:
        return _of_binary(entry, cmd)
    if entry is not None and entry.json:
        return _explicit(entry, kind)
    if cmd is None or not cmd.json:
        return No("the file does not say what it runs")
    return _behind_entrypoint(cmd, kind)


def _of_binary(entry: Instruction | None, cmd: Instruction | None) -> Start | No:
    first = entry if entry is not None and entry.json else cmd
    words = first.json if first is not None else None
    if not words:
        return No("the file does not say what it runs")
    name = words[0].rpartition("/")[2]
    if name.endswith((".sh", ".bash", ".py")) or name in (
        "sh",
        "bash",
        "ash",
        "tini",
        "dumb-init",
        "gosu",
        "su-exec",
        "env",
    ):
        return No(f"it starts {name}, and a distroless image has no shell and no other program")
    return Start((), frozenset({name}))


def _explicit(entry: Instruction, kind: str) -> Start | No:
    """Return what becomes of an ENTRYPOINT of the file, which replaces the image's own."""
    words = entry.json or ()
    if not _PROGRAM[kind].match(words[0]):
        return No(f"ENTRYPOINT starts {words[0]}, which is not there")
    programs = frozenset({words[0].rpartition("/")[2], _OWN[kind].rpartition("/")[2]})
    if words[0] == _OWN[kind]:
        return Start((), programs)
    return Start(((entry, (_OWN[kind], *words[1:])),), programs)


def _behind_entrypoint(cmd: Instruction, kind: str) -> Start | No:
    words = cmd.json or ()
    programs = frozenset({words[0].rpartition("/")[2]})
    if kind == "python3" and words[0].rpartition("/")[2] in _MODULES:
        rest = ("-m", words[0].rpartition("/")[2], *words[1:])
    elif not _PROGRAM[kind].match(words[0]):
        return No(f"CMD starts {words[0]}, which is not there")
    elif kind == "java":
        if words[1:2] != ("-jar",):
            return Start((), programs, cmd, "the image's ENTRYPOINT is java -jar, which leaves no place for options")
        rest = words[2:]
    else:
        rest = words[1:]
    if not rest:
        return No("it opens an interpreter to type in")
    note = f"the image's ENTRYPOINT is {_entrypoint(kind)}, so that CMD holds its arguments only"
    return Start(((cmd, tuple(rest)),), programs, None, note)


def _entrypoint(kind: str) -> str:
    return {"python3": PYTHON, "nodejs": NODE, "java": "java -jar"}[kind]
