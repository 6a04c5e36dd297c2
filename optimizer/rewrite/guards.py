"""Guards that lower the safety of a change by where it stands, once for all transforms."""

from __future__ import annotations

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Safety


def guard(document: Document, change: Change) -> Change:
    """Return the change, with its safety lowered where its place calls for it."""
    named = {t.lower() for t in document.settings.targets}
    seen: set[int] = set()
    for edit in change.edits:
        for instruction, stage, state, _ in document.touched(edit.span):
            if instruction.start in seen:
                continue
            seen.add(instruction.start)
            if instruction.keyword == "ONBUILD":
                change = change.lowered(Safety.REVIEW, "it runs in the builds of images that stand on this one")
            if not state.posix and instruction.keyword in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"):
                change = change.lowered(Safety.REVIEW, "the shell is not known to be POSIX")
            if stage.copied_from and instruction.keyword == "RUN":
                change = change.lowered(Safety.REVIEW, "other stages copy from this one")
            if stage.name and stage.name.lower() in named:
                change = change.lowered(Safety.REVIEW, "the stage is built by name")
    return change
