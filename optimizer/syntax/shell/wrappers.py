"""Programs that start another one, such as `sudo` and `timeout`: where its words begin."""

from __future__ import annotations

from collections.abc import Container, Sequence

from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell.script import Word

_ASSIGNMENT = pattern(r"[A-Za-z_]\w*=")


def behind_wrapper(words: Sequence[Word], at: int, name: str, valued: Container[str], skips_one: bool) -> int:
    """Return the number of the first word that a wrapper does not take for itself.

    `at` is that of its own word, and `name` its name. `valued` are its options that take the next word;
    `skips_one` tells that its first operand is not yet the program.
    """
    skip = skips_one
    at += 1
    while at < len(words):
        raw = words[at].raw
        if raw == "--":
            return at + 1
        if raw.startswith("-"):
            at += 2 if raw in valued else 1
        elif (name in ("env", "sudo") and _ASSIGNMENT.match(raw)) or skip:
            skip = skip and bool(_ASSIGNMENT.match(raw))
            at += 1
        else:
            break
    return at
