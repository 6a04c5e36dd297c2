"""The .dockerignore of a build context.

Source of the rules: docs.docker.com/build/concepts/context, "dockerignore files": patterns are
anchored at the root, `**` stands for any number of folders, `!` takes a path back in, and the
last pattern that matches decides.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache

from optimizer.context.files import BuildContext

NAME = ".dockerignore"


def is_ignored(context: BuildContext, path: str) -> bool:
    """Tell whether .dockerignore keeps a file of the context from the builder."""
    text = context.text(NAME)
    if not text:
        return False
    ignored = False
    for taken_back, pattern in _patterns(text):
        if pattern.match(path):
            ignored = not taken_back
    return ignored


@lru_cache(maxsize=64)
def _patterns(text: str) -> tuple[tuple[bool, re.Pattern[str]], ...]:
    found = []
    for line in text.lstrip("\ufeff").splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        taken_back = line.startswith("!")
        cleaned = posixpath.normpath(line.lstrip("!").strip()).lstrip("/")
        if cleaned not in ("", "."):
            found.append((taken_back, re.compile(_expression(cleaned) + r"(/.*)?\Z", re.DOTALL)))
    return tuple(found)


def _expression(pattern: str) -> str:
    out = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**", at):
            at += 2
            if pattern.startswith("/", at):
                at += 1
                out.append(r"(.*/)?")
            else:
                out.append(r".*")
            continue
        if char == "*":
            out.append(r"[^/]*")
        elif char == "?":
            out.append(r"[^/]")
        elif char == "[" and "]" in pattern[at + 2 :]:
            close = pattern.index("]", at + 2)
            out.append(pattern[at : close + 1])
            at = close
        elif char == "\\" and at + 1 < len(pattern):
            at += 1
            out.append(re.escape(pattern[at]))
        else:
            out.append(re.escape(char))
        at += 1
    return "".join(out)
