"""Writing an image reference anew in the form of the old one, also where ARGs make it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from optimizer.facts.document import Document
from optimizer.facts.environment import pairs_of
from optimizer.facts.images import expand
from optimizer.facts.stages import Stage
from optimizer.syntax import Instruction, Span
from optimizer.syntax.patterns import pattern

_VARIABLE = pattern(r"\$(?:\{(\w+)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|(\w+))")
_ONE_VARIABLE = pattern(r"\$(?:\{(\w+)\}|(\w+))\Z")
_PLAIN = pattern(r"[\w./:@-]+\Z")


class Rewrite(NamedTuple):
    """A range of the file and its new text; `note` says what it leans on, "" for nothing."""

    span: Span
    text: str
    note: str = ""


def rewrite(doc: Document, stage: Stage, new: str) -> Rewrite | str:
    """Make a FROM name another reference, or return the reason why that can't be written.

    `new` is the whole reference without variables. What both have in common stays as it is written; a
    variable of the old reference stays where its value is a part of the new one.
    """
    raw, old = stage.image.raw, stage.image.resolved
    place = _placed(stage.head, stage.image_span)
    if place is None:
        return "a line's fold cuts its name"
    if "$" not in raw:
        return Rewrite(place, new)
    values = doc.global_args
    if _ONE_VARIABLE.match(raw):
        return _in_default(doc, stage, new)
    for text in _spliced(raw, old, new, values):
        if expand(text, values) == (new, True):
            names = sorted({m.group(1) or m.group(2) for m in _VARIABLE.finditer(text)})
            note = f"with the default of {' and '.join(names)}" if names else ""
            return Rewrite(place, text, note)
    return _in_default(doc, stage, new)


def _placed(instruction: Instruction, span: Span | None) -> Span | None:
    return instruction.place(*span) if span is not None else None


def _spliced(raw: str, old: str, new: str, values: dict[str, str | None]) -> Iterator[str]:
    """Yield the ways to make `new` of a reference by changing only what is not a variable's value."""
    pieces: list[tuple[int, int, int, int]] = []  # literal runs: start and end in old, start and end in raw
    at_raw, at_old = 0, 0
    for match in [*_VARIABLE.finditer(raw), None]:
        end = match.start() if match else len(raw)
        pieces.append((at_old, at_old + end - at_raw, at_raw, end))
        if match:
            value, known = expand(match.group(), values)
            if not known:
                return
            at_old += end - at_raw + len(value)
            at_raw = match.end()
    found: list[tuple[int, str]] = []
    for first, last, start, _ in pieces:
        for i in range(first, last + 1):
            if not new.startswith(old[:i]):
                break
            for j in range(i, last + 1):
                middle = len(new) - (len(old) - j)
                if middle >= i and new[middle:] == old[j:]:
                    text = raw[: start + i - first] + new[i:middle] + raw[start + j - first :]
                    found.append((j - i, text))
                    break
    yield from (text for _, text in sorted(found, key=lambda f: f[0]))


def _in_default(doc: Document, stage: Stage, new: str) -> Rewrite | str:
    """Change the default of the one ARG that makes the reference, or its tag."""
    raw = stage.image.raw
    variables = [m.group(1) or m.group(2) for m in _VARIABLE.finditer(raw)]
    names = " and ".join(sorted(set(variables)))
    whole = _ONE_VARIABLE.match(raw)
    if len(variables) != 1 or not whole:
        head, colon, tail = raw.rpartition(":")
        one = _ONE_VARIABLE.match(tail)
        if len(variables) != 1 or not colon or not one or not new.startswith(f"{head}:"):
            return f"the name that is needed can't be made of {names}"
        new = new[len(head) + 1 :]
    name = variables[0]
    if len(re.findall(rf"\$\{{?{name}\b", doc.text)) != 1 or _declared(doc, name) != 1:
        return f"ARG {name} is used elsewhere too"
    for instruction in doc.tree.instructions:
        if instruction.keyword == "FROM":
            break
        for pair in pairs_of(instruction, doc.escape) if instruction.keyword == "ARG" else ():
            if pair.name == name and _PLAIN.match(pair.raw):
                place = _placed(instruction, pair.value_span)
                if place is not None:
                    return Rewrite(place, new, f"the default of ARG {name}")
    return f"the default of ARG {name} is not a plain word"


def _declared(doc: Document, name: str) -> int:
    return sum(
        pair.name == name for i in doc.tree.instructions if i.keyword == "ARG" for pair in pairs_of(i, doc.escape)
    )
