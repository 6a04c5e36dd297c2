"""Tell of a base image that its registry does not have.

With `--online` the registries are asked about every base image. A name that none of them has, or that is
not made for the platform that FROM names, is told with the place; the build could only fail there.

Before:
    FROM debian:bookwrom
After:
    FROM debian:bookwrom

Safety: advice. Nothing is changed: which image was meant is for the author to say.
Left alone: without `--online`, everything; names with a variable that has no default; registries that do not
answer or do not tell without a login.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.registry import transform


def bases(doc: Document) -> Iterator[Stage]:
    """Yield the stages that stand on an image with a known name."""
    return (s for s in doc.stages if s.parent is None and s.image.known and s.image.resolved not in ("", "scratch"))


def images(doc: Document) -> Iterator[str]:
    """Yield the images to ask about."""
    return (stage.image.resolved for stage in bases(doc))


@transform(phase=Phase.TIDY, safety=Safety.ADVICE, images=images)
def find(doc: Document) -> Iterator[Change]:
    """Find bases that are not there."""
    facts = doc.settings.live
    if facts is None:
        return
    for stage in bases(doc):
        live = facts.image(stage.image.resolved)
        against = facts.against(stage.image.resolved, stage.platform or "")
        if live and against:
            there = f"; it is there for {', '.join(live.platforms)}" if live.platforms else ""
            yield Change(
                title=against,
                why=f"the build can only fail where its base is missing{there}",
                evidence=f"{live.source} was asked on {live.day}",
                at=stage.head.start,
            )
