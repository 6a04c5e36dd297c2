"""Answers of registries and package indexes, where they were asked before."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.catalog.cycles import version_of
from optimizer.catalog.live import Live, Requirement
from optimizer.catalog.tags import Tag
from optimizer.facts.bases import Base
from optimizer.facts.document import Document
from optimizer.facts.uses import Dependency

_MAIN = ("amd64", "arm64")


def reference_of(base: Base, tag: Tag) -> str:
    """Return how a FROM would name another tag in the place of a base."""
    return f"{base.prefix}{tag.image}:{tag.name}"


def answer_about(doc: Document, base: Base, tag: Tag) -> Live | None:
    """Return what the registry of a base says of a tag there, None where it was not asked or did not answer."""
    return doc.settings.live.image(reference_of(base, tag)) if doc.settings.live is not None else None


def requirements(tag: Tag, dependencies: tuple[Dependency, ...]) -> Iterator[Requirement]:
    """Yield what is worth asking of Python projects: those that may have to be compiled in their version."""
    for dependency in dependencies:
        if dependency.form in ("wheel", ""):
            yield _requirement(tag, dependency)


def settled(doc: Document, tag: Tag, dependency: Dependency) -> Dependency:
    """Return a Python project with what the package index says of the version that is asked, if it was asked."""
    live = doc.settings.live
    requirement = _requirement(tag, dependency)
    answer = live.wheels_of(requirement.project, requirement.python) if live is not None else None
    if answer is None:
        return dependency
    forms = {libc: [answer.on(libc, architecture) for architecture in _MAIN] for libc in ("glibc", "musl")}
    worst = {libc: next((f for f in ("sdist", "", "wheel") if f in found), "pure") for libc, found in forms.items()}
    return dependency._replace(form=worst["glibc"], musl=worst["musl"], asked=True)


def _requirement(tag: Tag, dependency: Dependency) -> Requirement:
    python = ".".join(version_of(tag).split(".")[:2])
    return Requirement(f"{dependency.name}{dependency.version}", python)
