"""The way of a Dockerfile through the transforms: text in, Outcome out."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from optimizer.context.files import BuildContext
from optimizer.context.ignore import NAME as IGNORE_NAME
from optimizer.facts.document import Document
from optimizer.facts.settings import Settings
from optimizer.rewrite.change import Applied, Change, Edit, Left, NewFile, Outcome, Safety, Step
from optimizer.rewrite.checks import broken
from optimizer.rewrite.claims import Claim
from optimizer.rewrite.edits import overlaps, splice
from optimizer.rewrite.gate import Reading, unclaimed
from optimizer.rewrite.guards import guard
from optimizer.rewrite.identity import Identity, origin
from optimizer.rewrite.registry import Transform, all_transforms, select
from optimizer.rewrite.second_reader import agrees
from optimizer.syntax import Source, Span, parse


@dataclass(frozen=True)
class Options:
    """How to optimize: the -O level (1 to 3), the transforms, the settings and the build context.

    `without` names changes that are left out, each with the reason that is told.
    """

    level: int = 2
    transforms: tuple[Transform, ...] = field(default_factory=lambda: select(all_transforms(), (), ()))
    settings: Settings = field(default_factory=Settings)
    context: BuildContext | None = None
    without: Mapping[Identity, str] = field(default_factory=dict)


def optimize(source: Source, options: Options | None = None) -> Outcome:
    """Rewrite one Dockerfile. Pure: reads nothing but the build context, writes nothing.

    Any text is taken; what is not understood stays as it is. A transform that fails a check is
    dropped and named in `faults`.
    """
    run = _Run(source, options or Options())
    for transform in run.options.transforms:
        run.take_turn(transform)
    return run.outcome()


class _Run:
    def __init__(self, source: Source, options: Options) -> None:
        self.source = source
        self.options = options
        self.steps: list[Step] = []
        self.advice: list[Applied] = []
        self.faults: list[str] = []
        self.new_files: dict[str, str] = {}
        self.context = options.context
        self.edits: list[list[Edit]] = []
        self.reading = self._read(source.text)
        self.first = self.reading

    def _read(self, text: str) -> Reading:
        return Reading(Document(parse(text), self.context, self.options.settings))

    def make(self, file: NewFile) -> None:
        """Note a new file; what comes later sees the build context as it leaves it."""
        self.new_files[file.path] = file.text
        if self.context is not None and posixpath.basename(file.path) == IGNORE_NAME:
            self.context = replace(self.context, planned=file.text)

    @property
    def document(self) -> Document:
        return self.reading.document

    def take_turn(self, transform: Transform) -> None:
        """Let one transform find its changes, and apply those that hold."""
        if transform.triggers and not any(word in self.document.lowered for word in transform.triggers):
            return
        try:
            findings = list(transform.find(self.document))
            if findings:
                turn = _Turn(self, transform)
                for finding in findings:
                    turn.weigh(finding)
                turn.apply()
        except Exception as error:  # a bug in a transform must not take the file down
            self.faults.append(f"{transform.name}: {type(error).__name__}: {error}")

    def outcome(self) -> Outcome:
        """Pass the last gate, over the whole way, and sum up."""
        before, after = self.source.text, self.document.text
        if before != after:
            claims = [c for t in self.options.transforms for c in t.claims if self._worked(t)]
            reason = self._unclaimed(claims)
            if not reason and not agrees(self.document.tree) and agrees(self.first.document.tree):
                reason = "dockerfile-parse reads the result differently"
            if reason:
                self.faults.append(f"all: {reason}")
                return Outcome(self.source.name, before, before, (), tuple(self.advice), tuple(self.faults))
        steps, advice, faults = tuple(self.steps), tuple(self.advice), tuple(self.faults)
        return Outcome(self.source.name, before, after, steps, advice, faults, dict(self.new_files))

    def _unclaimed(self, claims: list[Claim]) -> str:
        """Return what no claim covers of all that happened.

        Each step passed the gate by itself. Here one claim's words may stand between what another one joins,
        and a later step may have changed the form by which an earlier one's claim knows its own: so the claims
        are taken twice, and the latest first where that leaves a difference.
        """
        reason = unclaimed(self.first, self.reading, [*claims, *claims])
        return reason and unclaimed(self.first, self.reading, [*reversed(claims), *claims])

    def _worked(self, transform: Transform) -> bool:
        return any(s.transform == transform.name and s.applied for s in self.steps)


class _Turn:
    """One transform's turn on one text."""

    def __init__(self, run: _Run, transform: Transform) -> None:
        self.run = run
        self.transform = transform
        self.document = run.document
        self.chosen: list[Change] = []
        self.left: list[Left] = []
        self.places: Counter[tuple[int, int]] = Counter()
        self.identities: dict[int, Identity] = {}

    def weigh(self, finding: Change | Left) -> None:
        """Decide whether a change is applied, held back or only told."""
        if isinstance(finding, Left):
            self.left.append(replace(finding, transform=self.transform.name))
            return
        change = guard(self.document, replace(finding, safety=finding.safety or self.transform.safety))
        identity = self._identify(change)
        if identity in self.run.options.without:
            self._leave(change, self.run.options.without[identity])
        elif self._held(change):
            self._leave(change, "a pragma holds it back")
        elif change.safety is Safety.ADVICE:
            self.run.advice.append(self._applied(change))
        elif change.applied_from > self.run.options.level:
            # Of a risk the evidence says what it is.
            risk = f": {change.evidence}" if change.safety is Safety.RISKY and change.evidence else ""
            self._leave(change, f"held for -O{change.applied_from}{risk}", change.applied_from)
        elif change.files and self.document.settings.one_file:
            self._leave(change, "the result is one file only; a diff can hold the new one")
        elif any(file.path in self.run.new_files or not _is_beside(file.path) for file in change.files):
            self._leave(change, "a file that it makes can't be made")
        elif any(overlaps(change.edits, other.edits) for other in self.chosen):
            self._leave(change, "another change of the same transform touches the place")
        else:
            self.chosen.append(change)

    def apply(self) -> None:
        """Apply what was chosen, drop what fails a check, and note the step."""
        reading, reason = self._try(self.chosen)
        if reason:
            # Each change must hold alone before all of them may hold together.
            kept: list[Change] = []
            for change in self.chosen:
                why = self._try([*kept, change])[1]
                if why:
                    self._leave(change, f"dropped by a check: {why}")
                    self.run.faults.append(f"{self.transform.name}: {why}")
                else:
                    kept.append(change)
            self.chosen = kept
            reading, _ = self._try(kept)
        if self.chosen or self.left:
            applied = tuple(self._applied(c) for c in self.chosen)
            after = reading.document.text
            self.run.edits.append([edit for change in self.chosen for edit in change.edits])
            self.run.steps.append(Step(self.transform.name, self.document.text, after, applied, tuple(self.left)))
        files = [file for change in self.chosen for file in change.files]
        for file in files:
            self.run.make(file)
        self.run.reading = self.run._read(reading.document.text) if files else reading

    def _try(self, changes: Sequence[Change]) -> tuple[Reading, str]:
        if not changes:
            return self.run.reading, ""
        edits = [edit for change in changes for edit in change.edits]
        try:
            text = splice(self.document.text, edits)
        except ValueError as error:
            return self.run.reading, str(error)
        reading = self.run._read(text)
        reason = broken(self.document, reading.document, edits)
        return reading, reason or unclaimed(self.run.reading, reading, self.transform.claims)

    def _held(self, change: Change) -> bool:
        places = [e.span for e in change.edits] or [Span(change.place, change.place)]
        return any(p.holds(self.transform, place) for p in self.run.reading.pragmas for place in places)

    def _leave(self, change: Change, reason: str, level: int = 0) -> None:
        line, column = self.document.source.position(change.place)
        self.left.append(Left(self.transform.name, change.title, reason, line, column, level))

    def _applied(self, change: Change) -> Applied:
        line, column = self.document.source.position(change.place)
        return Applied(self.transform.name, change, line, column, self.identities[id(change)])

    def _identify(self, change: Change) -> Identity:
        place = self.run.source.position(origin(change.place, self.run.edits))
        identity = Identity(self.transform.name, *place, self.places[place])
        self.places[place] += 1
        self.identities[id(change)] = identity
        return identity


def _is_beside(path: str) -> bool:
    """Whether a new file's path is relative, normal, and leads somewhere."""
    return bool(path) and not path.startswith("/") and posixpath.normpath(path) == path and not path.endswith("..")


__all__ = ["Edit", "Options", "optimize"]
