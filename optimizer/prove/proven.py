"""A fix that is proven: changes that do not hold are backed off until the rest does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from optimizer.prove.backoff import Found, OutOfBudget, back_off
from optimizer.prove.engines.base import EngineError, Recipe
from optimizer.prove.proof import Proof
from optimizer.prove.verify import Baseline, Prover, Tell
from optimizer.rewrite.change import Outcome, Safety
from optimizer.rewrite.identity import Identity, needs, places
from optimizer.syntax import Source, parse

# How often changes that come only where others are left out are looked for.
_ROUNDS = 5
_NOT_TRIED = "it came only because others were backed off, and was not tried"

Again = Callable[[Mapping[Identity, str]], Outcome]
ToRecipe = Callable[[Outcome], Recipe]


@dataclass
class Budget:
    """How many images may be built, and how many seconds all may take."""

    builds: int = 20
    seconds: float = 3600
    spent: int = 0
    started: float = field(default_factory=time.monotonic)

    def spend(self) -> None:
        """Count a build; raises OutOfBudget where it would be one too many."""
        if self.spent >= self.builds or self.left <= 0:
            raise OutOfBudget
        self.spent += 1

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.seconds - (time.monotonic() - self.started)


@dataclass(frozen=True)
class Proven:
    """What is proven of an outcome.

    `outcome` holds only changes that were built and held; what was backed off stands in its `left`.
    `proof` is that of the outcome, None where nothing changes. `first` is the proof of all
    changes together where that did not hold. `complete` is False where the budget or an interruption
    ended the search: more changes might hold.
    """

    outcome: Outcome
    proof: Proof | None
    first: Proof | None = None
    backed_off: tuple[Identity, ...] = ()
    builds: int = 0
    seconds: float = 0.0
    complete: bool = True
    interrupted: bool = False


def prove_outcome(
    outcome: Outcome, again: Again, recipe: ToRecipe, original: Recipe, prover: Prover, budget: Budget, tell: Tell
) -> Proven:
    """Return the largest part of an outcome that is proven to hold.

    `again` optimizes once more, without the changes named; `recipe` makes what is built of an outcome. Raises
    Unfit where the original does not build or run, and EngineError where the engine is at fault.
    """
    if not outcome.changed:
        return Proven(outcome, None)
    search = _Search(outcome, again, recipe, prover, budget, tell)
    budget.spend()
    search.base = prover.baseline(original)
    return search.run()


class _Search:
    base: Baseline

    def __init__(
        self, outcome: Outcome, again: Again, recipe: ToRecipe, prover: Prover, budget: Budget, tell: Tell
    ) -> None:
        self.outcome = outcome
        self.again = again
        self.recipe = recipe
        self.prover = prover
        self.plan = prover.plan
        self.budget = budget
        self.tell = tell
        self.all = tuple(item.identity for item in outcome.applied)
        self.proofs: dict[tuple[bytes, bytes | None], Proof] = {}
        self.first: Proof | None = None
        self.best: tuple[Outcome, Proof] | None = None
        self.found: Found[Identity] = Found()
        self.kept: frozenset[Identity] = frozenset()

    def run(self) -> Proven:
        """Search, and return the best also where it is interrupted."""
        interrupted = False
        try:
            back_off(self.all, needs(self.outcome), self._test, self._suspects(), self.found)
            if self.found.complete and len(self.found.kept) < len(self.all):
                self._try_newcomers()
        except KeyboardInterrupt:
            interrupted = True
        except EngineError:
            if self.best is None:
                raise
            # What was proven before the engine went away stays proven.
            self.found.complete = False
        return self._result(interrupted)

    def _test(self, kept: frozenset[Identity]) -> str:
        outcome = self._without({one: "" for one in self.all if one not in kept})
        proof = self._prove(outcome, kept)
        if self.first is None:
            self.first = proof
        if proof.holds and (self.best is None or len(kept) > len(self.found.kept)):
            self._take(outcome, proof, kept)
        return proof.reason or ("" if proof.holds else proof.verdict.value)

    def _take(self, outcome: Outcome, proof: Proof, kept: frozenset[Identity]) -> None:
        former = self.best
        self.best, self.kept = (outcome, proof), kept
        if former is not None and former[1].after is not proof.after:
            self.prover.forget(former[1].after)

    def _without(self, out: Mapping[Identity, str]) -> Outcome:
        """Optimize without some changes, and without those that come only where these are left out."""
        without = dict(out)
        outcome = self.outcome
        for _ in range(_ROUNDS if out else 0):
            outcome = self.again(without)
            fresh = {item.identity for item in outcome.applied} - set(self.all)
            if not fresh:
                break
            without |= dict.fromkeys(fresh, _NOT_TRIED)
        return outcome

    def _prove(self, outcome: Outcome, kept: frozenset[Identity]) -> Proof:
        made = self.recipe(outcome)
        key = (made.data, made.ignore)
        if key not in self.proofs:
            self.budget.spend()
            spent, most = self.budget.spent, self.budget.builds
            self.tell(f"build {spent} of at most {most}, with {len(kept)} of {len(self.all)} changes")
            self.prover.plan = replace(self.plan, limit=max(1.0, min(self.plan.limit, self.budget.left)))
            proof = self.prover.prove(self.base, made, outcome, quick=True)
            if not proof.holds:
                self.prover.forget(proof.after)
            self.proofs[key] = proof
        return self.proofs[key]

    def _suspects(self) -> Iterator[frozenset[Identity]]:
        """Yield sets of changes that may be to blame, the likeliest first; asked for when all together did not hold."""
        proof = self.first
        if proof is not None:
            yield self._blamed(proof)
        for level in (Safety.RISKY, Safety.REVIEW):
            yield frozenset(i.identity for i in self.outcome.applied if i.safety.at_least(level) is i.safety)

    def _blamed(self, proof: Proof) -> frozenset[Identity]:
        if proof.failure is not None and proof.failure.line:
            return self._at_line(proof.failure.line)
        named = {name for f in proof.comparison.broken for name in f.explained_by.split(", ")}
        return frozenset(item.identity for item in self.outcome.applied if item.transform in named)

    def _at_line(self, line: int) -> frozenset[Identity]:
        """Return the changes that touched the instruction that stands at a line of the result."""
        source = Source(self.outcome.after)
        for node in parse(source.text).instructions:
            first, last = source.position(node.start)[0], source.position(max(node.start, node.end - 1))[0]
            if first <= line <= last:
                return frozenset(
                    one
                    for one, spans in places(self.outcome).items()
                    if any(node.start <= s.end and s.start < node.end for s in spans)
                )
        return frozenset()

    def _try_newcomers(self) -> None:
        """Try what came only because others were left out: a clean-up in another place, as a rule."""
        out = self._reasons()
        more = self.again(out)
        if all(item.identity in self.all for item in more.applied):
            return
        with suppress(OutOfBudget):
            proof = self._prove(more, self.found.kept)
            if proof.holds:
                self._take(more, proof, self.found.kept)

    def _result(self, interrupted: bool) -> Proven:
        out = self._reasons()
        outcome, proof = self.best or (None, None)
        if outcome is None:
            nothing = self._without(out)
            outcome = replace(nothing, after=nothing.before, new_files={})
        elif out and all(item.identity in self.all for item in outcome.applied):
            outcome = self._without(out)  # the same again, with the reasons told
        elif out:
            outcome = self.again(out)
        first = self.first if self.first is not None and not self.first.holds else None
        seconds = self.budget.seconds - self.budget.left
        complete = self.found.complete and not interrupted
        return Proven(outcome, proof, first, tuple(out), self.budget.spent, seconds, complete, interrupted)

    def _reasons(self) -> dict[Identity, str]:
        return {one: self._told(one) for one in self.all if one not in self.kept}

    def _told(self, one: Identity) -> str:
        reason = self.found.reasons.get(one, "")
        if reason:
            return f"backed off, as the image does not hold with it: {reason}"
        return "backed off: not tried before the search ended"
