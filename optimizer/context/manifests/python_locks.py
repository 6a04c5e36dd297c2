"""Lockfiles of Python projects: poetry.lock, uv.lock, pdm.lock, pylock.toml and Pipfile.lock.

Sources: python-poetry.org, docs.astral.sh/uv, pdm-project.org; PEP 751; pipenv.pypa.io, "Pipfile.lock".
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import (
    LOCK_LIMIT,
    Table,
    is_there,
    load_json,
    load_toml,
    table,
    tables_of,
    text_of,
    texts_of,
)
from optimizer.context.manifests.requirements import normal_name

NAMES = {
    "poetry.lock": "poetry",
    "uv.lock": "uv",
    "pdm.lock": "pdm",
    "pylock.toml": "pylock",
    "Pipfile.lock": "pipenv",
}


@dataclass(frozen=True)
class LockedProject:
    """A project of a lockfile. `groups` are the dependency groups that want it, where the file says so.

    `wheels` tells whether the lockfile lists a wheel of it, None where it lists no files.
    """

    name: str
    version: str = ""
    groups: tuple[str, ...] = ()
    local: bool = False
    vcs: bool = False
    wheels: bool | None = None


@dataclass(frozen=True)
class PythonLock:
    """A lockfile. `tool` is "poetry", "uv", "pdm", "pylock" or "pipenv"; `local` what stands beside the project."""

    path: str
    tool: str
    unreadable: str = ""
    packages: tuple[LockedProject, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The normalized names of the projects."""
        return frozenset(p.name for p in self.packages)

    @property
    def local(self) -> tuple[LockedProject, ...]:
        """Those that are folders or files of the context."""
        return tuple(p for p in self.packages if p.local)


def read_python_lock(context: BuildContext, path: str) -> PythonLock | None:
    """Read a lockfile by its name; None where there is none, or where its name is none of theirs."""
    tool = NAMES.get(posixpath.basename(path))
    if tool is None or not is_there(context, path):
        return None
    text = context.text(path, LOCK_LIMIT)
    if text is None:
        return PythonLock(path, tool, "is too large")
    data, problem = load_json(text) if tool == "pipenv" else load_toml(text)
    if problem:
        return PythonLock(path, tool, problem)
    if tool == "pipenv":
        return PythonLock(path, tool, "", tuple(_pipenv(data)))
    root = _root_of_uv(data) if tool == "uv" else ""
    listed = tables_of(data.get("packages" if tool == "pylock" else "package"))
    return PythonLock(path, tool, "", tuple(_locked(entry) for entry in listed if _name(entry) != root or not root))


def _name(entry: Table) -> str:
    return normal_name(text_of(entry.get("name")))


def _root_of_uv(data: Table) -> str:
    """Return the name of the project itself, which uv locks too."""
    for entry in tables_of(data.get("package")):
        source = table(entry, "source")
        if source.get("virtual") == "." or source.get("editable") == ".":
            return _name(entry)
    return ""


def _locked(entry: Table) -> LockedProject:
    source = table(entry, "source")
    local = (
        bool({"editable", "virtual", "directory", "path"} & source.keys())
        or source.get("type") in ("directory", "file")
        or bool({"directory", "path"} & entry.keys())
    )
    vcs = "git" in source or source.get("type") == "git" or bool({"git", "vcs"} & entry.keys())
    return LockedProject(
        _name(entry),
        text_of(entry.get("version")),
        (*texts_of(entry.get("groups")), *texts_of(entry.get("category"))),
        local,
        vcs,
        _has_wheel(entry),
    )


def _has_wheel(entry: Table) -> bool | None:
    if "wheels" in entry:
        return bool(entry["wheels"])
    files = tables_of(entry.get("files"))
    if not files:
        return False if "sdist" in entry else None
    return any(text_of(f.get("file")).endswith(".whl") or text_of(f.get("url")).endswith(".whl") for f in files)


def _pipenv(data: Table) -> Iterator[LockedProject]:
    for section, group in (("default", "main"), ("develop", "dev")):
        for name, entry in table(data, section).items():
            one = table(entry)
            local = "path" in one or one.get("editable") is True or text_of(one.get("file")).startswith("file:")
            yield LockedProject(
                normal_name(str(name)), text_of(one.get("version")), (group,), local and "git" not in one, "git" in one
            )
