"""The .dockerignore of a build context, with the rules of the builder.

Source of the rules: github.com/moby/patternmatcher (ignorefile.ReadAll, New and
MatchesUsingParentResults) and BuildKit, which walks the context from the top and looks for
`<Dockerfile>.dockerignore` beside the Dockerfile first. The last pattern that matches a path or
one of the folders above it decides, and `!` takes back. A pattern is not asked where it would
change nothing, and a folder for which it was not asked hands nothing down: so behind `a/b` a line
`!a` does not bring `a/b` back.
"""

from __future__ import annotations

import posixpath
import re
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from optimizer.syntax.patterns import pattern as compiled

if TYPE_CHECKING:
    from optimizer.context.files import BuildContext

NAME = ".dockerignore"
_ESCAPED = frozenset(".+()|{}$")
# Go trims these, and takes a line to end at a line feed, with or without a carriage return.
_BLANKS = "\t\n\v\f\r \x85\xa0"
_BRACKET = compiled(r"\[\^?(?:{0}(?:-{0})?)+\]".format(r"(?:\\.|[^\\\]-])"), re.DOTALL)

States = tuple[bool, ...]


@dataclass(frozen=True)
class Pattern:
    """One line: what it matches, and whether it takes paths back in."""

    text: str
    takes_back: bool = False

    @cached_property
    def _matcher(self) -> tuple[str, str | re.Pattern[str]]:
        return _compile(self.text)

    @property
    def is_valid(self) -> bool:
        """Whether the builder takes it; if not, it refuses the whole file."""
        try:
            return not _is_broken(self.text) and bool(self._matcher)
        except re.error:
            return False

    def matches(self, path: str) -> bool:
        """Tell whether it matches a path itself; the folders above it are asked for themselves."""
        kind, what = self._matcher
        if isinstance(what, re.Pattern):
            return what.match(path) is not None
        if kind == "prefix":
            return path.startswith(what)
        if kind == "suffix":
            return path.endswith(what) or (what.startswith("/") and path == what[1:])
        return path == what

    @property
    def literal_head(self) -> str:
        """What every path that it matches starts with, as far as whole folders go."""
        head = re.split(r"[*?\[\\]", self.text, maxsplit=1)[0]
        return head if head == self.text else head.rpartition("/")[0]


@dataclass(frozen=True)
class IgnoreFile:
    """What keeps files from the builder: the file's name, its text, and why the builder refuses it ("" if not)."""

    name: str = ""
    text: str = ""

    @cached_property
    def _read(self) -> tuple[tuple[Pattern, ...], str]:
        return read_patterns(self.text)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns in order; none where the builder refuses the file."""
        return self._read[0]

    @property
    def problem(self) -> str:
        """Why the builder refuses the file, "" if it does not."""
        return self._read[1]

    @cached_property
    def _folders(self) -> dict[str, States]:
        return {"": (False,) * len(self.patterns)}

    def ignores(self, path: str) -> bool:
        """Tell whether a path of the context, with `/` and without one in front, is kept from the builder."""
        path = posixpath.normpath(path)
        return path != "." and bool(self.patterns) and self._decide(path)[0]

    def may_hold_kept(self, folder: str) -> bool:
        """Tell whether something below a folder that is ignored may be taken back in."""
        return any(
            p.takes_back
            and (
                not p.literal_head or f"{p.literal_head}/".startswith(f"{folder}/") or folder.startswith(p.literal_head)
            )
            for p in self.patterns
        )

    def _decide(self, path: str) -> tuple[bool, States]:
        above = self._states(posixpath.dirname(path))
        ignored = False
        states = []
        for pattern, inherited in zip(self.patterns, above, strict=True):
            match = inherited or (pattern.takes_back == ignored and pattern.matches(path))
            states.append(match)
            if match:
                ignored = not pattern.takes_back
        return ignored, tuple(states)

    def _states(self, folder: str) -> States:
        if folder not in self._folders:
            self._folders[folder] = self._decide(folder)[1]
        return self._folders[folder]


def read_patterns(text: str) -> tuple[tuple[Pattern, ...], str]:
    """Return the patterns of an ignore file, and why the builder refuses it ("" if it does not)."""
    found = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        # The comment is looked for before blanks are trimmed.
        if line.startswith("#") or not (line := line.strip(_BLANKS)):
            continue
        takes_back = line.startswith("!")
        cleaned = line[1:].strip(_BLANKS) if takes_back else line
        if cleaned:
            cleaned = posixpath.normpath(cleaned)
            if cleaned.startswith("//"):
                cleaned = cleaned[1:]
            if len(cleaned) > 1:
                cleaned = cleaned.removeprefix("/")
        # What was cleaned is trimmed and cleaned once more, its `!` included, and only then read.
        whole = f"!{cleaned}" if takes_back else cleaned
        whole = posixpath.normpath(whole.strip(_BLANKS)).removeprefix("/" if whole.startswith("//") else "")
        takes_back, cleaned = whole.startswith("!"), whole.removeprefix("!")
        pattern = Pattern(cleaned, takes_back)
        if not cleaned or not pattern.is_valid:
            return (), f"line {number}: {line!r} is no pattern"
        found.append(pattern)
    return tuple(found), ""


def _is_broken(text: str) -> bool:
    """Tell whether Go's filepath.Match takes a pattern for a syntax error: an open bracket, a last backslash."""
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == "[":
            match = _BRACKET.match(text, at)
            if not match:
                return True
            at = match.end()
        else:
            at += 1
    return at > len(text)


def _compile(text: str) -> tuple[str, str | re.Pattern[str]]:
    kind, out, at = "exact", "", 0
    while at < len(text):
        char, first = text[at], at == 0
        at += 1
        if char == "*" and text.startswith("*", at):
            at += 1
            if text.startswith("/", at):
                at += 1
            if at == len(text):
                out += ".*"
                kind = "prefix" if kind == "exact" else "regex"
            else:
                out += "(.*/)?"
                kind = "regex"
            if first:
                kind = "suffix"
        elif char == "*":
            out += "[^/]*"
            kind = "regex"
        elif char == "?":
            out += "[^/]"
            kind = "regex"
        elif char in _ESCAPED:
            out += f"\\{char}"
        elif char == "\\":
            out += f"\\{text[at : at + 1]}"
            at += 1
            kind = "regex"
        elif char in "[]":
            out += char
            kind = "regex"
        else:
            out += char
    if kind == "regex":
        with warnings.catch_warnings():
            # `[[` and `--` in a bracket are plain characters.
            warnings.simplefilter("ignore", FutureWarning)
            return kind, re.compile(rf"{out}\Z")
    return kind, {"prefix": text[:-2], "suffix": text[2:]}.get(kind, text)


def is_ignored(context: BuildContext, path: str) -> bool:
    """Tell whether an ignore file keeps a file of the context from the builder."""
    return context.ignore.ignores(path)
