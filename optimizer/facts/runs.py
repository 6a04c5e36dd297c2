"""RUN instructions: their script, the state it meets, and the way from its words to the file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from optimizer.facts.calls import ShellCall, calls_of
from optimizer.facts.managers import Manager
from optimizer.facts.stages import POSIX_SHELLS, Stage, State, mounts_of
from optimizer.syntax import Instruction, Span
from optimizer.syntax.shell import Command, Script, Word, exec_script, read_script
from optimizer.syntax.words import read_heredocs


@dataclass(eq=False)
class Run:
    """A RUN instruction (also one below ONBUILD).

    `index` is its place among the members of its stage. `script` is what it runs; `editable`
    tells whether the script's words have places in the file and are understood.
    """

    instruction: Instruction
    stage: Stage
    state: State
    index: int
    source: str = ""

    @cached_property
    def heredoc_script(self) -> bool:
        """Whether the script is the body of one heredoc: `RUN <<EOF`."""
        return len(self.instruction.heredocs) == 1 and self.instruction.args.strip() == self._mark_text

    @property
    def _mark_text(self) -> str:
        marks = read_heredocs(self.instruction.folded.text)
        return marks[0].span.of(self.instruction.folded.text) if marks else ""

    @cached_property
    def script(self) -> Script:
        """The script, opaque where it is not understood."""
        instruction = self.instruction
        if instruction.json is not None:
            return self._exec_script(instruction.json)
        if not self.state.posix:
            return Script(instruction.args, opaque="a shell that is not known to be POSIX")
        if any(h.closing.start == h.closing.end for h in instruction.heredocs):
            return Script(instruction.args, opaque="a heredoc that does not end")
        if self.heredoc_script:
            body = self._body_text
            if body.startswith("#!") and not _names_posix_shell(body.partition("\n")[0]):
                return Script(body, opaque="a heredoc for another interpreter")
            return read_script(body)
        text = instruction.args
        if instruction.heredocs:
            shift = instruction.shape.args_at
            for mark in read_heredocs(instruction.folded.text):
                at = instruction.folded.text.index("<<", mark.span.start) - shift
                # Reads like `< WORD` to the shell grammar, and keeps every offset.
                text = text[:at] + ("<  " if mark.chomp else "< ") + text[at + (3 if mark.chomp else 2) :]
        return read_script(text)

    @property
    def _body_text(self) -> str:
        heredoc = self.instruction.heredocs[0]
        return heredoc.body.of(self.source)

    def _exec_script(self, argv: tuple[str, ...]) -> Script:
        program = argv[0].rpartition("/")[2] if argv else ""
        if program in POSIX_SHELLS and len(argv) >= 3 and argv[1].startswith("-") and argv[1].endswith("c"):
            return read_script(argv[2])
        return exec_script(argv)

    @property
    def editable(self) -> bool:
        """Whether words of the script can be changed where they stand."""
        return self.instruction.json is None and not self.script.opaque

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """What the script calls, in order."""
        return tuple(Call(self, call) for call in calls_of(self.script))

    @cached_property
    def mounts(self) -> list[dict[str, str]]:
        """The mounts, as their options."""
        return mounts_of(self.instruction)

    def mounted(self, *paths: str) -> bool:
        """Tell whether a mount covers one of `paths`, a folder above it or one below it."""
        for mount in self.mounts:
            target = mount.get("target", "").rstrip("/")
            if target and any(_covers(target, p) or _covers(p, target) for p in paths):
                return True
        return False

    @property
    def flags_key(self) -> tuple[tuple[str, str | None], ...]:
        """The builder flags, to compare two RUNs by."""
        return tuple((f.name, f.value) for f in self.instruction.shape.flags)

    def place(self, word: Word | Command) -> Span | None:
        """Return where a word or command stands in the file, None where a fold cuts it."""
        if self.heredoc_script:
            start = self.instruction.heredocs[0].body.start
            return Span(start + word.start, start + word.end)
        at = self.instruction.shape.args_at
        return self.instruction.place(word.start + at, word.end + at)

    def offset(self, at: int) -> int:
        """Return where the script's character number `at` stands in the file."""
        if self.heredoc_script:
            return self.instruction.heredocs[0].body.start + at
        return self.instruction.reach(at + self.instruction.shape.args_at, at + self.instruction.shape.args_at).start

    def reach(self, start: int, end: int) -> Span:
        """Return the range of the file from the first to the last of some of the script's characters."""
        return (
            Span(self.offset(start), self.behind(end)) if end > start else Span(self.offset(start), self.offset(start))
        )

    def behind(self, at: int) -> int:
        """Return the place in the file just behind the script's character number `at - 1`."""
        return self.offset(at - 1) + 1 if at else self.offset(0)


def _names_posix_shell(line: str) -> bool:
    """Whether a `#!` line calls a shell, without options that would change how it works."""
    words = line[2:].split()
    if words and words[0].rpartition("/")[2] == "env":
        words = words[1:]
    return len(words) == 1 and words[0].rpartition("/")[2] in POSIX_SHELLS


def _covers(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder + "/")


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """A call of a program in a RUN: a ShellCall and where it stands."""

    run: Run
    shell: ShellCall

    @property
    def command(self) -> Command:
        """The simple command."""
        return self.shell.command

    @property
    def program(self) -> str:
        """The program's base name, "" where only the run can tell."""
        return self.shell.program

    @property
    def manager(self) -> Manager | None:
        """The package manager that is called, if it is one."""
        return self.shell.manager

    @property
    def words(self) -> tuple[Word, ...]:
        """The words from the program's own on."""
        return self.shell.words

    @property
    def verb(self) -> Word | None:
        """The manager's verb."""
        return self.shell.verb

    @property
    def action(self) -> str:
        """The verb's value, "" where there is none."""
        return self.shell.action

    @property
    def options(self) -> tuple[Word, ...]:
        """The words that start with a dash."""
        return self.shell.options

    @property
    def operands(self) -> tuple[Word, ...]:
        """The words behind the verb that are neither options nor their values."""
        return self.shell.operands

    @property
    def installs(self) -> bool:
        """Whether this call puts packages into the image."""
        return self.shell.installs

    @property
    def updates(self) -> bool:
        """Whether this call only renews the manager's lists."""
        return self.shell.updates

    def has(self, *options: str) -> bool:
        """Tell whether one of `options` is given; short ones are found in clusters."""
        return self.shell.has(*options)

    def is_(self, manager: str, *actions: str) -> bool:
        """Tell whether this calls `manager`, with one of `actions` if any are named."""
        found = self.shell.manager
        return found is not None and found.name == manager and (not actions or self.shell.action in actions)
