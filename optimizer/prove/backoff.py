"""Delta debugging: the largest set of changes that still holds.

The search keeps a set of which it is proven that it holds, at first none at all, and adds to it. It
ends where no change that is left out can be added: the set left out is then one-minimal, in the
words of Zeller and Hildebrandt (Simplifying and Isolating Failure-Inducing Input, 2002), whose ddmin this is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

A = TypeVar("A")


class OutOfBudget(Exception):
    """Raised by a test that may not be made any more."""


@dataclass
class Found(Generic[A]):
    """What the search knows, also when it is interrupted.

    `kept` holds, as was tested. `reasons` tells of each change that is left out why the set did not hold
    with it. `complete` is False where the budget ended the search, so that more might be kept.
    """

    kept: frozenset[A] = frozenset()
    reasons: dict[A, str] = field(default_factory=dict)
    complete: bool = False


def back_off(
    atoms: Sequence[A],
    needs: Mapping[A, frozenset[A]],
    test: Callable[[frozenset[A]], str],
    suspects: Iterable[Iterable[A]] = (),
    found: Found[A] | None = None,
) -> Found[A]:
    """Search the largest subset of `atoms` that holds.

    `needs` says on which others each rests; only sets that hold all that they rest on are tested. `test`
    returns "" or why a set does not hold, and raises OutOfBudget to end the search. `suspects` are sets
    that are left out first, one after the other, until something holds. `found` is filled while the
    search goes on, for whoever interrupts it.
    """
    search = _Search(atoms, needs, test, found if found is not None else Found())
    try:
        search.run(suspects)
        search.found.complete = True
    except OutOfBudget:
        pass
    return search.found


class _Search(Generic[A]):
    def __init__(
        self,
        atoms: Sequence[A],
        needs: Mapping[A, frozenset[A]],
        test: Callable[[frozenset[A]], str],
        found: Found[A],
    ) -> None:
        self.atoms = atoms
        self.test = test
        self.found = found
        self.known: dict[frozenset[A], str] = {frozenset(): ""}
        self.rests = {a: self._rests_on(a, needs) for a in atoms}

    def _rests_on(self, atom: A, needs: Mapping[A, frozenset[A]]) -> frozenset[A]:
        """Return an atom with all on which it rests, directly or not."""
        seen: set[A] = set()
        waiting = [atom]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += needs.get(one, frozenset())
        return frozenset(seen)

    def run(self, suspects: Iterable[Iterable[A]]) -> None:
        """Search: everything, all but the suspects, then ddmin over what is left out."""
        if self._holds(self._closed(self.atoms)):
            return
        for group in suspects:
            out = set(group)
            kept = frozenset(a for a in self.atoms if not self.rests[a] & out)
            if kept and self._holds(kept):
                break
        pieces = 2
        while True:
            rest = [a for a in self.atoms if a not in self.found.kept]
            if not rest:
                return
            pieces = min(pieces, len(rest))
            if self._add_some(rest, pieces):
                pieces = max(pieces - 1, 2)
            elif pieces == len(rest):
                return
            else:
                pieces *= 2

    def _add_some(self, rest: Sequence[A], pieces: int) -> bool:
        """Add one piece of the rest, which proves something early, or all but one."""
        chunks = list(_chunks(rest, pieces))
        if any(self._add(chunk) for chunk in chunks):
            return True
        return pieces > 2 and any(self._add(a for a in rest if a not in chunk) for chunk in chunks)

    def _add(self, more: Iterable[A]) -> bool:
        more = list(more)
        wanted = self._closed([*self.found.kept, *more])
        if wanted == self.found.kept:
            return False
        holds = self._holds(wanted)
        if not holds and len(more) == 1:
            self.found.reasons[more[0]] = self.known[wanted]
        return holds

    def _closed(self, atoms: Iterable[A]) -> frozenset[A]:
        return frozenset(one for a in atoms for one in self.rests[a])

    def _holds(self, kept: frozenset[A]) -> bool:
        if kept not in self.known:
            self.known[kept] = self.test(kept)
        reason = self.known[kept]
        if reason:
            for atom in set(self.atoms) - self.found.kept:
                if atom in kept:
                    self.found.reasons.setdefault(atom, reason)
            return False
        if len(kept) > len(self.found.kept):
            self.found.kept = kept
            for atom in kept:
                self.found.reasons.pop(atom, None)
        return True


def _chunks(items: Sequence[A], pieces: int) -> Iterator[Sequence[A]]:
    size, more = divmod(len(items), pieces)
    start = 0
    for number in range(pieces):
        end = start + size + (number < more)
        yield items[start:end]
        start = end
