"""What came of a proof."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from optimizer.prove.compare.types import Comparison
from optimizer.prove.engines.base import BuildFailed
from optimizer.prove.image.types import ImageReading
from optimizer.prove.running.types import Check, Seen
from optimizer.prove.scan import Scans


class Verdict(Enum):
    """How a proof ended; the value is for people and programs."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does not hold"
    DOES_NOT_BUILD = "does not build"
    ORIGINAL_DOES_NOT_BUILD = "the original does not build"
    ORIGINAL_DOES_NOT_RUN = "the original does not run"


@dataclass(frozen=True)
class Image:
    """An image: the name that messages use, its id in the engine, what was read of it, and how long the build took."""

    name: str
    ident: str
    reading: ImageReading
    seconds: float = 0.0


@dataclass(frozen=True)
class Proof:
    """The proof of one pair.

    `engine` is its name and version. `failure` is that of a build; `problem` says why the original is
    no measure. `seen` is what was seen of the original's container, `scans` what a scanner found, None where
    none was asked. `seconds` is the time that all took.
    """

    verdict: Verdict
    engine: str
    before: Image | None = None
    after: Image | None = None
    checks: tuple[Check, ...] = ()
    comparison: Comparison = field(default_factory=Comparison)
    failure: BuildFailed | None = None
    problem: str = ""
    seen: Seen | None = None
    scans: Scans | None = None
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether the second image can stand for the first."""
        return self.verdict is Verdict.HOLDS

    @property
    def reasons(self) -> Iterator[str]:
        """Why it does not hold, the weightiest first."""
        if self.failure is not None:
            yield str(self.failure)
        if self.problem:
            yield self.problem
        for check in self.checks:
            if not check.holds:
                was = f", before: {check.before}" if check.before else ""
                yield f"{check.name}: {check.after or 'nothing'}{was}"
        for finding in self.comparison.broken:
            yield f"{finding.where}: {finding.what}"

    @property
    def reason(self) -> str:
        """The first reason, "" where it holds."""
        return next(self.reasons, "")
