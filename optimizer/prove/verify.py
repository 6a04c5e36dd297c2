"""Building, reading, comparing and running two images."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from optimizer.prove.compare.comparing import compare
from optimizer.prove.engines.base import BuildFailed, BuildPlan, Engine, EngineError, Recipe
from optimizer.prove.image.layer import LayerFiles
from optimizer.prove.image.reader import read_image
from optimizer.prove.image.types import ImageError
from optimizer.prove.proof import Image, Proof, Verdict
from optimizer.prove.running.judge import judge
from optimizer.prove.running.types import Check, Seen, Wish
from optimizer.prove.running.watch import watch
from optimizer.prove.scan import scan_both
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

    `version` is the engine's. `runs` False leaves the running out. `layers` are those
    that were read, which images share. `tell` hears what is being done.
    Every method raises EngineError where the engine is at fault.
    """

    engine: Engine
    version: str
    plan: BuildPlan
    wish: Wish
    tell: Tell = lambda _: None
    runs: bool = True
    layers: dict[str, LayerFiles] = field(default_factory=dict)

    @property
    def engine_name(self) -> str:
        """Name and version of the engine."""
        return f"{self.engine.name} {self.version}"

    def baseline(self, original: Recipe | str) -> Baseline:
        """Build the original, or take the image of that name, and watch it run; raises Unfit where it does not."""
        started = time.monotonic()
        try:
            image = self._read(self._built(original, "the original"), "the original")
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

        `outcome` is the rewrite whose changes explain differences, None where there is none. With `quick`, an
        image whose container does not do what the original's did is removed at once, and not read.
        """
        started = time.monotonic()
        proof = Proof(Verdict.DOES_NOT_HOLD, self.engine_name, base.image, seen=base.seen)
        try:
            built = self._built(other, "the result")
        except BuildFailed as error:
            return replace(proof, verdict=Verdict.DOES_NOT_BUILD, failure=error, seconds=_since(started))
        checks = self._checks(base, built)
        held = all(check.holds for check in checks)
        if quick and not held:
            self._remove(built.ident)
            return replace(proof, checks=checks, seconds=_since(started))
        image = self._read(built, "the result")
        self.tell("comparing the images")
        comparison = compare(base.image.reading, image.reading, outcome)
        return replace(
            proof,
            verdict=Verdict.HOLDS if held and comparison.holds else Verdict.DOES_NOT_HOLD,
            after=image,
            checks=checks,
            comparison=comparison,
            seconds=_since(started),
        )

    def scanned(self, proof: Proof) -> Proof:
        """Return a proof with the known vulnerabilities of both images, where a scanner is installed."""
        if proof.before is None or proof.after is None:
            return proof
        self.tell("looking for known vulnerabilities")
        before, after = (partial(self.engine.archive, image.ident) for image in (proof.before, proof.after))
        return replace(proof, scans=scan_both(before, after, folder=self.engine.folder))

    def forget(self, image: Image | None) -> None:
        """Remove an image that was built and is not needed any more."""
        if image is not None:
            self._remove(image.ident)

    def _remove(self, ident: str) -> None:
        with suppress(EngineError):
            self.engine.remove_image(ident)

    def _checks(self, base: Baseline, built: _Built) -> tuple[Check, ...]:
        if not self.runs:
            return ()
        self.tell("running the result")
        # What the original exposes and how its health is asked for is what the other one is asked, too.
        config = base.image.reading.config
        seen = watch(self.engine, built.ident, config, self.wish)

        def again() -> Seen:
            self.tell("running the original once more, for what varies by itself")
            return watch(self.engine, base.image.ident, config, self.wish)

        return judge(base.seen, seen, again, self.wish.masks)

    def _built(self, source: Recipe | str, what: str) -> _Built:
        started = time.monotonic()
        if isinstance(source, str):
            return _Built(source, self.engine.ident(source), 0.0)
        self.tell(f"building {what}")
        return _Built(source.name, self.engine.build(source, self.plan), _since(started))

    def _read(self, built: _Built, what: str) -> Image:
        self.tell(f"reading {what}")
        try:
            with self.engine.archive(built.ident) as stream:
                reading = read_image(stream, where=f"the image of {built.name}", known=self.layers)
        except ImageError as error:
            raise EngineError(str(error)) from error
        return Image(built.name, built.ident, reading, built.seconds)


class _Built(NamedTuple):
    name: str
    ident: str
    seconds: float


def _since(started: float) -> float:
    return time.monotonic() - started
