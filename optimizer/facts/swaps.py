"""Whether a stage can stand on another base image, and what it would take."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from optimizer.catalog.tags import Tag
from optimizer.facts.document import Document
from optimizer.facts.stages import Stage


class Hold(Enum):
    """How sure it is that a swap holds.

    SHOWN: all that the image runs and installs was read, and holds. ASSUMED: the files do not show
    all of it. NO: it is known not to hold.
    """

    SHOWN = "shown"
    ASSUMED = "assumed"
    NO = "no"


class Verdict(NamedTuple):
    """The answer to a swap.

    `reasons` say why it is not SHOWN, in short sentences. `evidence` says how it is known. `install`
    are system packages (of the target's package manager) to add, `lost` packages of the source that
    vanish and that nothing was seen to use.
    """

    hold: Hold
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    install: tuple[str, ...] = ()
    lost: frozenset[str] = frozenset()


def swap(doc: Document, stage: Stage, target: Tag) -> Verdict:
    """Judge whether a stage whose base image is official can stand on `target` instead."""
    raise NotImplementedError
