"""A fix that is proven: what breaks is backed off, the rest is kept, and the search has its bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from optimizer.prove.engines.base import BuildFailed, BuildPlan, EngineError, Recipe
from optimizer.prove.image.types import ImageConfig, ImageReading, Packages, Sizes, Surface
from optimizer.prove.proof import Image, Proof, Verdict
from optimizer.prove.proven import Budget, Proven, prove_outcome
from optimizer.prove.running.types import Check, Seen
from optimizer.prove.verify import Baseline, Unfit
from optimizer.report.diff import file_diff
from optimizer.report.verify_notes import backed_off, how_proven
from optimizer.rewrite.change import Outcome
from optimizer.rewrite.identity import Identity
from optimizer.rewrite.pipeline import Options, optimize
from optimizer.syntax import Source
from optimizer.syntax.source import encode

TEXT = """FROM registry.example.com/team/python:3.11
MAINTAINER Ada
ENV A 1
RUN apt-get update
RUN apt-get install -y libpq-dev git
RUN pip install flask
EXPOSE 80/TCP
CMD python app.py
"""


@dataclass
class FakeProver:
    """An image breaks where its Dockerfile holds one of some words."""

    breaks: tuple[str, ...] = ()
    fails_to_build: tuple[str, ...] = ()
    stops_at: int = 0
    plan: BuildPlan = field(default_factory=BuildPlan)
    built: list[str] = field(default_factory=list)
    there: set[str] = field(default_factory=set)

    def image(self, recipe: Recipe) -> Image:
        self.built.append(recipe.data.decode())
        if len(self.built) == self.stops_at:
            raise KeyboardInterrupt
        ident = f"image-{len(self.built)}"
        self.there.add(ident)
        reading = ImageReading("x", ImageConfig(), (), {}, Packages(), Surface(), Sizes(len(recipe.data) * 1000, 0, 0))
        return Image(recipe.name, ident, reading)

    def baseline(self, original: Recipe) -> Baseline:
        return Baseline(self.image(original), Seen())

    def prove(self, base: Baseline, other: Recipe, outcome: Outcome, quick: bool = False) -> Proof:
        text = other.data.decode()
        proof = Proof(Verdict.DOES_NOT_HOLD, "fake 1", base.image)
        image = self.image(other)
        for word in self.fails_to_build:
            if word in text:
                self.there.discard(image.ident)
                line = text[: text.index(word)].count("\n") + 1
                return replace(
                    proof,
                    verdict=Verdict.DOES_NOT_BUILD,
                    failure=BuildFailed(other.name, line, "RUN", "exit code: 1", ()),
                )
        for word in self.breaks:
            if word in text:
                return replace(proof, after=image, checks=(Check("output", "compared", False, "fine", f"no {word}"),))
        check = Check("output", "compared", True, "fine", "fine")
        return replace(proof, verdict=Verdict.HOLDS, after=image, checks=(check,))

    def forget(self, image: Image | None) -> None:
        if image is not None:
            self.there.remove(image.ident)


def prove(prover: FakeProver, text: str = TEXT, budget: Budget | None = None) -> Proven:
    source = Source(text)

    def again(without: Mapping[Identity, str]) -> Outcome:
        return optimize(source, Options(level=3, without=without))

    def recipe(outcome: Outcome) -> Recipe:
        return Recipe(encode(outcome.after), "Dockerfile (optimized)")

    original = Recipe(encode(text), "Dockerfile")
    return prove_outcome(again({}), again, recipe, original, prover, budget or Budget(), lambda _: None)  # type: ignore


def names(proven: Proven) -> set[str]:
    return {one.transform for one in proven.backed_off}


def test_what_holds_takes_two_builds() -> None:
    prover = FakeProver()
    proven = prove(prover)
    assert proven.builds == 2 and proven.backed_off == () and proven.complete
    assert proven.outcome.after == optimize(Source(TEXT), Options(level=3)).after
    assert proven.proof is not None and proven.proof.holds and proven.first is None


def test_nothing_to_change_builds_nothing() -> None:
    prover = FakeProver()
    proven = prove(prover, "FROM scratch\n")
    assert (proven.builds, prover.built, proven.proof) == (0, [], None)


def test_a_change_that_breaks_is_backed_off_and_the_reason_is_told() -> None:
    prover = FakeProver(breaks=("--no-install-recommends",))
    proven = prove(prover)
    assert names(proven) == {"apt-no-recommends"}
    assert "--no-install-recommends" not in proven.outcome.after
    assert 'CMD ["python", "app.py"]' in proven.outcome.after and "--no-cache-dir" in proven.outcome.after
    assert prover.built[-1] != TEXT and proven.outcome.after in prover.built, "what is printed was built"
    told = [item.reason for item in proven.outcome.left if item.transform == "apt-no-recommends"]
    assert told == ["backed off, as the image does not hold with it: output: no --no-install-recommends, before: fine"]
    lines = list(backed_off(proven))
    assert lines[0].startswith("Dockerfile:5:") and "apt-no-recommends" in lines[0]
    assert "1 backed off" in lines[-1]


def test_a_build_that_fails_points_at_the_change() -> None:
    prover = FakeProver(fails_to_build=("--no-cache-dir",))
    proven = prove(prover)
    assert "pip-no-cache-dir" in names(proven)
    assert "--no-cache-dir" not in proven.outcome.after
    assert proven.outcome.after in prover.built


def test_two_changes_that_break_each_for_itself() -> None:
    prover = FakeProver(breaks=("--no-install-recommends", 'CMD ["'))
    proven = prove(prover)
    assert names(proven) == {"apt-no-recommends", "exec-form-cmd"}
    assert proven.complete and proven.proof is not None and proven.proof.holds


def test_images_that_are_not_needed_are_removed_on_the_way() -> None:
    prover = FakeProver(breaks=("--no-install-recommends", "LABEL"))
    proven = prove(prover)
    assert proven.proof is not None and proven.proof.after is not None
    assert prover.there == {"image-1", proven.proof.after.ident}


def test_no_text_is_built_twice() -> None:
    prover = FakeProver(breaks=("--no-install-recommends", "LABEL", 'CMD ["'))
    prove(prover)
    assert len(set(prover.built)) == len(prover.built)


@pytest.mark.parametrize("builds", range(2, 12))
def test_the_budget_bounds_the_builds(builds: int) -> None:
    prover = FakeProver(breaks=("--no-install-recommends", "LABEL", 'CMD ["'))
    proven = prove(prover, budget=Budget(builds=builds))
    assert len(prover.built) == proven.builds <= builds
    if proven.proof is None:
        assert not proven.outcome.changed and not proven.complete
    else:
        assert proven.proof.holds and proven.outcome.after in prover.built


def test_no_time_left_is_no_build() -> None:
    proven = prove(FakeProver(breaks=("LABEL",)), budget=Budget(seconds=1e9))
    assert proven.proof is not None
    budget = Budget(seconds=1e9)
    prover = FakeProver()
    prover.baseline = lambda original: (setattr(budget, "seconds", -1.0), FakeProver().baseline(original))[1]  # type: ignore
    late = prove(prover, budget=budget)
    assert late.builds == 1 and not late.outcome.changed and not late.complete


@pytest.mark.parametrize("stops_at", range(2, 9))
def test_an_interruption_gives_the_best_that_was_proven(stops_at: int) -> None:
    prover = FakeProver(breaks=("--no-install-recommends", "LABEL"), stops_at=stops_at)
    proven = prove(prover)
    if proven.interrupted:
        assert not proven.complete
    if proven.outcome.changed:
        assert proven.proof is not None and proven.proof.holds
        assert proven.outcome.after in prover.built[: stops_at - 1 if proven.interrupted else None]
    else:
        assert proven.proof is None and proven.interrupted


@pytest.mark.parametrize("dies_at", [2, 3, 4])
def test_an_engine_that_goes_away_takes_nothing_that_was_proven(dies_at: int) -> None:
    class Dying(FakeProver):
        def prove(self, *arguments: object, **more: object) -> Proof:
            if len(self.built) + 1 == dies_at:
                raise EngineError("the daemon is gone")
            return super().prove(*arguments, **more)  # type: ignore[arg-type]

    prover = Dying(breaks=("--no-install-recommends",))
    if dies_at < 4:
        with pytest.raises(EngineError):
            prove(prover)
        return
    proven = prove(prover)
    assert proven.outcome.changed and proven.outcome.after in prover.built and not proven.complete


def test_an_original_that_does_not_build_is_told_as_that() -> None:
    prover = FakeProver()

    def baseline(original: Recipe) -> Baseline:
        raise Unfit(Proof(Verdict.ORIGINAL_DOES_NOT_BUILD, "fake 1"))

    prover.baseline = baseline  # type: ignore[method-assign]
    with pytest.raises(Unfit):
        prove(prover)
    assert prover.built == []


def test_everything_breaks_leaves_the_file_as_it_is() -> None:
    class Never(FakeProver):
        def prove(self, *arguments: object, **more: object) -> Proof:
            proof = super().prove(*arguments, **more)  # type: ignore[arg-type]
            return replace(proof, verdict=Verdict.DOES_NOT_HOLD, problem="it never holds")

    proven = prove(Never(), budget=Budget(builds=99))
    assert not proven.outcome.changed and proven.proof is None and proven.complete
    assert len(proven.backed_off) == len(optimize(Source(TEXT), Options(level=3)).applied)
    assert proven.first is not None and proven.first.reason == "it never holds"


def test_a_clean_up_that_moves_when_a_merge_is_backed_off_is_tried_too() -> None:
    text = "FROM debian:12\nRUN apt-get update && apt-get install -y git\nRUN echo hi\n"
    whole = optimize(Source(text), Options(level=3))
    assert "echo hi \\\n" in whole.after, "the merge moves the clean-up behind the second RUN"
    proven = prove(FakeProver(breaks=("&& echo hi",)), text)
    assert "merged-runs" in names(proven)
    assert "git \\\n    && rm -rf /var/lib/apt/lists/*\nRUN echo hi\n" in proven.outcome.after


def test_the_diff_says_how_it_was_proven() -> None:
    proven = prove(FakeProver(breaks=("--no-install-recommends",)))
    outcome = replace(proven.outcome, proven=tuple(how_proven(proven)))
    notes = file_diff(outcome)
    assert "# Proven:\n#     both images were built with fake 1: " in notes
    assert "both ran alike: output (compared)" in notes
    assert f"1 change was backed off in {proven.builds} builds" in notes
