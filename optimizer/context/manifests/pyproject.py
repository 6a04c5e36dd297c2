"""pyproject.toml: PEP 621, Poetry, PDM, uv and the build system.

Sources: packaging.python.org, "pyproject.toml specification" and "Dependency groups";
python-poetry.org/docs/pyproject; pdm-project.org; docs.astral.sh/uv.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import (
    LIMIT,
    Table,
    is_there,
    load_toml,
    pairs_of,
    table,
    tables_of,
    text_of,
    texts_of,
)
from optimizer.context.manifests.requirements import Requirement, normal_name, read_requirement


@dataclass(frozen=True)
class PyProject:
    """A pyproject.toml.

    `tool` is "poetry", "pdm", "uv", "hatch", "flit", "setuptools" or "" for what manages the project;
    `backend` its build backend. `groups` maps names of dependency groups to what they ask for,
    Poetry's and uv's development dependencies as "dev"; `extras` the optional dependencies.
    `scripts` maps console scripts to `module:function`. `packaged` tells whether the project itself
    is a package that an install builds, None where that is not said. `reads` are the files that
    building it reads: its readme, a version file.
    """

    path: str
    unreadable: str = ""
    name: str = ""
    python: str = ""
    tool: str = ""
    backend: str = ""
    requires: tuple[str, ...] = ()
    dependencies: tuple[Requirement, ...] = ()
    groups: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    extras: Mapping[str, tuple[Requirement, ...]] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    packaged: bool | None = None
    reads: tuple[str, ...] = ()
    workspace: bool = False
    dynamic: tuple[str, ...] = ()

    @property
    def everything(self) -> tuple[Requirement, ...]:
        """All requirements, those of groups and extras included."""
        rest = [r for found in (self.groups, self.extras) for group in found.values() for r in group]
        return (*self.dependencies, *rest)

    @property
    def local(self) -> tuple[Requirement, ...]:
        """The requirements that are files or folders beside the project."""
        return tuple(r for r in self.everything if r.local)


def read_pyproject(context: BuildContext, path: str = "pyproject.toml") -> PyProject | None:
    """Read a pyproject.toml; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LIMIT)
    data, problem = load_toml(text) if text is not None else ({}, "is too large")
    if problem:
        return PyProject(path, problem)
    project, poetry = table(data, "project"), table(data, "tool", "poetry")
    backend = text_of(table(data, "build-system").get("build-backend"))
    uv = table(data, "tool", "uv")
    local_sources = _local_sources(uv)
    asked = [read_requirement(text) for text in texts_of(project.get("dependencies"))]
    asked += _poetry(table(poetry, "dependencies"))
    dependencies = tuple(_placed(r, local_sources) for r in asked)
    return PyProject(
        path,
        name=text_of(project.get("name")) or text_of(poetry.get("name")),
        python=text_of(project.get("requires-python")) or text_of(table(poetry, "dependencies").get("python")),
        tool=_tool(data, backend),
        backend=backend,
        requires=texts_of(table(data, "build-system").get("requires")),
        dependencies=dependencies,
        groups={k: tuple(_placed(r, local_sources) for r in v) for k, v in _groups(data).items()},
        extras={
            str(k): tuple(read_requirement(t) for t in texts_of(v))
            for k, v in table(project, "optional-dependencies").items()
        },
        scripts={**pairs_of(project.get("scripts")), **pairs_of(poetry.get("scripts"))},
        packaged=_packaged(data, project, poetry, uv),
        reads=_reads(project, poetry),
        workspace="workspace" in uv,
        dynamic=texts_of(project.get("dynamic")),
    )


def _tool(data: Table, backend: str) -> str:
    tools = table(data, "tool")
    by_backend = (
        ("poetry", "poetry"),
        ("pdm", "pdm"),
        ("hatchling", "hatch"),
        ("flit", "flit"),
        ("setuptools", "setuptools"),
    )
    for name in ("poetry", "pdm", "uv", "hatch", "flit"):
        if name in tools:
            return name
    return next((tool for word, tool in by_backend if backend.startswith(word)), "")


def _poetry(dependencies: Table) -> Iterator[Requirement]:
    for name, asked in dependencies.items():
        if name == "python":
            continue
        for one in asked if isinstance(asked, list) else [asked]:
            if isinstance(one, str):
                yield Requirement(normal_name(name), one)
            elif isinstance(one, dict):
                local = text_of(one.get("path")) or text_of(one.get("file"))
                yield Requirement(
                    normal_name(name),
                    text_of(one.get("version")),
                    tuple(texts_of(one.get("extras"))),
                    text_of(one.get("markers")),
                    local or text_of(one.get("git")) or text_of(one.get("url")),
                    one.get("develop") is True,
                    bool(local),
                    "git" in one,
                )


def _groups(data: Table) -> dict[str, tuple[Requirement, ...]]:
    found: dict[str, tuple[Requirement, ...]] = {}
    poetry = table(data, "tool", "poetry")
    development = tuple(_poetry(table(poetry, "dev-dependencies")))
    if development:
        found["dev"] = development
    for name, group in table(poetry, "group").items():
        found[str(name)] = (*found.get(str(name), ()), *_poetry(table(group, "dependencies")))
    groups = table(data, "dependency-groups")
    for name in groups:
        found[str(name)] = (*found.get(str(name), ()), *_group(groups, str(name), frozenset()))
    for tool, key in (("pdm", "dev-dependencies"), ("uv", "dev-dependencies")):
        listed = table(data, "tool", tool).get(key)
        for name, asked in ({"dev": listed} if isinstance(listed, list) else table(listed)).items():
            found[str(name)] = (*found.get(str(name), ()), *(read_requirement(t) for t in texts_of(asked)))
    return found


def _group(groups: Table, name: str, seen: frozenset[str]) -> Iterator[Requirement]:
    if name in seen:
        return
    listed = groups.get(name)
    yield from (read_requirement(text) for text in texts_of(listed))
    for include in tables_of(listed):
        yield from _group(groups, text_of(include.get("include-group")), seen | {name})


def _local_sources(uv: Table) -> frozenset[str]:
    return frozenset(
        normal_name(str(name))
        for name, sources in table(uv, "sources").items()
        for one in (tables_of(sources) if isinstance(sources, list) else [table(sources)])
        if "path" in one or one.get("workspace") is True
    )


def _placed(requirement: Requirement, local: frozenset[str]) -> Requirement:
    from dataclasses import replace

    return replace(requirement, local=True) if requirement.name in local else requirement


def _packaged(data: Table, project: Table, poetry: Table, uv: Table) -> bool | None:
    if "package-mode" in poetry:
        return bool(poetry["package-mode"])
    if "package" in uv:
        return bool(uv["package"])
    distribution = table(data, "tool", "pdm").get("distribution")
    if distribution is not None:
        return bool(distribution)
    if "build-system" in data:
        return True
    return None if project or poetry else False


def _reads(project: Table, poetry: Table) -> tuple[str, ...]:
    readme = project.get("readme") or poetry.get("readme")
    named = [*texts_of(readme), text_of(table(readme).get("file"))]
    licence = table(project, "license").get("file")
    return tuple(name for name in (*named, text_of(licence)) if name)
