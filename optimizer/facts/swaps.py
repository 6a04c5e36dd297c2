"""Whether a stage can stand on another base image, and what it would take."""

from __future__ import annotations

from optimizer.catalog.distros import distro_of
from optimizer.catalog.siblings import No
from optimizer.catalog.tags import Tag
from optimizer.facts.alpine_swap import alpine_swap
from optimizer.facts.bases import base_of
from optimizer.facts.document import Document
from optimizer.facts.jre_swap import jre_swap
from optimizer.facts.needs import needs_of
from optimizer.facts.slim_swap import slim_swap
from optimizer.facts.stages import Stage
from optimizer.facts.verdicts import Hold, Verdict, refused

__all__ = ["Hold", "Verdict", "swap"]


def swap(doc: Document, stage: Stage, target: Tag) -> Verdict:
    """Judge whether a stage whose base image is official can stand on `target` instead."""
    base = base_of(doc, stage)
    if isinstance(base, No):
        return refused(base.reason)
    source, needs = base.tag, needs_of(doc, stage)
    from_system, to_system = distro_of(source), distro_of(target)
    to_alpine = to_system is not None and to_system.family == "alpine"
    if to_alpine and not (from_system is not None and from_system.family == "alpine"):
        return alpine_swap(doc, stage, source, target, needs)
    if "jre" in target.variant.split("+"):
        return jre_swap(doc, stage, source, target, needs)
    if from_system is None or to_system is None or from_system.name != to_system.name:
        return refused(f"{target} stands on another system than {source}")
    return slim_swap(doc, stage, source, target, needs)
