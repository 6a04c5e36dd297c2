"""Answers of registries, where they were asked before."""

from __future__ import annotations

from optimizer.catalog.live import Live
from optimizer.catalog.tags import Tag
from optimizer.facts.bases import Base
from optimizer.facts.document import Document


def answer_about(doc: Document, base: Base, tag: Tag) -> Live | None:
    """Return what the registry of a base says of a tag there, None where it was not asked or did not answer."""
    if doc.settings.live is None:
        return None
    return doc.settings.live.image(f"{base.prefix}{tag.image}:{tag.name}")
