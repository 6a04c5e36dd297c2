"""Cargo.toml and Cargo.lock. Source of the form: doc.rust-lang.org/cargo, "The Manifest Format"."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import (
    LIMIT,
    LOCK_LIMIT,
    Table,
    is_there,
    load_toml,
    table,
    tables_of,
    text_of,
    texts_of,
)


@dataclass(frozen=True)
class CargoManifest:
    """A Cargo.toml. `bins` are the names of the programs that it builds, `members` a workspace's globs.

    `local` are dependencies in folders of the context. `build_script` names what runs before the
    build, "" if nothing does. `dependencies` are the direct ones.
    """

    path: str
    unreadable: str = ""
    name: str = ""
    version: str = ""
    edition: str = ""
    rust: str = ""
    bins: tuple[str, ...] = ()
    default_run: str = ""
    members: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    build_script: str = ""
    workspace: bool = False


@dataclass(frozen=True)
class CargoLock:
    """A Cargo.lock: names and versions. `sys` are the crates that link a library of the system."""

    path: str
    unreadable: str = ""
    packages: tuple[tuple[str, str], ...] = ()

    @property
    def sys(self) -> tuple[str, ...]:
        """The names that end in -sys: bindings to a C library, by the convention of Cargo's book."""
        return tuple(sorted({name for name, _ in self.packages if name.endswith("-sys")}))

    @property
    def names(self) -> frozenset[str]:
        """The names of the crates."""
        return frozenset(name for name, _ in self.packages)


def read_cargo_toml(context: BuildContext, path: str = "Cargo.toml") -> CargoManifest | None:
    """Read a Cargo.toml; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LIMIT)
    data, problem = load_toml(text) if text is not None else ({}, "is too large")
    if problem:
        return CargoManifest(path, problem)
    package, folder = table(data, "package"), posixpath.dirname(path)
    dependencies = dict(_dependencies(data))
    return CargoManifest(
        path,
        "",
        text_of(package.get("name")),
        text_of(package.get("version")),
        text_of(package.get("edition")),
        text_of(package.get("rust-version")),
        tuple(_bins(context, folder, data)),
        text_of(package.get("default-run")),
        texts_of(table(data, "workspace").get("members")),
        tuple(dependencies),
        tuple(path for path in (text_of(table(d).get("path")) for d in dependencies.values()) if path),
        _build_script(context, folder, package),
        "workspace" in data,
    )


def _dependencies(data: Table) -> Iterator[tuple[str, object]]:
    tables = [data, *(table(t) for t in table(data, "target").values())]
    for one in tables:
        for key in ("dependencies", "build-dependencies"):
            yield from ((str(k), v) for k, v in table(one, key).items())


def _bins(context: BuildContext, folder: str, data: Table) -> Iterator[str]:
    """Yield programs as Cargo finds them: named ones, src/main.rs, src/bin/*.rs and src/bin/*/main.rs."""
    package = table(data, "package")
    named = [text_of(b.get("name")) for b in tables_of(data.get("bin"))]
    yield from dict.fromkeys(n for n in named if n)
    if package.get("autobins") is False:
        return
    name = text_of(package.get("name"))
    paths = {text_of(b.get("path")) for b in tables_of(data.get("bin"))}
    if (
        name
        and name not in named
        and is_there(context, posixpath.join(folder, "src/main.rs"))
        and "src/main.rs" not in paths
    ):
        yield name
    for entry in context.entries(posixpath.join(folder, "src/bin")):
        stem = entry.name.removesuffix(".rs")
        if (
            stem not in named
            and (entry.name.endswith(".rs") or entry.is_dir())
            and f"src/bin/{entry.name}" not in paths
        ):
            yield stem


def _build_script(context: BuildContext, folder: str, package: Table) -> str:
    named = package.get("build")
    if isinstance(named, str):
        return named
    return "build.rs" if named is not False and is_there(context, posixpath.join(folder, "build.rs")) else ""


def read_cargo_lock(context: BuildContext, path: str = "Cargo.lock") -> CargoLock | None:
    """Read a Cargo.lock; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LOCK_LIMIT)
    data, problem = load_toml(text) if text is not None else ({}, "is too large")
    if problem:
        return CargoLock(path, problem)
    listed = tables_of(data.get("package"))
    return CargoLock(path, "", tuple((text_of(p.get("name")), text_of(p.get("version"))) for p in listed))
