"""What is known of an image after it was read. Paths are relative to the image's root, without a leading slash."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["file", "folder", "link", "hardlink", "device", "fifo"]


class ImageError(Exception):
    """An image that can't be read. `what` is wrong, `where` names the place in the archive."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.what = what
        self.where = where


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One name in an image.

    `mode` holds the permission bits with setuid, setgid and sticky; `size` is in bytes. `target` is
    where a link points to, as written; for a hardlink the path of the file. `digest` is the sha256 of the
    content in hex, of files and hardlinks only. `capabilities` is the file's `security.capability`
    in hex. `layer` is the index of the layer that it is from.
    """

    path: str
    kind: Kind
    mode: int
    uid: int = 0
    gid: int = 0
    size: int = 0
    target: str = ""
    digest: str = ""
    capabilities: str = ""
    layer: int = 0

    @property
    def has_content(self) -> bool:
        """Whether it is a file, under its first name or another."""
        return self.kind in ("file", "hardlink")

    @property
    def executable(self) -> bool:
        """Whether it is a file that somebody may execute."""
        return self.has_content and bool(self.mode & 0o111)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, and how much of it is for nothing.

    `size` is the sum of the files that it adds, in bytes, uncompressed; `replaced` and `hidden` are the bytes
    of these that later layers overwrite and delete. `digest` is of the uncompressed layer (its diff id).
    `created_by` is the instruction, "" where the image doesn't say.
    """

    index: int
    digest: str
    size: int
    created_by: str = ""
    entries: int = 0
    replaced: int = 0
    hidden: int = 0

    @property
    def wasted(self) -> int:
        """The bytes that nobody sees in the image."""
        return self.replaced + self.hidden


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """A HEALTHCHECK: `test` as the engine has it (NONE, CMD ... or CMD-SHELL ...), times in nanoseconds."""

    test: tuple[str, ...]
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """The run-time configuration. What isn't set is empty; `healthcheck` None means the same."""

    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    user: str = ""
    workdir: str = ""
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    stop_signal: str = ""
    healthcheck: Healthcheck | None = None
    labels: dict[str, str] = field(default_factory=dict)
    shell: tuple[str, ...] = ()
    architecture: str = ""
    os: str = ""
    onbuild: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Packages:
    """Installed packages, name to version (several versions, as npm has them, are joined by ", ").

    `owner` says of each path that a distribution's package manager knows which package it is from.
    `unread` names databases that were seen and can't be read, with the reason.
    """

    dpkg: dict[str, str] = field(default_factory=dict)
    apk: dict[str, str] = field(default_factory=dict)
    rpm: dict[str, str] = field(default_factory=dict)
    python: dict[str, str] = field(default_factory=dict)
    node: dict[str, str] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    @property
    def by_manager(self) -> Iterator[tuple[str, dict[str, str]]]:
        """The names and packages of each manager, empty ones too."""
        for name in ("dpkg", "apk", "rpm", "python", "node"):
            yield name, getattr(self, name)

    @property
    def count(self) -> int:
        """How many packages there are."""
        return sum(len(packages) for _, packages in self.by_manager)


@dataclass(frozen=True, slots=True)
class Surface:
    """What an intruder finds: paths, sorted."""

    executables: tuple[str, ...] = ()
    setuid: tuple[str, ...] = ()
    setgid: tuple[str, ...] = ()
    shells: tuple[str, ...] = ()
    package_managers: tuple[str, ...] = ()
    download_tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes: of all layers, of the files that are seen, and of those that no one sees."""

    total: int
    visible: int
    wasted: int


@dataclass(frozen=True, slots=True)
class Elf:
    """What the dynamic loader reads of a program or library.

    `interpreter` is "" for libraries and static programs. `wants` are the symbol versions that it needs, as
    (library, version), `defines` those that it gives. `runpath` stands for DT_RUNPATH, `rpath` for DT_RPATH.
    """

    machine: str
    bits: int
    interpreter: str = ""
    soname: str = ""
    needed: tuple[str, ...] = ()
    rpath: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()
    wants: tuple[tuple[str, str], ...] = ()
    defines: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ImageReading:
    """An image that was read. `tree` is the merged file system, by path.

    `elf` are the dynamically linked programs and libraries, `shebangs` the first lines of scripts
    without the `#!`, `texts` the small files whose text matters: the system's tables (passwd,
    ld.so.conf, ...) and what looks like the application's scripts and sources.
    `unread` counts the texts that were left out because there were too many.
    """

    name: str
    config: ImageConfig
    layers: tuple[Layer, ...]
    tree: dict[str, FileEntry]
    packages: Packages
    surface: Surface
    sizes: Sizes
    elf: dict[str, Elf] = field(default_factory=dict)
    shebangs: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    unread: int = 0

    def find(self, path: str) -> FileEntry | None:
        """Return what is at a path, links followed as in the running container; None where nothing is."""
        real = resolve(self.tree, path)
        return None if real is None else self.tree.get(real)


def resolve(tree: dict[str, FileEntry], path: str, limit: int = 40) -> str | None:
    """Return the real path of `path` in a tree, None where nothing is or links go round.

    As under chroot(2), `..` at the root stays there. The root itself is "".
    """
    parts = path.split("/")[::-1]
    real = ""
    while parts:
        part = parts.pop()
        if part in ("", "."):
            continue
        if part == "..":
            real = posixpath.dirname(real)
            continue
        step = f"{real}/{part}" if real else part
        entry = tree.get(step)
        if entry is None:
            return None
        if entry.kind != "link":
            real = step
            continue
        limit -= 1
        if limit < 0:
            return None
        if entry.target.startswith("/"):
            real = ""
        parts += entry.target.split("/")[::-1]
    return real
