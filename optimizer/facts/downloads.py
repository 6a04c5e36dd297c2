"""Files that a script downloads, where they lie, and what becomes of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from optimizer.facts.folders import alternatives
from optimizer.facts.images import expand
from optimizer.facts.runs import Call, Run
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Word

# The folder that a script starts in where only the base image knows it.
UNKNOWN = "/?"
_VARIABLE = pattern(r"\$\{?(\w+)")
_DYNAMIC = pattern(r"[`*?\[\]{}]|\$\(|\$\{\w+[^\w}]|\$[^\w{]")
_CURL_VALUED = "oHudXAexmbcTKECFwzrQtYyDP"
_WGET_VALUED = frozenset(
    {
        "-o",
        "-a",
        "-U",
        "-t",
        "-T",
        "-e",
        "-w",
        "-Q",
        "-i",
        "-B",
        "--header",
        "--tries",
        "--timeout",
        "--user",
        "--password",
    }
)
_WGET_RENAMES = (
    "--content-disposition",
    "-r",
    "-m",
    "-x",
    "-i",
    "--input-file",
    "--trust-server-names",
    "--recursive",
    "--mirror",
    "-c",
)


@dataclass(frozen=True)
class Used:
    """A file that a step of a script uses: its absolute path, its word, and the step."""

    path: str
    word: Word
    call: Call
    step: int


class Walk:
    """A walk through the top level of a RUN's script that knows the working directory.

    `folders` holds it per step, None where it can't be known.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.folders: list[str | None] = []
        self.calls: dict[int, Call] = {}
        folder: str | None = run.state.workdir or UNKNOWN
        by_command = {id(call.command): call for call in run.calls}
        for index, step in enumerate(run.script.steps):
            self.folders.append(folder)
            for command in step.commands:
                call = by_command.get(id(command))
                if call is not None and not command.where and step.kind == "simple":
                    self.calls[index] = call
                if call is not None and call.program in ("cd", "pushd", "popd"):
                    folder = self._moved(folder, call, step.kind == "simple" and not command.where)

    def _moved(self, folder: str | None, call: Call, plain: bool) -> str | None:
        if "subshell" in call.command.where or "substitution" in call.command.where:
            return folder
        targets = [w for w in call.words[1:] if not w.raw.startswith("-")]
        if not plain or call.program != "cd" or len(targets) != 1:
            return None
        return self.locate(targets[0], folder)

    def locate(self, word: Word, folder: str | None) -> str | None:
        """Return the absolute path that a word means in a folder, None where that can't be said.

        Variables that the script sets at most once may stay in it.
        """
        text = self.text_of(word)
        if text is None or not text:
            return None
        if text.startswith(("/", "~", "$HOME/", "${HOME}/")):
            return posixpath.normpath(text)
        return posixpath.normpath(f"{folder}/{text}") if folder else None

    def text_of(self, word: Word) -> str | None:
        """Return a word with the variables of the environment put in, None where it is not one path."""
        text = word.value if word.value is not None else re.sub(r"[\"']", "", word.raw)
        if _DYNAMIC.search(re.sub(r"\$\{\w+\}", "", text)):
            return None
        names = _VARIABLE.findall(text) if "$" in text else []
        set_here = {n for n in names if re.search(rf"\b{n}=|\bread\s.*\b{n}\b|\bfor\s+{n}\b", self.run.script.text)}
        if any(len(re.findall(rf"\b{n}=", self.run.script.text)) > 1 for n in set_here):
            return None
        return expand(text, {k: v for k, v in self.run.state.env.items() if k not in set_here})[0]

    def downloads(self) -> Iterator[Used]:
        """Yield the files that curl and wget write, where their names are known."""
        for index, call in self.calls.items():
            if call.program == "curl":
                words = _curl_targets(call)
            elif call.program == "wget":
                words = _wget_targets(call)
            else:
                continue
            for redirect in call.command.redirects:
                if redirect.operator in (">", ">|") and redirect.target is not None:
                    words.append((redirect.target, ""))
            for word, prefix in words:
                named = word if not _is_url(word) else _base(word)
                folder = self.folders[index]
                if prefix:
                    folder = self.locate(Word(0, 0, prefix, None), folder)
                path = self.locate(named, folder) if named is not None else None
                if named is not None and path is not None:
                    yield Used(path, named, call, index)

    def touches(self, path: str, word: Word, first: int) -> str:
        """Tell what becomes of a file behind step `first`: "removed", "used", or "" for nothing."""
        name = posixpath.basename(path)
        names = {name, word.raw.strip("\"'").rpartition("/")[2]}
        for index in range(first, len(self.run.script.steps)):
            for call in self.run.calls:
                if call.command not in self.run.script.steps[index].commands:
                    continue
                if call.program == "rm":
                    fate = self._removal(call, path, word, self.folders[index])
                    if fate:
                        return fate
                elif self._uses(call, path, names, self.folders[index]):
                    return "used"
        return ""

    def _removal(self, call: Call, path: str, word: Word, folder: str | None) -> str:
        forced = call.has("-f", "--force")
        unclear = False
        for operand in call.words[1:]:
            if operand.raw.startswith("-"):
                continue
            if operand.raw == word.raw:
                return "removed"
            for text in alternatives(operand.value if operand.value is not None else operand.raw):
                last = text.replace('"', "").rpartition("/")[2]
                if last.strip("*?") and fnmatchcase(posixpath.basename(path), last):
                    return "removed"
                expanded = expand(text.replace('"', ""), self.run.state.env)[0]
                dynamic = "$" in expanded and not self._is_scratch(expanded)
                if dynamic or (folder is None and not expanded.startswith("/")):
                    unclear = True
                elif _matches(path, posixpath.normpath(posixpath.join(folder or "/", expanded))):
                    return "removed"
        return "used" if unclear or (not forced and any("*" in w.raw for w in call.words)) else ""

    def _is_scratch(self, text: str) -> bool:
        """Whether a path starts with a variable that holds a new temporary folder."""
        match = _VARIABLE.match(text)
        return (
            match is not None
            and re.search(rf"\b{match.group(1)}=[\"']?(\$\(|`)\s*mktemp", self.run.script.text) is not None
        )

    def _uses(self, call: Call, path: str, names: set[str], folder: str | None) -> bool:
        text = self.run.script.text[call.command.start : call.command.end]
        if any(name in text for name in names):
            return True
        if re.search(r"sum\Z", call.program) and call.has("-c", "--check", "--status"):
            return True
        for word in call.words[1:]:
            if any(c in word.raw for c in "*?["):
                if fnmatchcase(posixpath.basename(path), word.raw.strip("\"'").rpartition("/")[2]):
                    return True
            elif call.program in ("cp", "rsync", "tar", "zip", "scp", "mv"):
                place = self.locate(word, folder)
                if place is not None and path.startswith(f"{place.rstrip('/')}/"):
                    return call.program not in ("tar", "mv") or (call.program == "tar" and _creates(call))
        return False


