"""The base image of a stage: resolved through mirrors and an organisation's own images, and named anew."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase
from typing import NamedTuple

from optimizer.catalog.distroless import read_distroless
from optimizer.catalog.siblings import No
from optimizer.catalog.tags import Tag, find_tag, is_official
from optimizer.facts.document import Document
from optimizer.facts.images import ImageRef
from optimizer.facts.references import Rewrite, rewrite
from optimizer.facts.stages import Stage
from optimizer.syntax.patterns import pattern

# Registries that serve Docker Hub's official images under their own names.
# Sources: docs.aws.amazon.com/AmazonECR (Docker official images), cloud.google.com/artifact-registry (mirror.gcr.io).
_MIRRORS = (
    ("public.ecr.aws/docker/library", "docker.io/library"),
    ("mirror.gcr.io/library", "docker.io/library"),
    ("mirror.gcr.io", "docker.io"),
)
# Docker Hub's organisations that hold the official images of one architecture, and its OCI name.
# Source: github.com/docker-library/official-images, "Architectures other than amd64?".
_ARCHITECTURES = {
    "amd64": "amd64",
    "arm32v5": "arm/v5",
    "arm32v6": "arm/v6",
    "arm32v7": "arm/v7",
    "arm64v8": "arm64/v8",
    "i386": "386",
    "mips64le": "mips64le",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
}
_LATEST = "latest"
_TAG_AT_END = pattern(r":[\w][\w.-]{0,127}\Z")
_VARIABLE = pattern(r"\$\{?\w+\}?")


class Base(NamedTuple):
    """A base image that is known.

    `tag` is the official image that it is, or is said to be like; `reference` how the file names it.
    `prefix` is what stands in front of the official name, such as a mirror's. `own` are the names that
    an organisation gave its own variants, "" in front of none. `architecture` is the one that its
    repository is of, "" for all.
    """

    tag: Tag
    reference: ImageRef
    prefix: str = ""
    own: tuple[tuple[str, str], ...] = ()
    architecture: str = ""


def base_of(doc: Document, stage: Stage) -> Base | No:
    """Return what the image of a stage is, or why that is not known."""
    image = stage.image
    if stage.parent is not None:
        return No("it stands on another stage")
    if image.resolved == "scratch":
        return No("it stands on scratch")
    if not image.known:
        variable = _VARIABLE.search(image.resolved)
        return No(f"its name depends on {variable.group() if variable else 'an ARG'}, which has no default")
    if image.digest:
        return No("it is pinned by digest")
    return resolve(doc, image)


def resolve(doc: Document, image: ImageRef) -> Base | No:
    """Return the official image behind a reference, through mirrors and the configuration."""
    tag = image.tag or _LATEST
    for own in doc.settings.bases.images:
        if matches(image, own.repository):
            found = find_tag(own.like, tag)
            variants = tuple((kind, name) for kind, name in own.variants)
            return Base(found, image, own=variants) if found else No(f"{own.like}:{tag} is not known")
    name, prefix, architecture = official_name(doc, image)
    if not name:
        if is_distroless(image):
            return No("it is distroless already")
        if image.registry != "docker.io":
            return No(f"{image.registry}/{image.repository} is not a known mirror of official images")
        return No(f"{image.repository.removeprefix('library/')} is not an official image")
    found = find_tag(name, tag)
    if found is None:
        return No(f"the tag {name}:{tag} is not known")
    return Base(found, image, prefix, architecture=architecture)


def is_distroless(image: ImageRef) -> bool:
    """Tell whether a reference is of a distroless image."""
    return read_distroless(f"{image.registry}/{image.repository}") is not None


def matches(image: ImageRef, repository: str) -> bool:
    """Tell whether a reference is of a repository that the configuration names."""
    return f"{image.registry}/{image.repository}" in (
        repository,
        f"docker.io/{repository}",
        f"docker.io/library/{repository}",
    )


def official_name(doc: Document, image: ImageRef) -> tuple[str, str, str]:
    """Return the official name of a reference, what stands in front of it, and its architecture; "" for none."""
    full = f"{image.registry}/{image.repository}"
    for mirror, original in (*doc.settings.bases.mirrors, *_MIRRORS):
        if full.startswith(f"{mirror.rstrip('/')}/"):
            full = f"{original.rstrip('/')}{full[len(mirror.rstrip('/')) :]}"
            break
    if not full.startswith("docker.io/"):
        return "", "", ""
    repository = full[len("docker.io/") :]
    folder, _, name = repository.rpartition("/")
    if folder not in ("", "library") and folder not in _ARCHITECTURES:
        return "", "", ""
    if not is_official(name):
        return "", "", ""
    written = _TAG_AT_END.sub("", image.resolved)
    return name, written.removesuffix(name), _ARCHITECTURES.get(folder, "")


def renamed(doc: Document, stage: Stage, base: Base, new: Tag, kind: str) -> Rewrite | No:
    """Name another official image in a FROM, in the manner in which the old one is named.

    `kind` is the variant that `new` is: an organisation's own images have names of their own for it.
    """
    if base.own or any(matches(base.reference, own.repository) for own in doc.settings.bases.images):
        name = dict(base.own).get(kind, "")
        if not name:
            return No(f"the configuration names no {kind} variant of it")
        if ":" not in posixpath.basename(name):
            name = f"{name}:{base.reference.tag}" if base.reference.tag else name
        return _allowed(doc, stage, name)
    missing = lacks(stage, base, new)
    if missing:
        return No(f"{new.image}:{new.name} is not made for {missing}")
    return _allowed(doc, stage, f"{base.prefix}{new.image}:{new.name}")


def elsewhere(doc: Document, stage: Stage, name: str) -> Rewrite | No:
    """Name an image of another registry in a FROM, through a mirror of that registry where one is configured."""
    for mirror, original in doc.settings.bases.mirrors:
        if name.startswith(f"{original.rstrip('/')}/"):
            name = f"{mirror.rstrip('/')}{name[len(original.rstrip('/')) :]}"
            break
    return _allowed(doc, stage, name)


def _allowed(doc: Document, stage: Stage, name: str) -> Rewrite | No:
    repository = _TAG_AT_END.sub("", name)
    globs = doc.settings.bases.allow
    if globs and not any(fnmatchcase(repository, glob) or fnmatchcase(name, glob) for glob in globs):
        return No(f"{repository} is not among the bases that the configuration allows")
    found = rewrite(doc, stage, name)
    return No(found) if isinstance(found, str) else found


def lacks(stage: Stage, base: Base, new: Tag) -> str:
    """Return the architecture that a stage asks for and an image is not made for, "" if there is none."""
    wanted = base.architecture
    if stage.platform and "$" not in stage.platform:
        wanted = stage.platform.partition("/")[2] or wanted
    if not wanted or not new.architectures:
        return ""
    short = {a.removesuffix("/v8") for a in new.architectures}
    return "" if wanted.removesuffix("/v8") in short else wanted
