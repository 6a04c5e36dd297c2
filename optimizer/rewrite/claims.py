"""Claims: which differences of the build model are a transform's business.

A claim takes a model and returns it without what its transform may change. The gate applies a
transform's claims to the models of before and after; what still differs is not claimed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizer.rewrite.model import Entry

Claim = Callable[[list["Entry"]], list["Entry"]]


def words_of(programs: Iterable[str], *patterns: str) -> Claim:
    """Claim that commands which call one of `programs` may gain or lose words like `patterns`."""
    called = frozenset(programs)
    word = re.compile("|".join(f"(?:{p})" for p in patterns))

    def claim(model: list[Entry]) -> list[Entry]:
        return [
            e._replace(words=tuple(w for w in e.words if not word.fullmatch(w)))
            if e.kind == "$" and not called.isdisjoint(w.rpartition("/")[2] for w in e.words)
            else e
            for e in model
        ]

    return claim


def commands_like(pattern: str) -> Claim:
    """Claim that whole commands whose text is like `pattern` may come or go."""
    found = re.compile(pattern)

    def claim(model: list[Entry]) -> list[Entry]:
        out: list[Entry] = []
        for entry in model:
            if entry.kind == "$" and found.fullmatch(" ".join(entry.words)):
                continue
            out.append(entry)
        return _close_gaps(out)

    return claim


def _close_gaps(model: list[Entry]) -> list[Entry]:
    """Take the operator from each RUN's first command, and RUNs without any command away."""
    out: list[Entry] = []
    for index, entry in enumerate(model):
        if entry.kind == "RUN" and (index + 1 == len(model) or not model[index + 1].kind.startswith(("$", "<<"))):
            continue
        if entry.kind == "$" and out and out[-1].kind == "RUN":
            entry = entry._replace(glue=re.sub(r"^(&&|;) ?", "", entry.glue))
        out.append(entry)
    return out


def renamed(pattern: str, replacement: str) -> Claim:
    """Claim that words of commands like `pattern` may become `replacement`."""
    found = re.compile(pattern)

    def claim(model: list[Entry]) -> list[Entry]:
        return [
            e._replace(words=tuple(replacement if found.fullmatch(w) else w for w in e.words)) if e.kind == "$" else e
            for e in model
        ]

    return claim


def instructions(*keywords: str) -> Claim:
    """Claim that instructions with these keywords may come, go or change."""

    def claim(model: list[Entry]) -> list[Entry]:
        return [e for e in model if e.kind not in keywords]

    return claim


def same_as(keyword: str, other: str) -> Claim:
    """Claim that an instruction may become the other one with the same words."""

    def claim(model: list[Entry]) -> list[Entry]:
        return [e._replace(kind=other) if e.kind == keyword else e for e in model]

    return claim


def layers(model: list[Entry]) -> list[Entry]:
    """Claim that neighbouring RUNs that meet the same state may become one, or the reverse."""
    out: list[Entry] = []
    head: Entry | None = None
    for entry in model:
        if entry.kind == "RUN" and head == entry and out[-1].kind.startswith("$"):
            continue
        if entry.kind == "RUN":
            head = entry
        elif not entry.kind.startswith("$"):
            head = None
        if entry.kind == "$":
            glue = re.sub(r"[()\s]", "", entry.glue)
            entry = entry._replace(glue="" if glue == "&&" else glue)
        if entry.kind == "$end" and not re.sub(r"[()\s]", "", entry.glue):
            continue
        out.append(entry)
    return out


def flags_of(keyword: str, *patterns: str) -> Claim:
    """Claim that instructions with `keyword` may gain or lose flags like `patterns`."""
    flag = re.compile("|".join(f"(?:{p})" for p in patterns))

    def claim(model: list[Entry]) -> list[Entry]:
        return [
            e._replace(words=tuple(w for w in e.words if not flag.fullmatch(w))) if e.kind == keyword else e
            for e in model
        ]

    return claim