def _creates(call: Call) -> bool:
    first = call.words[1].raw if len(call.words) > 1 else ""
    return ("c" in first.lstrip("-") and not first.startswith("--")) or call.has("--create", "-c")


def _matches(path: str, removed: str) -> bool:
    """Tell whether removing a path or pattern removes a file."""
    parts = path.split("/")
    pattern = removed.split("/")
    if len(pattern) > len(parts):
        return False
    return all(fnmatchcase(part, wanted) for part, wanted in zip(parts, pattern, strict=False))


def _is_url(word: Word) -> bool:
    return "://" in word.raw


def _base(word: Word) -> Word | None:
    """Return the file name that a URL ends in, as a word."""
    text = word.raw.strip("\"'")
    name = text.rpartition("/")[2]
    if not name or any(c in text for c in "?#&;%"):
        return None
    raw = f'"{name}"' if "$" in name and word.raw[:1] == '"' else name
    return Word(word.start, word.end, raw, name if "$" not in name else None)


def _curl_targets(call: Call) -> list[tuple[Word, str]]:
    """Return the words that name curl's output files (or the URLs that do), each with a folder."""
    found: list[tuple[Word, str]] = []
    urls: list[Word] = []
    remote = False
    words = iter(call.words[1:])
    for word in words:
        raw = word.raw
        if raw in ("--output", "--create-dirs") or raw.startswith("--output="):
            target = next(words, None) if raw == "--output" else None
            if target is not None:
                found.append((target, ""))
        elif raw in ("--remote-name", "--remote-name-all"):
            remote = True
        elif raw.startswith("--"):
            if raw in ("--remote-header-name", "--output-dir"):
                return []
        elif raw.startswith("-") and len(raw) > 1:
            for at, letter in enumerate(raw[1:], 1):
                if letter == "J":
                    return []
                if letter == "O":
                    remote = True
                elif letter in _CURL_VALUED:
                    value = raw[at + 1 :]
                    following = next(words, None) if not value else Word(word.start + at + 1, word.end, value, None)
                    if letter == "o" and following is not None:
                        found.append((following, ""))
                    break
        elif _is_url(word):
            urls.append(word)
    return [*found, *((url, "") for url in urls if remote)]


def _wget_targets(call: Call) -> list[tuple[Word, str]]:
    """Return the words that name wget's output files (or the URLs that do), each with a folder."""
    if call.has(*_WGET_RENAMES):
        return []
    target: Word | None = None
    folder = ""
    urls: list[Word] = []
    words = iter(call.words[1:])
    for word in words:
        raw = word.raw
        if raw.startswith("--output-document") or re.fullmatch(r"-[a-zA-Z]*O", raw):
            target = next(words, None) if "=" not in raw else Word(word.start, word.end, raw.partition("=")[2], None)
        elif re.match(r"-[qnvcS]*O.", raw):
            value = raw[raw.index("O") + 1 :]
            target = Word(word.end - len(value), word.end, value, value if "$" not in value else None)
        elif raw in ("-P", "--directory-prefix"):
            following = next(words, None)
            folder = following.raw if following is not None else ""
        elif raw.startswith("--directory-prefix="):
            folder = raw.partition("=")[2]
        elif raw in _WGET_VALUED:
            next(words, None)
        elif _is_url(word):
            urls.append(word)
    if target is not None:
        return [] if target.raw == "-" else [(target, "")]
    return [(url, folder) for url in urls]
