"""The claim that a script for Debian became the same one for Alpine.

Both sides are said in Alpine's words; what is Alpine's already stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.facts.apk import Refusal, groups_by_number, translated
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.model import Entry

_NOTHING = "\x00nothing"
_without_nothing = commands_like(_NOTHING)


def said_for_alpine(model: list[Entry]) -> list[Entry]:
    """Return a build model with apt-get, useradd and their like in the words of apk and BusyBox."""
    groups = groups_by_number(e.words for e in model if e.kind == "$")
    out: list[Entry] = []
    for entry in model:
        out += _said(entry, groups) if entry.kind == "$" and entry.glue != "$(" else [entry]
    return _without_nothing([e._replace(words=_sorted(e.words)) if e.kind == "$" else e for e in out])


def _said(entry: Entry, groups: dict[str, str]) -> list[Entry]:
    found = translated(entry.words, groups)
    if found is None or isinstance(found, Refusal):
        return [entry]
    if not found:
        return [entry._replace(words=(_NOTHING,))]
    first, *rest = found
    return [entry._replace(words=first), *(Entry("$", "&&", words) for words in rest)]


def _sorted(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a call of apk in an order that its packages do not depend on."""
    head = tuple(words[:3])
    return (*head, *sorted(words[3:])) if head == ("apk", "add", "--no-cache") else tuple(words)
