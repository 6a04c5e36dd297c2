"""What transforms would like to know from registries and package indexes, gathered before a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from optimizer.catalog.live import Requirement
from optimizer.facts.document import Document
from optimizer.rewrite.registry import Transform


class Questions(NamedTuple):
    """Image references as a FROM would write them, and Python requirements; each once, in order."""

    images: tuple[str, ...] = ()
    projects: tuple[Requirement, ...] = ()


def questions(document: Document, transforms: Iterable[Transform]) -> Questions:
    """Return what the transforms want to know about a document. Pure; asks nobody."""
    images: dict[str, None] = {}
    projects: dict[Requirement, None] = {}
    for item in transforms:
        if item.images is not None:
            images |= dict.fromkeys(item.images(document))
        if item.projects is not None:
            projects |= dict.fromkeys(item.projects(document))
    return Questions(tuple(images), tuple(projects))
