"""The scripts that an image's commands reach, and who mentions what."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property

from optimizer.prove.compare.commands import SHELLS, commands_of, files_named, interpreters_of, programs_of
from optimizer.prove.compare.sides import Side

_SHELL_NAME = re.compile(r".*\.(sh|bash)")
_DATA = re.compile(r".*\.(json|ya?ml|toml|cfg)|(.*/)?(Makefile|setup\.py)|(.*/)?(tests?|docs?)/.*")
# What names the programs that a supervisor, cron or init starts.
_SERVICES = re.compile(r".*\.(conf|ini|service)|(.*/)?(Procfile|crontab|cron\.d/[^/]+)")
# What lets a source call other programs.
_CALLS = re.compile(
    r"subprocess|os\.system|os\.exec|os\.spawn|os\.popen|popen|shutil\.which|child_process|execa|spawn|exec\(|system\(|"
    r"Open3|ProcessBuilder|shell_exec|proc_open|exec\.Command|sh\.Command|Process\.run|`"
)
# A word in quotes, alone or in front of others: the name of a program, or a path to it.
_QUOTED = re.compile(r"[\"'`](?:[\w.-]*/)*([\w.+\[-]+)(?=[\"'` ])")


class Reached:
    """What an image runs, as far as it can be read."""

    def __init__(self, side: Side) -> None:
        self.side = side

    @cached_property
    def calls(self) -> tuple[tuple[str, str], ...]:
        """The programs that the image's commands call, with where: a setting, or a script that one of them runs."""
        found: dict[tuple[str, str], None] = {}
        waiting = [(named.where, named.words) for named in commands_of(self.side.reading.config)]
        seen: set[str] = set()
        while waiting:
            where, words = waiting.pop(0)
            if not words[0]:
                continue
            found[words[0], where] = None
            for path in self._scripts(words):
                if path not in seen:
                    seen.add(path)
                    waiting += [(path, inner) for inner in programs_of(self.side.reading.texts[path])]
        return tuple(found)

    @cached_property
    def names(self) -> frozenset[str]:
        """The file names of these programs."""
        return frozenset(posixpath.basename(name) for name, _ in self.calls)

    def _scripts(self, words: tuple[str, ...]) -> list[str]:
        """Return the shell scripts that a command is or names."""
        names = [words[0]]
        if words[0].rpartition("/")[2] in SHELLS or words[0] in (".", "source"):
            names = files_named(self.side, words)
        paths = []
        for name in names:
            path = self.side.command(name) or self.side.real(posixpath.join(self.side.workdir, name))
            if path in self.side.reading.texts and self.is_shell(path):
                paths.append(path)
        return paths

    def is_shell(self, path: str) -> bool:
        """Tell whether a text is a shell script."""
        shebang = self.side.reading.shebangs.get(path)
        if shebang is None:
            return bool(_SHELL_NAME.fullmatch(path))
        return any(name.rpartition("/")[2] in SHELLS for name in interpreters_of(shebang))

    @cached_property
    def own_texts(self) -> dict[str, str]:
        """The application's texts, by path."""
        tree = self.side.reading.tree
        return {path: text for path, text in self.side.reading.texts.items() if self.side.is_own(tree[path])}

    @cached_property
    def called_by_scripts(self) -> dict[str, str]:
        """The programs that any of the application's shell scripts calls, with the script."""
        found: dict[str, str] = {}
        for path, text in self.own_texts.items():
            if self.is_shell(path):
                for words in programs_of(text):
                    found.setdefault(words[0].rpartition("/")[2], path)
        return found

    @cached_property
    def quoted(self) -> dict[str, str]:
        """The words in quotes of those of the application's sources that call programs, with the source."""
        found: dict[str, str] = {}
        for path, text in self.own_texts.items():
            if _is_run(path) and not self.is_shell(path) and _CALLS.search(text):
                for name in _QUOTED.findall(text):
                    found.setdefault(name, path)
        return found

    def mentions_word(self, pattern: str) -> str:
        """Return the first of the application's sources that a pattern is found in, "" for none."""
        found = re.compile(pattern)
        return next((path for path, text in self.own_texts.items() if _is_run(path) and found.search(text)), "")

    def names_file(self, path: str) -> str:
        """Return what runs a file: a setting, a script that is run, a source, or a list of services; "" for none."""
        name = posixpath.basename(path)
        for program, where in self.calls:
            if posixpath.basename(program) == name:
                return where
        if name in self.quoted:
            return self.quoted[name]
        word = re.compile(rf"/{re.escape(name)}(?![\w.-])")
        return next((p for p, text in self.own_texts.items() if _SERVICES.fullmatch(p) and word.search(text)), "")


def _is_run(path: str) -> bool:
    """Tell whether a text is one that runs, and not one for developers and builds."""
    return not _DATA.fullmatch(path)
