"""What the transforms that change bases share: the stages to look at, and the texts for the reader."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.catalog.live import Live
from optimizer.catalog.siblings import No
from optimizer.catalog.sizes import size_of
from optimizer.catalog.tags import Tag
from optimizer.facts.bases import Base, base_of
from optimizer.facts.document import Document
from optimizer.facts.references import Rewrite
from optimizer.facts.stages import Stage
from optimizer.facts.verdicts import Hold, Verdict
from optimizer.rewrite.change import Edit, Left, Safety
from optimizer.rewrite.compose import left

# Images to build with: what is built there is for a stage of its own to run.
BUILDERS = frozenset("golang rust gcc maven gradle haskell swift dart clojure sbt buildpack-deps".split())


def shipped_bases(doc: Document) -> Iterator[tuple[Stage, Base | No]]:
    """Yield the stages that stand on an image and reach the user, with their bases."""
    for stage in doc.stages:
        if stage.parent is None and doc.is_shipped(stage) and stage.image.resolved not in ("scratch", ""):
            yield stage, base_of(doc, stage)


def swappable_bases(doc: Document) -> Iterator[tuple[Stage, Base | No]]:
    """Yield the shipped stages with bases for which a variant is worth a look; not those to build with."""
    for stage, base in shipped_bases(doc):
        if isinstance(base, Base) and base.tag.image in BUILDERS:
            yield stage, No(f"it ships the stage in which {base.tag.image} builds: that is work for two stages")
        else:
            yield stage, base


def left_base(doc: Document, stage: Stage, title: str, reason: str) -> Left:
    """Say that the base of a stage was left alone, and why."""
    return left(doc, stage.head.start, title, reason)


def edit_of(written: Rewrite) -> Edit:
    """Return the edit that names another base."""
    return Edit(written.span, written.text)


def safety_of(verdict: Verdict, target: Tag, answer: Live | None = None) -> Safety:
    """Return how safe a swap is: what the files do not show, and a tag that was never seen, is a risk."""
    known = not target.guessed or (answer is not None and answer.exists)
    return Safety.REVIEW if verdict.hold is Hold.SHOWN and known else Safety.RISKY


def evidence_of(verdict: Verdict, target: Tag, written: Rewrite, answer: Live | None = None) -> str:
    """Return how it is known that a swap holds, and what is not known."""
    parts = [*verdict.evidence, *verdict.reasons]
    if written.note:
        parts.append(written.note)
    if answer is not None:
        parts.append(f"{answer.source} has {target} ({answer.day})")
    elif target.guessed:
        parts.append(f"{target} is a guess by the naming rule")
    return "; ".join(parts)


def saves(source: Tag, target: Tag, old_answer: Live | None = None, new_answer: Live | None = None) -> str:
    """Return what a swap saves, where both sizes were read; "" where not. Answers of a registry come first."""
    before, after = _asked(old_answer), _asked(new_answer)
    if before and after and new_answer is not None:
        return f"{_megabytes(after)} MB compressed instead of {_megabytes(before)} (asked {new_answer.day})"
    old, new = size_of(source.image, source.name), size_of(target.image, target.name)
    if old is None or new is None or old.architecture != new.architecture or new.bytes >= old.bytes:
        return ""
    day = max(old.day, new.day)[:7]
    return f"{_megabytes(new.bytes)} MB compressed instead of {_megabytes(old.bytes)} (read {day})"


def _asked(answer: Live | None) -> int | None:
    return answer.size_of("linux/amd64") if answer is not None else None


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f}"
