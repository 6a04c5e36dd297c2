"""Building, reading, comparing and running two images."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from optimizer.prove.compare.comparing import compare
from optimizer.prove.compare.types import Comparison
from optimizer.prove.engines.base import BuildFailed, BuildPlan, Engine, EngineError, Recipe
from optimizer.prove.image.reader import read_image
from optimizer.prove.image.types import ImageError
from optimizer.prove.proof import Image, Proof, Verdict
from optimizer.prove.running.judge import judge
from optimizer.prove.running.types import Check, Seen, Wish
from optimizer.prove.running.watch import watch
from optimizer.rewrite.change import Outcome

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Baseline:
    """The original: its image, and what was seen of its container."""

    image: Image
    seen: Seen


class Unfit(Exception):
    """The original is no measure: it does not build, or does not run. `proof` says so."""

    def __init__(self, proof: Proof) -> None:
        super().__init__(proof.reason)
        self.proof = proof


@dataclass
class Prover:
    """Proves that images do what an original does.

    `version` is the engine's. `runs` False leaves the running out. `tell` hears what is being done.
    Every method raises EngineError where the engine is at fault.
    """

    engine: Engine
    version: str
    plan: BuildPlan
    wish: Wish
    tell: Tell = lambda _: None
    runs: bool = True

    @property
    def engine_name(self) -> str:
        """Name and version of the engine."""
        return f"{self.engine.name} {self.version}"

    def baseline(self, original: Recipe | str) -> Baseline:
        """Build the original, or take the image of that name, and watch it run; raises Unfit where it does not."""
        started = time.monotonic()
        try:
            image = self._image(original, "the original")
        except BuildFailed as error:
            verdict = Verdict.ORIGINAL_DOES_NOT_BUILD
            raise Unfit(Proof(verdict, self.engine_name, failure=error, seconds=_since(started))) from error
        if not self.runs:
            return Baseline(image, Seen())
        self.tell("running the original")
        seen = watch(self.engine, image.ident, image.reading.config, self.wish)
        served = seen.port is not None and (seen.running or self.wish.request != "" or self.wish.port is not None)
        problem = seen.failed(served)
        if problem:
            verdict = Verdict.ORIGINAL_DOES_NOT_RUN
            proof = Proof(verdict, self.engine_name, image, problem=problem, seen=seen, seconds=_since(started))
            raise Unfit(proof)
        return Baseline(image, seen)

    def prove(self, base: Baseline, other: Recipe | str, outcome: Outcome | None = None, quick: bool = False) -> Proof:
        """Build another image and hold it against the original.

        `outcome` is the rewrite whose changes explain differences, None where there is none. With `quick`,
        the images are compared only where the container did what the original's did.
        """
        started = time.monotonic()
        proof = Proof(Verdict.DOES_NOT_HOLD, self.engine_name, base.image, seen=base.seen)
        try:
            image = self._image(other, "the result")
        except BuildFailed as error:
            return replace(proof, verdict=Verdict.DOES_NOT_BUILD, failure=error, seconds=_since(started))
        checks = self._checks(base, image)
        comparison = Comparison()
        if not quick or all(check.holds for check in checks):
            self.tell("comparing the images")
            comparison = compare(base.image.reading, image.reading, outcome)
        holds = all(check.holds for check in checks) and comparison.holds
        return replace(
            proof,
            verdict=Verdict.HOLDS if holds else Verdict.DOES_NOT_HOLD,
            after=image,
            checks=checks,
            comparison=comparison,
            seconds=_since(started),
        )

    def forget(self, image: Image | None) -> None:
        """Remove an image that was built and is not needed any more."""
        if image is not None:
            with suppress(EngineError):
                self.engine.remove_image(image.ident)

    def _checks(self, base: Baseline, image: Image) -> tuple[Check, ...]:
        if not self.runs:
            return ()
        self.tell("running the result")
        seen = watch(self.engine, image.ident, image.reading.config, self.wish)

        def again() -> Seen:
            self.tell("running the original once more, for what varies by itself")
            return watch(self.engine, base.image.ident, base.image.reading.config, self.wish)

        return judge(base.seen, seen, again, self.wish.masks)

    def _image(self, source: Recipe | str, what: str) -> Image:
        started = time.monotonic()
        if isinstance(source, Recipe):
            self.tell(f"building {what}")
            ident, name = self.engine.build(source, self.plan), source.name
        else:
            ident, name = self.engine.ident(source), source
        seconds = _since(started)
        self.tell(f"reading {what}")
        try:
            with self.engine.archive(ident) as stream:
                reading = read_image(stream, where=f"the image of {name}")
        except ImageError as error:
            raise EngineError(str(error)) from error
        return Image(name, ident, reading, seconds)


def _since(started: float) -> float:
    return time.monotonic() - started
