"""What the Changes of a diff touch, to tell which of them explains a difference."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from optimizer.facts.document import Document
from optimizer.rewrite.change import Applied, Outcome, Phase
from optimizer.rewrite.registry import all_transforms
from optimizer.syntax import parse

_KEYWORD = re.compile(r"^[ \t]*([A-Za-z]+)[ \t]", re.MULTILINE)
# The phases whose changes may take packages, files of the build, or files of the base away.
PACKAGES = frozenset({Phase.PACKAGES, Phase.BASE, Phase.STAGES})
BASE = frozenset({Phase.BASE, Phase.STAGES})
CACHES = frozenset({Phase.PACKAGES, Phase.BASE, Phase.STAGES, Phase.CACHE, Phase.CLEAN})
OWNERS = frozenset({Phase.STAGES, Phase.LAYERS, Phase.HARDEN})
FILES = frozenset({Phase.PACKAGES, Phase.STAGES, Phase.CACHE, Phase.CLEAN})


@dataclass(frozen=True)
class Cause:
    """An applied Change: its transform, its phase, and the keywords of the instructions that it touches."""

    name: str
    phase: Phase | None
    keywords: frozenset[str]


@dataclass(frozen=True)
class Causes:
    """All applied Changes of a diff, and the Dockerfile that they were applied to."""

    causes: tuple[Cause, ...] = ()
    document: Document | None = None
    ignores: bool = False

    def of_phase(self, phases: frozenset[Phase]) -> str:
        """Name the transforms of these phases, "" if there are none."""
        return _named(c for c in self.causes if c.phase in phases)

    def of_keyword(self, *keywords: str) -> str:
        """Name the transforms that touch instructions with these keywords."""
        return _named(c for c in self.causes if c.keywords.intersection(keywords))

    def of_file(self) -> str:
        """Name what takes files of the application away: a change, or a .dockerignore that is new."""
        names = [n for n in (self.of_phase(FILES), "a new .dockerignore" if self.ignores else "") if n]
        return ", ".join(names)

    def sets(self, keyword: str, name: str = "") -> bool:
        """Tell whether the Dockerfile sets a setting itself, so that the base's doesn't count."""
        if self.document is None or not self.document.stages:
            return False
        return any(
            instruction.keyword == keyword and (not name or name in instruction.args)
            for stage in self.document.stages[-1].lineage
            for instruction in stage.members
        )


def causes_of(outcome: Outcome | None) -> Causes:
    """Return what the Changes of an outcome touch; nothing where there is no outcome."""
    if outcome is None:
        return Causes()
    phases = {transform.name: transform.phase for transform in all_transforms()}
    causes = []
    for step in outcome.steps:
        document = Document(parse(step.before))
        causes += [_cause(document, applied, phases.get(applied.transform)) for applied in step.applied]
    return Causes(tuple(causes), Document(parse(outcome.before)), ".dockerignore" in outcome.new_files)


def _cause(document: Document, applied: Applied, phase: Phase | None) -> Cause:
    keywords: set[str] = set()
    for edit in applied.change.edits:
        keywords.update(found.upper() for found in _KEYWORD.findall(edit.text))
        keywords.update(
            instruction.keyword
            for instruction in document.tree.instructions
            if instruction.start < max(edit.span.end, edit.span.start + 1) and edit.span.start < instruction.end
        )
    if phase is None and "FROM" in keywords:
        phase = Phase.BASE  # a Change that no known transform made
    return Cause(applied.transform, phase, frozenset(keywords))


def _named(causes: Iterable[Cause]) -> str:
    return ", ".join(dict.fromkeys(cause.name for cause in causes))
