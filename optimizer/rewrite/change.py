"""What a transform finds: edits, grouped into changes that are applied whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from typing import NamedTuple

from optimizer.syntax import Span


class Safety(Enum):
    """The promise of a change, worst case over everything that a user can observe."""

    SAFE = "safe"
    REVIEW = "review"
    RISKY = "risky"
    ADVICE = "advice"

    @property
    def level(self) -> int:
        """The lowest -O level that applies such a change; 4 means none does."""
        return _LEVELS[self]

    def at_least(self, other: Safety) -> Safety:
        """Return the less safe of the two."""
        return self if self.level >= other.level else other


_LEVELS = {Safety.SAFE: 1, Safety.REVIEW: 2, Safety.RISKY: 3, Safety.ADVICE: 4}


class Phase(IntEnum):
    """When a transform runs; each sees the text that the earlier ones left."""

    TIDY = 10
    RELEASE = 15
    PACKAGES = 20
    STAGES = 30
    BASE = 40
    LAYERS = 50
    CACHE = 60
    CLEAN = 70
    HARDEN = 80


class Edit(NamedTuple):
    """Replace the characters of `span` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True)
class Change:
    """One reviewable unit of a diff.

    `why` gives the reason in a sentence, `evidence` how it was known, `saves` what it wins (""
    where that is not known). `safety` None means the usual safety of its transform. `level` raises
    the -O level from which it is applied, for changes that are safe but not always wanted.
    An advice has no edits; `at` is the place that it speaks of.
    """

    title: str
    why: str
    edits: tuple[Edit, ...] = ()
    safety: Safety | None = None
    evidence: str = ""
    saves: str = ""
    level: int = 0
    at: int | None = None

    @property
    def place(self) -> int:
        """The offset of the change's first character."""
        if self.at is not None:
            return self.at
        return min((e.span.start for e in self.edits), default=0)

    @property
    def applied_from(self) -> int:
        """The lowest -O level that applies the change."""
        return max((self.safety or Safety.SAFE).level, self.level)

    def lowered(self, safety: Safety, reason: str) -> Change:
        """Return the change with its safety lowered to `safety` at least, and the reason said."""
        current = self.safety or Safety.SAFE
        if current.at_least(safety) is current:
            return self
        return replace(self, safety=safety, evidence=f"{self.evidence}; {reason}" if self.evidence else reason)


@dataclass(frozen=True)
class Left:
    """A place that was looked at and left alone, and why. `line` counts from 1 in `Step.before`."""

    transform: str
    title: str
    reason: str
    line: int
    column: int = 1
    level: int = 0


@dataclass(frozen=True)
class Applied:
    """A change that was applied, where it stood before, and the safety that it ended with."""

    transform: str
    change: Change
    line: int
    column: int

    @property
    def safety(self) -> Safety:
        """The safety of the change."""
        return self.change.safety or Safety.SAFE


@dataclass(frozen=True)
class Step:
    """One transform's turn: the text before and after it, and what it did and left."""

    transform: str
    before: str
    after: str
    applied: tuple[Applied, ...] = ()
    left: tuple[Left, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """All that came of one Dockerfile. `new_files` maps paths beside it to their contents.

    `left` holds what is held for a higher level (its `level` says which) and what was left alone
    (`level` 0). `advice` are findings without an edit. `faults` are transforms that were dropped
    by a check: each is a bug in dockopt.
    """

    name: str
    before: str
    after: str
    steps: tuple[Step, ...] = ()
    advice: tuple[Applied, ...] = ()
    faults: tuple[str, ...] = ()
    new_files: dict[str, str] = field(default_factory=dict)

    @property
    def applied(self) -> tuple[Applied, ...]:
        """The applied changes in the order of the steps."""
        return tuple(a for step in self.steps for a in step.applied)

    @property
    def left(self) -> tuple[Left, ...]:
        """The places held back or left alone, in the order of the steps."""
        return tuple(item for step in self.steps for item in step.left)

    @property
    def changed(self) -> bool:
        """Whether the text or a file beside it changes."""
        return self.before != self.after or bool(self.new_files)
