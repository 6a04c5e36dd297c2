"""A shell script as steps, commands and words. Offsets count in the script's own text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from optimizer.syntax.patterns import pattern

_SPECIAL = pattern(r"[\\'\"$`]")
_ESCAPED = pattern(r"\\(.)", re.DOTALL)


class Word(NamedTuple):
    """A shell word; `value` is what the shell makes of it, None where only the run can tell."""

    start: int
    end: int
    raw: str
    value: str | None


class Redirect(NamedTuple):
    """A redirection such as `> /etc/x`; `target` is None for forms without one word."""

    start: int
    end: int
    operator: str
    target: Word | None


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command. `where` names the constructs around it, outermost first.

    Names in `where`: if, loop, case, subshell, group, function, substitution, pipeline, not,
    background, or (behind `||`), tested (in front of `||`).
    """

    start: int
    end: int
    assignments: tuple[Word, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    where: tuple[str, ...]

    @property
    def program(self) -> str | None:
        """The first word's value, None where there is none or only the run can tell."""
        return self.words[0].value if self.words else None


class Step(NamedTuple):
    """A piece of a script's top level; `operator` stands in front of it ("" for the first).

    `kind` is "simple", "pipeline" or "compound".
    """

    operator: str
    start: int
    end: int
    kind: str
    commands: tuple[Command, ...]


@dataclass(frozen=True, eq=False)
class Script:
    """A script that was read. `opaque` says why it was not understood, "" where it was.

    Equal texts are read once, so that a script's identity is its text's.
    """

    text: str
    steps: tuple[Step, ...] = ()
    commands: tuple[Command, ...] = ()
    comments: tuple[tuple[int, int], ...] = ()
    opaque: str = ""
    background: bool = False

    @cached_property
    def end(self) -> int:
        """Where the last step ends: where more commands can be appended."""
        return self.steps[-1].end if self.steps else 0

    @cached_property
    def outer_commands(self) -> tuple[Command, ...]:
        """The commands that stand in no other command's words."""
        return tuple(c for c in self.commands if "substitution" not in c.where)


def static_value(raw: str) -> str | None:
    """Return a word without its quotes and escapes, None where it expands anything."""
    if not _SPECIAL.search(raw):
        return raw
    out: list[str] = []
    at, size = 0, len(raw)
    while at < size:
        char = raw[at]
        if char in "$`":
            return None
        if char == "'":
            close = raw.find("'", at + 1)
            if close < 0:
                return None
            out.append(raw[at + 1 : close])
            at = close + 1
        elif char == '"':
            at += 1
            while at < size and raw[at] != '"':
                if raw[at] in "$`":
                    return None
                if raw[at] == "\\" and at + 1 < size and raw[at + 1] in '"\\$`\n':
                    at += 1
                out.append(raw[at])
                at += 1
            at += 1
        elif char == "\\":
            match = _ESCAPED.match(raw, at)
            if not match:
                return None
            out.append(match.group(1))
            at += 2
        else:
            out.append(char)
            at += 1
    return "".join(out)


def exec_script(argv: tuple[str, ...]) -> Script:
    """Return the script of an exec-form instruction: one command whose words have no place."""
    words = tuple(Word(0, 0, word, word) for word in argv)
    command = Command(0, 0, (), words, (), ())
    return Script("", (Step("", 0, 0, "simple", (command,)),), (command,))
