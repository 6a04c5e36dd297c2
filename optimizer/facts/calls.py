"""What a shell command calls: the program behind sudo and env, its verb, options and operands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from optimizer.facts.managers import BY_PROGRAM, Manager
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Command, Script, Word
from optimizer.syntax.shell.wrappers import behind_wrapper

# Options of the wrappers that take the next word.
_WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": frozenset({"-u", "-g", "-h", "-p", "-C", "-r", "-t", "-U", "--user", "--group"}),
    "env": frozenset({"-u", "-C", "-S"}),
    "command": frozenset(),
    "exec": frozenset({"-a"}),
    "nice": frozenset({"-n"}),
    "nohup": frozenset(),
    "eatmydata": frozenset(),
    "time": frozenset(),
    "timeout": frozenset({"-s", "-k", "--signal", "--kill-after"}),
    "gosu": frozenset(),
    "su-exec": frozenset(),
    "tini": frozenset(),
    "setarch": frozenset(),
    "linux32": frozenset(),
}
# Wrappers whose first operand is not yet the program.
_SKIPS_ONE = frozenset({"timeout", "gosu", "su-exec", "setarch"})
_PIP = pattern(r"pip\d*(\.\d+)?\Z")
_PYTHON = pattern(r"(python|pypy)\d*(\.\d+)*\Z")


@dataclass(frozen=True, eq=False)
class ShellCall:
    """A command as a call of a program.

    `program` is its base name, "" where only the run can tell; `wrappers` the programs in front of
    it, `words` what follows from the program's own word on.
    """

    command: Command
    program: str
    wrappers: tuple[str, ...]
    words: tuple[Word, ...]
    manager: Manager | None

    @cached_property
    def _parts(self) -> tuple[Word | None, tuple[Word, ...], tuple[Word, ...]]:
        valued = self.manager.valued if self.manager else frozenset()
        verb: Word | None = None
        options: list[Word] = []
        operands: list[Word] = []
        take, ended = False, False
        for word in self.words[1:]:
            text = word.value if word.value is not None else word.raw
            if take:
                take = False
            elif not ended and text == "--":
                ended = True
            elif not ended and text.startswith("-") and len(text) > 1:
                options.append(word)
                take = text in valued or _ends_in_valued(text, valued)
            elif verb is None and self.manager is not None:
                if self._hides_options(word):
                    options.append(word)
                else:
                    verb = word
            else:
                operands.append(word)
        return verb, tuple(options), tuple(operands)

    def _hides_options(self, word: Word) -> bool:
        """Whether a variable in front of the verb stands for options: a word behind it is a verb."""
        if word.value is not None or not word.raw.startswith("$") or self.manager is None:
            return False
        manager = self.manager
        verbs = manager.install | manager.update | manager.fetch | manager.clean | manager.remove
        return any(w.value in verbs for w in self.words if w.start > word.start)

    @property
    def verb(self) -> Word | None:
        """The manager's verb, such as `install`."""
        return self._parts[0]

    @property
    def action(self) -> str:
        """The verb's value, "" where there is none or only the run can tell."""
        verb = self.verb
        return (verb.value or "") if verb else ""

    @property
    def options(self) -> tuple[Word, ...]:
        """The words that start with a dash."""
        return self._parts[1]

    @property
    def operands(self) -> tuple[Word, ...]:
        """The words behind the verb that are neither options nor their values."""
        return self._parts[2]

    @property
    def installs(self) -> bool:
        """Whether this call puts packages into the image."""
        if self.manager is None:
            return False
        return self.action in self.manager.install or (self.verb is None and self.manager.bare_installs)

    @property
    def updates(self) -> bool:
        """Whether this call only renews the manager's lists."""
        return self.manager is not None and self.action in self.manager.update

    def has(self, *options: str) -> bool:
        """Tell whether one of `options` is given; short ones are found in clusters (`-qy`)."""
        for word in self.options:
            text = word.value or word.raw
            name = text.partition("=")[0]
            if name in options:
                return True
            letters = _letters(text, self.manager.valued if self.manager else frozenset())
            if not letters.isdisjoint(options):
                return True
        return False

    def value_of(self, *options: str) -> list[str]:
        """Return the values of an option: the next word's, or what stands behind its `=`."""
        values = []
        words = self.words
        for index, word in enumerate(words):
            text = word.value or word.raw
            name, eq, value = text.partition("=")
            if text in options and index + 1 < len(words):
                values.append(words[index + 1].value or words[index + 1].raw)
            elif eq and name in options:
                values.append(value)
        return values


def _letters(text: str, valued: frozenset[str]) -> set[str]:
    """Return the short options of a cluster such as `-qy`; behind one that takes a value stands the value."""
    letters: set[str] = set()
    if text.startswith("-") and not text.startswith("--"):
        for letter in text[1:].partition("=")[0]:
            letters.add(f"-{letter}")
            if f"-{letter}" in valued:
                break
    return letters


def _ends_in_valued(text: str, valued: frozenset[str]) -> bool:
    """Tell whether the last option of a cluster takes the next word, as in `pip install -Ur FILE`."""
    return f"-{text[-1]}" in valued and not text.startswith("--") and len(_letters(text, valued)) == len(text) - 1


@lru_cache(maxsize=8192)
def calls_of(script: Script) -> tuple[ShellCall, ...]:
    """Return the calls of a script's commands, in order; assignments alone call nothing."""
    return tuple(read_call(command) for command in script.commands if command.words)


def read_call(command: Command) -> ShellCall:
    """Look behind the wrappers of a command."""
    words = command.words
    wrappers: list[str] = []
    at = 0
    while at < len(words):
        name = base_name(words[at])
        if name not in _WRAPPERS or at + 1 == len(words):
            break
        wrappers.append(name)
        at = behind_wrapper(words, at, name, _WRAPPERS[name], name in _SKIPS_ONE)
    rest = words[at:]
    program = base_name(rest[0]) if rest else ""
    if _PYTHON.match(program) and len(rest) > 2 and rest[1].raw == "-m" and _PIP.match(rest[2].raw):
        rest = rest[2:]
        program = "pip"
    manager = BY_PROGRAM.get("pip" if _PIP.match(program) else program)
    return ShellCall(command, program, tuple(wrappers), rest, manager)


def base_name(word: Word) -> str:
    """Return the file name of a program's word, "" where only the run can tell."""
    return word.value.rpartition("/")[2] if word.value else ""
