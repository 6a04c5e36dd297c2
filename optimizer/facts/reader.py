"""Reads what a Dockerfile runs: its scripts, and the scripts of the build context that those call."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from optimizer.context.manifests.package_json import read_package_json
from optimizer.facts.called import origin_of
from optimizer.facts.document import Document
from optimizer.facts.managers import BY_NAME
from optimizer.facts.programs import BUILTINS, Called, called
from optimizer.facts.runs import Run
from optimizer.facts.stages import POSIX_SHELLS
from optimizer.facts.uses import Use
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Script, read_script

MOST_FILES = 200
SOURCES = {"python": (".py", ".pyw"), "node": (".js", ".mjs", ".cjs", ".ts"), "ruby": (".rb",), "perl": (".pl",)}
_INTERPRETER = pattern(r"(python|pypy|node|nodejs|ruby|perl|php|java)[\d.]*\Z")
_TAKES_FILE = frozenset({"sh", "bash", "ash", "dash", "ksh", "zsh", ".", "source", "python", "node", "ruby", "perl"})
_SYSTEM = pattern(r"/(usr/)?s?bin/|/usr/local/s?bin/(?!.*\.sh\Z)|/usr/(lib|share)/")
_OTHER_VERBS = frozenset(
    "cache config set dlx exec create init info list ls why version versions remove rm uninstall link unlink pack "
    "publish store setup env import audit outdated global workspaces workspace plugin policies node bin "
    "prune rebuild".split()
)
_ENVIRONMENT = pattern(r".*/(\.?v?env|virtualenv|venv|\.bin|site-packages|gems|vendor/bundle|conda)(/|\Z).*")


class Reader:
    """Collects the commands that are called (`uses`) and what could not be read (`unread`).

    `applications` are the files of the context that an interpreter starts, with the interpreter's name.
    """

    def __init__(self, doc: Document) -> None:
        self.doc = doc
        self.uses: list[Use] = []
        self.unread: list[str] = []
        self.applications: list[tuple[str, str]] = []
        self._seen: set[str] = set()

    def run(self, run: Run, caller: str) -> None:
        """Read an instruction that runs something; a CMD is read as a RUN is."""
        if run.script.opaque and run.script.text.strip():
            self.unread.append(f"a {caller} that was not understood")
        self.script(run, run.script, caller)

    def script(self, run: Run, script: Script, caller: str) -> None:
        """Read a shell script that `run` runs in the end."""
        for item in called(script):
            name = item.command
            if name not in BUILTINS:
                self.uses.append(Use(name, caller, run.instruction.start, item.words))
            self._follow(run, item)

    def _follow(self, run: Run, item: Called) -> None:
        """Read the file that a call starts: the program itself, or what an interpreter is told to run."""
        program = item.words[0] if item.words else item.command
        family = _family(item.command)
        if item.command in ("npm", "yarn", "pnpm"):
            self._package_script(run, item)
            return
        if family in _TAKES_FILE:
            operand = next((w for w in item.words[1:] if not w.startswith("-")), "")
            if family in POSIX_SHELLS and any(w.startswith("-") and w.endswith("c") for w in item.words[1:2]):
                return
            if "-m" in item.words:
                self._module(run, item, family)
            elif operand:
                self._named(run, operand, family)
            elif family == "node" or family == "python":
                self.applications.append((family, ""))
            return
        if "/" in program or program.endswith((".sh", ".bash", ".py")):
            self._named(run, program, "")
        elif run.instruction.keyword != "RUN":
            self._on_path(run, program)

    def _package_script(self, run: Run, item: Called) -> None:
        """Read the script of package.json that a call of npm, yarn or pnpm runs."""
        name = _script_name(item)
        if not name:
            return
        context = self.doc.context
        path = origin_of(self.doc, run, "package.json", False)
        project = read_package_json(context, path) if context is not None and path is not None else None
        if project is None or project.unreadable:
            self.unread.append(f"the script {name} of package.json was not read")
            return
        mark = f"{project.path} {name}"
        if mark in self._seen:
            return
        self._seen.add(mark)
        for part in (f"pre{name}", name, f"post{name}"):
            if project.scripts.get(part):
                self.script(run, read_script(project.scripts[part]), project.path)

    def _module(self, run: Run, item: Called, family: str) -> None:
        name = item.words[item.words.index("-m") + 1 :][:1]
        if name and run.instruction.keyword != "RUN":
            self.applications.append((family, name[0]))

    def _on_path(self, run: Run, program: str) -> None:
        path = origin_of(self.doc, run, program, True)
        if path is not None:
            self._named(run, program, "")

    def _named(self, run: Run, name: str, family: str) -> None:
        context = self.doc.context
        path = origin_of(self.doc, run, name, not family) if not name.startswith("-") else None
        text = context.text(path) if context is not None and path is not None else None
        if text is None or path is None:
            if not _SYSTEM.match(name) and not _ENVIRONMENT.match(name):
                self.unread.append(f"{name} was not read")
            return
        if path in self._seen or len(self._seen) >= MOST_FILES:
            return
        self._seen.add(path)
        self._file(run, path, text, family)

    def _file(self, run: Run, path: str, text: str, family: str) -> None:
        interpreter = family or _interpreter(text, path)
        if "\0" in text[:1000]:
            self.unread.append(f"{path} is a program whose libraries were not read")
        elif interpreter in POSIX_SHELLS or interpreter in (".", "source"):
            own = _shebang(text)
            if own and not family:
                self.uses.append(Use(own, path, run.instruction.start))
            self.script(run, read_script(text), path)
        elif interpreter:
            if not family:
                self.uses.append(Use(_shebang(text) or interpreter, path, run.instruction.start))
            self.applications.append((_family(interpreter), path))
        else:
            self.unread.append(f"{path} was not understood")


def _script_name(item: Called) -> str:
    """Return the script of package.json that a call runs, "" where it runs none."""
    words = [w for w in item.words[1:] if w and not w.startswith("-")]
    if not words:
        return ""
    if words[0] in ("run", "run-script"):
        return words[1] if len(words) > 1 else ""
    own = BY_NAME[item.command]
    known = own.install | own.clean | _OTHER_VERBS
    if words[0] in ("start", "test", "stop", "restart"):
        return words[0]
    return words[0] if item.command != "npm" and words[0] not in known else ""


def _family(name: str) -> str:
    match = _INTERPRETER.match(name)
    if not match:
        return name
    return {"nodejs": "node", "pypy": "python"}.get(match.group(1), match.group(1))


def _shebang(text: str) -> str:
    """Return the interpreter that the first line names, "" if it names none."""
    if not text.startswith("#!"):
        return ""
    words = text.partition("\n")[0][2:].split()
    names = [posixpath.basename(w) for w in words if not w.startswith("-")]
    if names[:1] == ["env"]:
        names = names[1:]
    return names[0] if names else ""


def _interpreter(text: str, path: str) -> str:
    named = _shebang(text)
    if named:
        return named
    if path.endswith((".sh", ".bash")):
        return "sh"
    return next((name for name, ends in SOURCES.items() if path.endswith(ends)), "")


def distinct(reasons: Iterable[str]) -> tuple[str, ...]:
    """Return reasons once each, in order."""
    return tuple(dict.fromkeys(reasons))
