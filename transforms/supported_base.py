"""Stand on a release of the system that is still supported.

Past its end of life a release gets no security fixes any more, and its packages move to an archive, so that
`apt-get update` fails.

Before:
    FROM debian:buster-slim
    RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
After:
    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*

Safety: risky. Another release has other versions of everything: a library has another number, a tool another option.
The nearest release that is supported is taken, and each package that the file installs is looked up in it.
Left alone: a package that the newer release does not have; images whose own program would change its version, such
as python:3.8, and a stage that copies what another stage built, for which there is an advice; and everything where
the day is not known.
"""

from collections.abc import Iterator

from optimizer.catalog.distros import distro_of
from optimizer.catalog.life import is_over, life_of, life_of_distro, supported
from optimizer.catalog.naming import read_tag
from optimizer.catalog.packages import is_available
from optimizer.catalog.siblings import No
from optimizer.catalog.tags import Tag
from optimizer.facts.bases import Base, renamed
from optimizer.facts.document import Document
from optimizer.facts.needs import needs_of
from optimizer.facts.stages import Stage
from optimizer.facts.verdicts import listed
from optimizer.rewrite.base_claims import references, without_release
from optimizer.rewrite.base_swaps import edit_of, left_base, shipped_bases
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.registry import transform

SYSTEMS = frozenset(
    {"debian", "ubuntu", "alpine", "buildpack-deps", "almalinux", "rockylinux", "fedora", "amazonlinux"}
)


@transform(
    phase=Phase.RELEASE,
    safety=Safety.RISKY,
    triggers=["from"],
    claims=references(without_release),
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find shipped stages whose base is past its end of life."""
    today = doc.settings.today
    for stage, base in shipped_bases(doc) if today else ():
        if not isinstance(base, Base):
            continue
        tag = base.tag
        ended = _ended(tag, today)
        if not ended:
            continue
        target = supported(tag.image, tag.name, today)
        if target is None:
            yield left_base(
                doc, stage, "a supported base", f"{ended}, and no supported release of this variant is known"
            )
        elif not _same_program(tag, target):
            yield Change(
                title=f"{ended}",
                why="it gets no security fixes any more",
                safety=Safety.ADVICE,
                evidence=f"{target} is the nearest release that is supported",
                at=stage.head.start,
            )
        else:
            yield _moved(doc, stage, base, target, ended)


def _ended(tag: Tag, today: str) -> str:
    """Return what is past its end of life of an image, "" for nothing."""
    product, system = life_of(tag.image, tag.name), life_of_distro(tag.distro)
    for life in (product, system):
        if life is not None and is_over(life, today):
            day = max(life.ends, life.extended)
            return f"{life.product} {life.cycle} is past its end of life ({day})"
    return ""


def _same_program(old: Tag, new: Tag) -> bool:
    """Whether an image's own program keeps its version: only the system below changes."""
    if old.image != new.image:
        return False
    if old.image in SYSTEMS:
        return True
    kept = [read_tag(t.image, t.name).core for t in (old, new)]
    return kept[0] == kept[1]


def _moved(doc: Document, stage: Stage, base: Base, target: Tag, ended: str) -> Change | Left:
    title = f"stands on {target}"
    system = distro_of(target)
    needs = needs_of(doc, stage)
    installed = sorted(needs.packages("apt"))
    release = system.release if system is not None else ""
    gone = [p for p in installed if is_available(p, release) is False]
    if gone:
        return left_base(doc, stage, title, f"{ended}, but {release} has no package {listed(gone)}")
    written = renamed(doc, stage, base, target, "")
    if isinstance(written, No):
        return left_base(doc, stage, title, f"{ended}, but {written.reason}")
    builder = next((s for s in doc.stages if stage in s.copied_from and s not in stage.lineage), None)
    if builder is not None:
        # What another stage built asks for the libraries of the release that it was built on.
        name = builder.name or f"stage {builder.index}"
        return Change(
            title=ended,
            why="it gets no security fixes any more",
            safety=Safety.ADVICE,
            evidence=f"{target} is supported; move {name}, from which it copies, too",
            at=stage.head.start,
        )
    known = [p for p in installed if is_available(p, release)]
    unknown = [p.name for p in needs.installed if p.name not in known]
    if unknown:
        # What another release calls its packages can't be looked up: the reader has to.
        return Change(
            title=ended,
            why="it gets no security fixes any more",
            safety=Safety.ADVICE,
            evidence=f"{target} is supported; whether it has {listed(unknown)} is not known",
            at=stage.head.start,
        )
    return Change(
        title=title,
        why=f"{ended}: no security fixes any more",
        edits=(edit_of(written),),
        evidence=f"{release} has {listed(known)}" if known else "versions of everything change with the release",
    )
