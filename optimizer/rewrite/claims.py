"""Claims: which differences of the build model are a transform's business.

A claim takes a model and returns it without what its transform may change. The gate applies a
transform's claims to the models of before and after; what still differs is not claimed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from optimizer.syntax.patterns import pattern as compiled

if TYPE_CHECKING:
    from optimizer.rewrite.model import Entry

Claim = Callable[[list["Entry"]], list["Entry"]]


def words_of(programs: Iterable[str], *patterns: str, exactly: Iterable[str] = ()) -> Claim:
    """Claim that commands which call one of `programs` may gain or lose words.

    Such words are like one of `patterns`, or are one of `exactly`.
    """
    called = frozenset(programs)
    names = frozenset(exactly)
    word = compiled("|".join(f"(?:{p})" for p in patterns) or r"(?!)")

    def claim(model: list[Entry]) -> list[Entry]:
        return [
            e._replace(words=tuple(w for w in e.words if w not in names and not word.fullmatch(w)))
            if e.kind == "$" and not called.isdisjoint(w.rpartition("/")[2] for w in e.words)
            else e
            for e in model
        ]

    return claim


def commands_like(pattern: str) -> Claim:
    """Claim that whole commands whose text is like `pattern` may come or go."""
    found = compiled(pattern)

    def claim(model: list[Entry]) -> list[Entry]:
        return _without_empty_runs(_without(model, found))

    return claim


def _without(model: list[Entry], pattern: re.Pattern[str]) -> list[Entry]:
    """Take commands out; what stood in front of one passes to the command behind it."""
    out: list[Entry] = []
    owed = None  # the glue of the command that was taken out last
    for entry in model:
        if entry.kind == "$" and pattern.fullmatch(" ".join(entry.words)):
            # Nothing stands between a substitution and the command that holds it.
            if entry.glue != "$(":
                owed = entry.glue if owed is None else owed
            continue
        if owed is not None:
            head, operator = _split_operator(owed)
            if entry.kind in ("$", "$end"):
                own = entry.glue if operator == "&&" and entry.glue != "&&" else _swap_operator(entry.glue, operator)
                entry = entry._replace(glue=f"{head}{own}")
            elif head:
                out.append(entry._replace(kind="$end", glue=head, words=()))
            owed = None
        out.append(entry)
    return out


def _split_operator(glue: str) -> tuple[str, str]:
    match = re.search(r"(&&|;)\Z", glue)
    return (glue[: match.start()], match.group()) if match else (glue, "")


def _swap_operator(glue: str, operator: str) -> str:
    return re.sub(r"\A(&&|;)", operator, glue)


def _without_empty_runs(model: list[Entry]) -> list[Entry]:
    return [
        entry
        for entry, following in zip(model, [*model[1:], None], strict=True)
        if entry.kind != "RUN" or (following is not None and following.kind.startswith(("$", "<<")))
    ]


def renamed(pattern: str, replacement: str) -> Claim:
    """Claim that words of commands like `pattern` may become `replacement`."""
    found = compiled(pattern)

    def claim(model: list[Entry]) -> list[Entry]:
        return [
            e._replace(words=tuple(replacement if found.fullmatch(w) else w for w in e.words)) if e.kind == "$" else e
            for e in model
        ]

    return claim


def verbs_of(programs: Iterable[str], pattern: str, replacement: str) -> Claim:
    """Claim that a word like `pattern` of commands which call one of `programs` may become `replacement`."""
    called = frozenset(programs)
    found = compiled(pattern)

    def claim(model: list[Entry]) -> list[Entry]:
        return [
            e._replace(words=tuple(replacement if found.fullmatch(w) else w for w in e.words))
            if e.kind == "$" and not called.isdisjoint(w.rpartition("/")[2] for w in e.words)
            else e
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
        return [e._replace(kind=renamed_kind(e.kind)) for e in model]

    def renamed_kind(kind: str) -> str:
        below, _, name = kind.rpartition(" ")
        return f"{below} {other}".strip() if name == keyword else kind

    return claim


def layers(model: list[Entry]) -> list[Entry]:
    """Claim that neighbouring RUNs that meet the same state may become one, in subshells or not.

    All neighbours are joined on both sides, so that it does not matter which of them are.
    """
    out: list[Entry] = []
    head: Entry | None = None
    joint = ""
    for entry in model:
        if entry.kind == "$awake":
            # A subshell around a script makes a compound of what was none.
            continue
        if entry.kind == "RUN":
            if head == entry and out[-1].kind in ("$", "$end"):
                tail = out.pop().glue if out[-1].kind == "$end" else ""
                joint = f"{tail}&&"
                continue
            head = entry
        elif not entry.kind.startswith("$"):
            head = None
        if entry.kind in ("$", "$end") and entry.glue != "$(":
            entry = entry._replace(glue=re.sub(r"[()\s]|;(?=&&|\Z)", "", joint + entry.glue))
            joint = ""
            if entry.kind == "$end" and not entry.glue:
                continue
        out.append(entry)
    return out


def flags_of(keyword: str, *patterns: str) -> Claim:
    """Claim that instructions with `keyword` may gain or lose flags like `patterns`."""
    flag = compiled("|".join(f"(?:{p})" for p in patterns))

    def claim(model: list[Entry]) -> list[Entry]:
        return [
            e._replace(words=tuple(w for w in e.words if not flag.fullmatch(w))) if e.kind == keyword else e
            for e in model
        ]

    return claim


def commands_as(normal: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Claim:
    """Claim that the words of a command may change, as long as `normal` makes the same of them."""

    def claim(model: list[Entry]) -> list[Entry]:
        return [e._replace(words=normal(e.words)) if e.kind == "$" else e for e in model]

    return claim


def entries_as(keywords: Iterable[str], normal: Callable[[Entry], Entry]) -> Claim:
    """Claim that instructions with these keywords may change, as long as `normal` makes the same of them."""
    kinds = frozenset(keywords)

    def claim(model: list[Entry]) -> list[Entry]:
        return [normal(e) if e.kind in kinds else e for e in model]

    return claim


def last_of(*keywords: str) -> Claim:
    """Claim that all but the last instruction of a kind may go from a stage."""

    def claim(model: list[Entry]) -> list[Entry]:
        out: list[Entry] = []
        seen: set[str] = set()
        for entry in reversed(model):
            if entry.kind == "FROM":
                seen = set()
            elif entry.kind in seen:
                continue
            elif entry.kind in keywords:
                seen.add(entry.kind)
            out.append(entry)
        out.reverse()
        return out

    return claim


def waiting_copies(model: list[Entry]) -> list[Entry]:
    """Claim that COPYs from the build context may stand elsewhere in their stage.

    What another one of them in the stage brings to the same place, with the same flags, may also be
    copied alone.
    """
    out: list[Entry] = []
    held: list[Entry] = []
    for entry in model:
        if entry.kind == "COPY" and not any(w.startswith("--from") for w in entry.words):
            held.append(entry)
            continue
        if entry.kind in ("FROM", "STAGE"):
            out += sorted(e for e in held if not any(_brings(other, e) for other in held if other is not e))
            held = []
        out.append(entry)
    return out + held


def _brings(whole: Entry, part: Entry) -> bool:
    """Whether one COPY brings all that another one does, to the same places."""
    sources, target, flags = _copy_parts(whole)
    wanted, place, other_flags = _copy_parts(part)
    if flags != other_flags or whole == part:
        return False
    return all(any(_brings_one(s, target, w, place) for s in sources) for w in wanted)


def _brings_one(source: str, target: str, wanted: str, place: str) -> bool:
    """Whether copying `source` to `target` brings the file `wanted` into the folder `place`."""
    if place == target and (source == wanted or (_is_beside(source, wanted) and fnmatchcase(wanted, source))):
        return True
    inside = posixpath.normpath(posixpath.join(target, posixpath.relpath(wanted, source)))
    return _is_below(wanted, source) and inside == posixpath.join(place, posixpath.basename(wanted))


def _is_beside(path: str, other: str) -> bool:
    return posixpath.dirname(path) == posixpath.dirname(other)


def _is_below(path: str, folder: str) -> bool:
    return folder == "." or path.startswith(f"{folder}/")


def _copy_parts(entry: Entry) -> tuple[list[str], str, list[str]]:
    words = [w for w in entry.words if not w.startswith("--")]
    flags = [w for w in entry.words if w.startswith("--")]
    return [posixpath.normpath(w.lstrip("/") or ".") for w in words[:-1]], posixpath.normpath(words[-1]), flags
