"""What is known of each stage's base image: its lineage, system, user, support and smaller siblings."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.catalog.configs import config_of
from optimizer.catalog.cycles import Life, is_over
from optimizer.catalog.distroless import Distroless, read_distroless
from optimizer.catalog.distros import Distro, distro_of
from optimizer.catalog.life import life_of, life_of_distro
from optimizer.catalog.lineage import SCRATCH, chain
from optimizer.catalog.sizes import Size, size_of
from optimizer.catalog.tags import Tag, is_official
from optimizer.facts.bases import Base, resolve
from optimizer.facts.document import Document
from optimizer.facts.images import ImageRef
from optimizer.facts.smaller import Smaller, smaller
from optimizer.facts.stages import DEFAULT_SHELL, Stage


class Support(NamedTuple):
    """How long something is supported, and whether that is over."""

    life: Life
    over: bool


class Inspection(NamedTuple):
    """One stage and its base.

    `written` is the base as the file names it, `resolved` with the defaults of ARG. `stages` are the stages of the
    file that it is built from, nearest first, as names or numbers; the base is then that of the last of them. `chain`
    is the base and what it is built from, down to scratch, () where that is not known. `user` is "" where it is not
    known, as is `shell`. `official` tells that it is an official image of Docker Hub by its own name; `tag` may also be
    the one that a mirror or the configuration takes it for. `note` says why there is nothing to tell of the base, "" if
    there is.
    """

    number: int
    name: str
    line: int
    written: str
    resolved: str
    stages: tuple[str, ...]
    chain: tuple[str, ...]
    official: bool
    tag: Tag | None
    distroless: Distroless | None
    distro: Distro | None
    shell: str
    user: str
    size: Size | None
    support: tuple[Support, ...]
    smaller: tuple[Smaller, ...]
    note: str


def inspect(doc: Document, today: str) -> list[Inspection]:
    """Return what is known of each stage; `today` is an ISO day, by which support is over or not."""
    return [_stage(doc, stage, today) for stage in doc.stages]


def _stage(doc: Document, stage: Stage, today: str) -> Inspection:
    image = stage.root_image
    tag = _tag(doc, image)
    bare = read_distroless(f"{image.registry}/{image.repository}")
    distro = distro_of(tag) if tag else None
    official = bool(image.official and image.known and is_official(image.official))
    return Inspection(
        number=stage.index,
        name=stage.name or "",
        line=doc.source.position(stage.head.start)[0],
        written=stage.image.raw,
        resolved=image.resolved,
        stages=tuple(above.name or str(above.index) for above in stage.lineage[1:]),
        chain=_chain(image, tag),
        official=official,
        tag=tag,
        distroless=bare,
        distro=distro,
        shell=_shell(stage, distro),
        user=_user(stage, tag, bare),
        size=size_of(tag.image, tag.name) if tag and official else None,
        support=support_of(tag, today),
        smaller=smaller(tag) if tag and stage.parent is None else (),
        note=_note(image, tag, bare),
    )


def _tag(doc: Document, image: ImageRef) -> Tag | None:
    """Return the official image that a reference means, through mirrors and the configuration."""
    if not image.known or (image.digest and not image.tag):
        return None
    found = resolve(doc, image)
    return found.tag if isinstance(found, Base) else None


def _chain(image: ImageRef, tag: Tag | None) -> tuple[str, ...]:
    if image.resolved == SCRATCH:
        return (SCRATCH,)
    return chain(tag.image, tag.name) if tag else ()


def _note(image: ImageRef, tag: Tag | None, bare: Distroless | None) -> str:
    if tag is not None or bare is not None or image.resolved == SCRATCH:
        return ""
    if not image.known:
        return "its name depends on an ARG without a default"
    if image.official is None or not is_official(image.official):
        return "it is not an official image"
    if image.tag is None and image.digest:
        return "it is pinned by digest, without a tag"
    return "its tag is not known"


def _shell(stage: Stage, distro: Distro | None) -> str:
    if stage.last.shell != DEFAULT_SHELL:
        return " ".join(stage.last.shell)
    return distro.shell if distro else ""


def _user(stage: Stage, tag: Tag | None, bare: Distroless | None) -> str:
    if stage.last.user is not None:
        return stage.last.user
    config = config_of(tag) if tag else None
    if config is not None:
        return config.user or "root"
    if bare is not None:
        return "nonroot" if "nonroot" in (stage.root_image.tag or "") else "root"
    return "root" if stage.root_image.resolved == SCRATCH else ""


def support_of(tag: Tag | None, today: str) -> tuple[Support, ...]:
    """Return the support of an image's product and of its system; `today` is an ISO day."""
    if tag is None:
        return ()
    lives = dict.fromkeys(life for life in (life_of(tag.image, tag.name), life_of_distro(tag.distro)) if life)
    return tuple(Support(life, is_over(life, today)) for life in lives)
