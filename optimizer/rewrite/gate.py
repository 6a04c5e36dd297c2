"""The gate: the build model before and after, where every difference must be claimed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from optimizer.facts.document import Document
from optimizer.rewrite.apt_state import AptState, simulate
from optimizer.rewrite.claims import Claim
from optimizer.rewrite.model import Entry, build_model
from optimizer.rewrite.suppression import Pragma, read_pragmas


class Reading:
    """A document with its build model and the simulation of its layers, each made once."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def pragmas(self) -> list[Pragma]:
        """What the file holds back."""
        return read_pragmas(self.document)

    @cached_property
    def model(self) -> list[Entry]:
        """The build model."""
        return build_model(self.document)

    @cached_property
    def apt(self) -> AptState:
        """What apt's lists do through the layers."""
        return simulate(self.document) if "apt" in self.document.text else AptState()


def unclaimed(before: Reading, after: Reading, claims: Iterable[Claim]) -> str:
    """Return the first difference that no claim covers, "" where all are covered.

    Also an install that found apt's lists before and would not after is such a difference.
    """
    first, second = before.model, after.model
    if first != second:
        for claim in claims:
            first, second = claim(first), claim(second)
        if first != second:
            return _difference(first, second)
    return _starved(before.apt, after.apt)


def _starved(old: AptState, new: AptState) -> str:
    gone = (new.starved - old.starved).keys() & old.fed.keys()
    if gone or new.installs_starved > old.installs_starved:
        names = " ".join(sorted(gone or (new.starved - old.starved)))
        return f"apt-get install {names} would find no package lists"
    return ""


def _difference(before: list[Entry], after: list[Entry]) -> str:
    for left, right in zip(before, after, strict=False):
        if left != right:
            return f"{_line(left)!r} became {_line(right)!r}"
    longer = before if len(before) > len(after) else after
    return f"{'lost' if longer is before else 'gained'}: {_line(longer[min(len(before), len(after))])}"


def _line(entry: Entry) -> str:
    return f"{entry.kind} {entry.glue} {' '.join(entry.words)}".strip()[:160]
