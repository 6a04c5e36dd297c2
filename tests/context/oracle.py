"""What reaches the builder, step by step as the builder decides it.

Follows github.com/moby/patternmatcher (ignorefile.ReadAll, New, compile, MatchesUsingParentResults) and the
walk of github.com/tonistiigi/fsutil in their order and with their states, so that it shares nothing with
optimizer.context.ignore but the rules.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable


class Refused(Exception):
    """The builder refuses the ignore file."""


def clean(path: str) -> str:
    """Go's filepath.Clean."""
    rooted = path.startswith("/")
    out: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and out and out[-1] != "..":
            out.pop()
        elif part == ".." and rooted:
            continue
        else:
            out.append(part)
    text = ("/" if rooted else "") + "/".join(out)
    return text or "."


def trim(text: str) -> str:
    return text.strip("\t\n\v\f\r \u0085\u00a0")


def read_all(text: str) -> list[str]:
    excludes = []
    for number, line in enumerate(text.split("\n")):
        if number == 0:
            line = line.removeprefix("\ufeff")
        line = line.removesuffix("\r")
        if line.startswith("#"):
            continue
        line = trim(line)
        if not line:
            continue
        invert = line[0] == "!"
        if invert:
            line = trim(line[1:])
        if line:
            line = clean(line)
            if len(line) > 1 and line[0] == "/":
                line = line[1:]
        excludes.append("!" + line if invert else line)
    return excludes


def check(pattern: str) -> None:
    """Go's filepath.Match, for its errors only."""
    at = 0

    def one() -> None:
        nonlocal at
        if at >= len(pattern) or pattern[at] in "-]":
            raise Refused(pattern)
        if pattern[at] == "\\":
            at += 1
            if at >= len(pattern):
                raise Refused(pattern)
        at += 1
        if at >= len(pattern):
            raise Refused(pattern)

    while at < len(pattern):
        if pattern[at] == "[":
            at += 1
            if pattern[at : at + 1] == "^":
                at += 1
            count = 0
            while True:
                if pattern[at : at + 1] == "]" and count > 0:
                    at += 1
                    break
                one()
                if pattern[at] == "-":
                    at += 1
                    one()
                count += 1
        elif pattern[at] == "\\":
            at += 2
            if at > len(pattern):
                raise Refused(pattern)
        else:
            at += 1


class Pattern:
    def __init__(self, text: str) -> None:
        self.exclusion = text[0] == "!"
        if self.exclusion:
            if len(text) == 1:
                raise Refused(text)
            text = text[1:]
        check(text)
        self.text = text
        self.kind, self.regex = self._compile()

    def _compile(self) -> tuple[str, re.Pattern[str] | None]:
        kind, out = "exact", "^"
        scan = list(self.text)
        number = 0
        while scan:
            char = scan.pop(0)
            if char == "*":
                if scan[:1] == ["*"]:
                    scan.pop(0)
                    if scan[:1] == ["/"]:
                        scan.pop(0)
                    if not scan:
                        if kind == "exact":
                            kind = "prefix"
                        else:
                            out += ".*"
                            kind = "regexp"
                    else:
                        out += "(.*/)?"
                        kind = "regexp"
                    if number == 0:
                        kind = "suffix"
                else:
                    out += "[^/]*"
                    kind = "regexp"
            elif char == "?":
                out += "[^/]"
                kind = "regexp"
            elif char in ".+()|{}$":
                out += "\\" + char
            elif char == "\\":
                if scan:
                    out += "\\" + scan.pop(0)
                    kind = "regexp"
                else:
                    out += "\\"
            elif char in "[]":
                out += char
                kind = "regexp"
            else:
                out += char
            number += 1
        if kind != "regexp":
            return kind, None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            try:
                return kind, re.compile(out + r"\Z")
            except re.error as error:
                raise Refused(self.text) from error

    def match(self, path: str) -> bool:
        if self.kind == "exact":
            return path == self.text
        if self.kind == "prefix":
            return path.startswith(self.text[:-2])
        if self.kind == "suffix":
            suffix = self.text[2:]
            return path.endswith(suffix) or (suffix[0] == "/" and path == suffix[1:])
        assert self.regex is not None
        return self.regex.match(path) is not None


def patterns_of(text: str) -> list[Pattern]:
    found = []
    for line in read_all(text):
        line = trim(line)
        if line:
            found.append(Pattern(clean(line)))
    return found


def matches(patterns: list[Pattern], path: str, above: list[bool]) -> tuple[bool, list[bool]]:
    matched = False
    states = [False] * len(patterns)
    for number, pattern in enumerate(patterns):
        match = above[number] if above else False
        if not match:
            if pattern.exclusion != matched:
                continue
            match = pattern.match(path)
        states[number] = match
        if match:
            matched = not pattern.exclusion
    return matched, states


def sent(text: str, files: Iterable[str]) -> set[str]:
    """Return the files that reach the builder."""
    patterns = patterns_of(text)
    out = set()
    for file in files:
        parts = file.split("/")
        states: list[bool] = []
        ignored = False
        for depth in range(1, len(parts) + 1):
            ignored, states = matches(patterns, "/".join(parts[:depth]), states)
        if not ignored:
            out.add(file)
    return out
