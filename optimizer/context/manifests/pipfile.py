"""Pipfile: the manifest of pipenv. Source of the form: pipenv.pypa.io, "Pipfile"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LIMIT, Table, is_there, load_toml, table, text_of, texts_of
from optimizer.context.manifests.requirements import Requirement, normal_name


@dataclass(frozen=True)
class Pipfile:
    """A Pipfile: what to run with, what to develop with, and the Python that it asks for."""

    path: str
    unreadable: str = ""
    python: str = ""
    dependencies: tuple[Requirement, ...] = ()
    development: tuple[Requirement, ...] = ()

    @property
    def local(self) -> tuple[Requirement, ...]:
        """The requirements that are files or folders beside it."""
        return tuple(r for r in (*self.dependencies, *self.development) if r.local)


def read_pipfile(context: BuildContext, path: str = "Pipfile") -> Pipfile | None:
    """Read a Pipfile; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LIMIT)
    data, problem = load_toml(text) if text is not None else ({}, "is too large")
    if problem:
        return Pipfile(path, problem)
    requires = table(data, "requires")
    return Pipfile(
        path,
        "",
        text_of(requires.get("python_full_version")) or text_of(requires.get("python_version")),
        tuple(_requirements(table(data, "packages"))),
        tuple(_requirements(table(data, "dev-packages"))),
    )


def _requirements(packages: Table) -> Iterator[Requirement]:
    for name, asked in packages.items():
        one = table(asked)
        local = text_of(one.get("path"))
        yield Requirement(
            normal_name(str(name)),
            text_of(asked) or text_of(one.get("version")),
            texts_of(one.get("extras")),
            text_of(one.get("markers")),
            local or text_of(one.get("git")) or text_of(one.get("file")),
            one.get("editable") is True,
            bool(local),
            "git" in one,
        )
