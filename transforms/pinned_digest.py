"""Pin base images by the digest that they have today.

A tag can be moved to another image at any time; a digest names one image for ever. Bots such as Renovate or
Dependabot move it on when a new one is released.

Before:
    FROM python:3.12-slim
After:
    FROM python:3.12-slim

Safety: review. The image of today is used until somebody changes the digest: fixes no longer come by themselves.
It is done on request (`--select pinned-digest`), and only with `--online`: only the registry knows the digest.
Left alone: without an answer of the registry, everything; images that have a digest; names made of an ARG whose
value would have to hold it.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.references import rewrite
from optimizer.facts.stages import Stage
from optimizer.rewrite.base_claims import references
from optimizer.rewrite.base_swaps import edit_of
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.compose import left
from optimizer.rewrite.registry import transform


def unpinned(doc: Document) -> Iterator[Stage]:
    """Yield the stages that stand on an image without a digest."""
    for stage in doc.stages:
        image = stage.image
        if stage.parent is None and image.known and not image.digest and image.resolved not in ("", "scratch"):
            yield stage


@transform(
    phase=Phase.HARDEN,
    safety=Safety.REVIEW,
    see=["renovate:pinDigests"],
    triggers=["from"],
    optional=True,
    images=lambda doc: (stage.image.resolved for stage in unpinned(doc)),
    claims=references(lambda name, tag: f"{name}:{tag}", digests=True, own=False),
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find images whose digest a registry told."""
    live = doc.settings.live
    for stage in unpinned(doc):
        answer = live.image(stage.image.resolved) if live is not None else None
        title = f"{stage.image.resolved} by its digest"
        if answer is None or not answer.digest:
            yield left(doc, stage.head.start, title, "no registry was asked for it (--online), or none answered")
            continue
        written = rewrite(doc, stage, f"{stage.image.resolved}@{answer.digest}")
        if isinstance(written, str):
            yield left(doc, stage.head.start, title, written)
            continue
        yield Change(
            title=title,
            why="a tag can be moved to another image at any time",
            edits=(edit_of(written),),
            evidence="; ".join(filter(None, [f"{answer.source} has it ({answer.day})", written.note])),
        )
