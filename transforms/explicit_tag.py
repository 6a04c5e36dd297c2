"""Say which version of a base image is meant.

`latest`, or no tag at all, is another image each year: the build of today and that of next spring have nothing in
common but a name.

Before:
    FROM node:latest
    COPY server.js /server.js
After:
    FROM node:latest
    COPY server.js /server.js

Safety: advice. Only the registry knows which version `latest` is today, so that offline nothing is edited, and the
version that the catalog knew is named. With `--online` it is written into the file, for review.
Left alone: tags that name a version, however short.
"""

from collections.abc import Iterator

from optimizer.catalog.naming import read_tag
from optimizer.catalog.siblings import No
from optimizer.catalog.tags import Tag, aliases, data_day, find_tag
from optimizer.facts.bases import Base, base_of, renamed
from optimizer.facts.document import Document
from optimizer.facts.live import answer_about, reference_of
from optimizer.facts.stages import Stage
from optimizer.rewrite.base_claims import references, without_release
from optimizer.rewrite.base_swaps import edit_of
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.registry import transform

# Their release lines are counted by the first number.
BY_MAJOR = frozenset({"debian", "eclipse-temurin", "gcc", "node", "openjdk", "postgres", "redis", "amazoncorretto"})


@transform(
    phase=Phase.BASE,
    safety=Safety.ADVICE,
    see=["hadolint:DL3006", "hadolint:DL3007"],
    triggers=["from"],
    images=lambda doc: (reference_of(base, target) for _, base, target in unnamed(doc) if target is not None),
    claims=references(without_release),
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find bases whose tag names no version."""
    for stage, base, target in unnamed(doc):
        yield _named(doc, stage, base, target)


def unnamed(doc: Document) -> Iterator[tuple[Stage, Base, Tag | None]]:
    """Yield the stages whose tag names no version, and the tag of the same image that names its release line."""
    for stage in doc.stages:
        base = base_of(doc, stage)
        if isinstance(base, Base) and not version_in(base.tag):
            yield stage, base, _exact(base.tag)


def version_in(tag: Tag) -> bool:
    """Tell whether a tag names a version or a release."""
    reading = read_tag(tag.image, tag.name)
    return any(c.isdigit() for c in tag.name) or (
        bool(reading.distro) and tag.image in ("debian", "ubuntu", "buildpack-deps")
    )


def _named(doc: Document, stage: Stage, base: Base, target: Tag | None) -> Change:
    title = f"name the version of {base.tag.image}"
    why = "a tag without a version is another image each year"
    if target is None:
        return Change(title=title, why=why, safety=Safety.ADVICE, at=stage.head.start, evidence="no version is named")
    answer = answer_about(doc, base, target)
    written = renamed(doc, stage, base, target, "")
    if answer is None or isinstance(written, No):
        evidence = f"it was {target} on {data_day()}"
        return Change(title=title, why=why, safety=Safety.ADVICE, at=stage.head.start, evidence=evidence)
    return Change(
        title=f"stands on {target}",
        why=why,
        edits=(edit_of(written),),
        safety=Safety.REVIEW,
        evidence=f"{answer.source} has it ({answer.day})",
    )


def _exact(tag: Tag) -> Tag | None:
    """Return the alias of a tag that names the release line: `26-slim` for `slim`, `2.4` for `latest`."""
    wanted = read_tag(tag.image, tag.name).variant
    names = [n for n in aliases(tag) if any(c.isdigit() for c in n) and read_tag(tag.image, n).variant == wanted]
    depth = 0 if tag.image in BY_MAJOR else 1
    chosen = min(names, key=lambda n: (abs(_dots(n) - depth), len(n)), default="")
    return find_tag(tag.image, chosen) if chosen else None


def _dots(name: str) -> int:
    """Return how many dots the version in front of a tag has."""
    return name.partition("-")[0].count(".")
