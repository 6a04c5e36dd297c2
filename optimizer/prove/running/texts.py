"""Whether two texts say the same, where a third one tells what varies by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

# Addresses in memory, which differ from process to process.
_ALWAYS = (r"0x[0-9a-fA-F]{6,}",)
_NUMBERS = re.compile(r"[0-9a-fA-F]{8,}|\d+(?:\.\d+)*")


def masked(text: str, masks: Sequence[str]) -> str:
    """Return a text in which what any of the regular expressions matches is `*`."""
    for pattern in (*_ALWAYS, *masks):
        text = re.sub(pattern, "*", text)
    return text.replace("\r\n", "\n").rstrip()


def same(before: str, after: str, again: Callable[[], str], masks: Sequence[str] = ()) -> tuple[bool, str]:
    """Tell whether two texts say the same, and what has to be said with it.

    `again` gives the first text once more, from another run: what differs there varies by itself, and
    is not held against the second one.
    """
    old, new = masked(before, masks), masked(after, masks)
    if old == new:
        return True, ""
    if sorted(old.split("\n")) == sorted(new.split("\n")):
        return True, "the lines come in another order"
    other = masked(again(), masks)
    if other == old:
        return False, ""
    if _plain(old) == _plain(other):
        return _plain(new) == _plain(old), "numbers vary from run to run and were not compared"
    first, second, third = (_plain(text).split("\n") for text in (old, other, new))
    if len(first) == len(second) == len(third):
        pairs = zip(first, second, third, strict=True)
        return all(c == a for a, b, c in pairs if a == b), "lines that vary from run to run were not compared"
    stable = set(first) & set(second)
    return stable <= set(third), "only lines that are there in each run were compared"


def _plain(text: str) -> str:
    return _NUMBERS.sub("#", text)
