"""The base image of a final stage: the same distribution and release as the build's, without its tools."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.catalog.configs import config_of
from optimizer.catalog.distros import Distro, distro_of, distro_tag
from optimizer.catalog.siblings import No
from optimizer.catalog.sizes import size_of
from optimizer.catalog.tags import Tag, find_tag
from optimizer.facts.bases import Base, resolve
from optimizer.facts.document import Document
from optimizer.facts.stages import Stage, State


class Runtime(NamedTuple):
    """A base for a final stage: its reference, its tag in the catalog, its distribution."""

    reference: str
    tag: Tag
    distro: Distro


def known_base(doc: Document, stage: Stage) -> Base | None:
    """Return what the image of a stage is, None where that is not known; a digest is no hindrance to building on it."""
    if stage.parent is not None or not stage.image.known:
        return None
    found = resolve(doc, stage.image)
    return None if isinstance(found, No) else found


def workdir_of(tag: Tag) -> str:
    """Return the folder that an image works in unless told otherwise."""
    config = config_of(tag)
    return (config.workdir if config is not None else "") or "/"


def grounded(doc: Document, stage: Stage, tag: Tag) -> tuple[Document, Stage]:
    """Return the document and its stage with what the base image itself sets put in: its folder and variables."""
    config = config_of(tag)
    env = {name: value or None for name, value in config.env.items()} if config is not None else {}
    twin = Document(doc.tree, doc.context, doc.settings, State(workdir=workdir_of(tag), env=env))
    return twin, twin.stages[stage.index]


def small_base(tag: Tag) -> Runtime | str:
    """Return the smallest image of the same distribution and release, or why there is none."""
    distro = distro_of(tag)
    named = distro_tag(tag.distro, slim=True)
    found = find_tag(*named) if named is not None else None
    if distro is None or found is None or found.guessed:
        return f"no small image of what {tag} stands on is known"
    if tag.image == found.image and tag.variant == found.variant:
        found = tag
    return Runtime(str(found), found, distro)


def saving(stage: Stage, tag: Tag, base: Runtime, what: str) -> str:
    """Return what a split saves: by name, and in numbers where both sizes were read."""
    old, new = size_of(tag.image, tag.name), size_of(base.tag.image, base.tag.name)
    if old is None or new is None:
        return what
    return (
        f"{what}; {stage.root_image.resolved} is {_megabytes(old.bytes)} compressed, "
        f"{base.reference} {_megabytes(new.bytes)} ({old.architecture}, {max(old.day, new.day)})"
    )


def _megabytes(count: int) -> str:
    return f"{round(count / 1_000_000)} MB"
