"""Patterns as `.gitignore` has them."""

from __future__ import annotations

import re
from typing import NamedTuple

_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "xdigit": "0-9a-fA-F",
    "cntrl": r"\x00-\x1f\x7f",
    "graph": "!-~",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
}
_NAMED = re.compile(r"\[:(\w+):\]")


class Glob(NamedTuple):
    """One pattern: what it matches, and whether it takes back what former patterns say."""

    regex: re.Pattern[str]
    negated: bool
    folders_only: bool
    whole_path: bool

    def matches(self, path: str, folder: bool) -> bool:
        """Tell whether it matches a path, given with `/` and relative to where the pattern stands."""
        if self.folders_only and not folder:
            return False
        return self.regex.fullmatch(path if self.whole_path else path.rpartition("/")[2]) is not None


def read_globs(text: str) -> tuple[Glob, ...]:
    """Read patterns, one a line; comments, blank lines and what git takes for no pattern are passed over."""
    lines = text.removeprefix("\ufeff").split("\n")
    return tuple(found for line in lines if (found := _glob(line.removesuffix("\r"))) is not None)


def decide(globs: tuple[Glob, ...], path: str, folder: bool) -> bool | None:
    """Tell what the last matching pattern says of a path: True left out, False taken back, None nothing."""
    for glob in reversed(globs):
        if glob.matches(path, folder):
            return not glob.negated
    return None


def covers(globs: tuple[Glob, ...], path: str) -> bool:
    """Tell whether a file or one of the folders above it is left out by the patterns."""
    parts = path.split("/")
    return any(decide(globs, "/".join(parts[:size]), size < len(parts)) for size in range(1, len(parts) + 1))


def _glob(line: str) -> Glob | None:
    line = re.sub(r"(?<!\\) +$", "", line)
    if line.startswith("#"):
        return None
    negated = line.startswith("!")
    line = line[negated:]
    folders_only = line.endswith("/")
    line = line[: len(line) - folders_only]
    if not line:
        return None
    regex = _translate(line.removeprefix("/"))
    return regex and Glob(regex, negated, folders_only, "/" in line)


def _translate(glob: str) -> re.Pattern[str] | None:
    out = []
    at = 0
    while at < len(glob):
        char = glob[at]
        if char == "*":
            piece, at = _stars(glob, at)
        elif char == "[":
            found = _bracket(glob, at)
            if found is None:
                return None
            piece, at = found
        elif char == "\\":
            if at + 1 == len(glob):
                return None
            piece, at = re.escape(glob[at + 1]), at + 2
        else:
            piece, at = "[^/]" if char == "?" else re.escape(char), at + 1
        out.append(piece)
    return re.compile("".join(out), re.DOTALL)


def _stars(glob: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(glob) and glob[end] == "*":
        end += 1
    alone = end - at > 1 and (at == 0 or glob[at - 1] == "/")
    if alone and end == len(glob):
        return ".*", end
    if alone and glob[end] == "/":
        return "(?:.*/)?", end + 1
    return "[^/]*", end


def _bracket(glob: str, start: int) -> tuple[str, int] | None:
    """Return the regular expression of a bracket and where it ends, None for one that matches nothing."""
    at = start + 1
    negated = glob[at : at + 1] in ("!", "^")
    at += negated
    ranges: list[str] = []
    last: str | None = None
    first = True
    while first or glob[at : at + 1] != "]":
        first = False
        named = _NAMED.match(glob, at)
        if named:
            if named[1] not in _CLASSES:
                return None
            ranges.append(_CLASSES[named[1]])
            last, at = None, named.end()
            continue
        to_end = glob[at : at + 1] == "-" and last is not None and glob[at + 1 : at + 2] != "]"
        at += to_end
        at += glob[at : at + 1] == "\\"
        if at >= len(glob):
            return None
        if to_end and last is not None:
            if last <= glob[at]:
                ranges.append(f"{re.escape(last)}-{re.escape(glob[at])}")
            last = None
        else:
            last = glob[at]
            ranges.append(re.escape(last))
        at += 1
    return f"(?!/)[{'^' if negated else ''}{''.join(ranges)}]", at + 1
