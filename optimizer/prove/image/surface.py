"""What an intruder finds in an image: programs, shells, tools."""

from __future__ import annotations

import re
from collections.abc import Iterable

from optimizer.prove.image.types import FileEntry, Surface, resolve

SHELLS = frozenset("sh bash dash ash zsh ksh mksh csh tcsh fish busybox rbash".split())
PACKAGE_MANAGERS = frozenset(
    "apt apt-get aptitude dpkg apk yum dnf dnf5 microdnf tdnf zypper rpm pacman pip pip3 pipx uv poetry conda mamba "
    "npm npx yarn pnpm corepack gem bundle composer cargo".split()
)
DOWNLOAD_TOOLS = frozenset("curl wget aria2c lynx ftp tftp sftp scp rsync nc ncat netcat socat git".split())
_LIBRARY = re.compile(r"\.so(\.[\d.]+)?\Z|\.(py|pyc|js|mjs|json|txt|md|h|a|o|la)\Z")
_FOLDER = re.compile(r"(?:.*/)?s?bin/[^/]+")


def read_surface(tree: dict[str, FileEntry]) -> Surface:
    """Return the attack surface of a merged tree."""
    programs = [entry for path, entry in sorted(tree.items()) if _FOLDER.fullmatch(path) and _runs(tree, entry)]
    files = [entry for _, entry in sorted(tree.items()) if entry.executable]
    return Surface(
        executables=tuple(e.path for e in files if not _LIBRARY.search(e.path)),
        setuid=tuple(e.path for e in files if e.mode & 0o4000),
        setgid=tuple(e.path for e in files if e.mode & 0o2000),
        shells=_named(programs, SHELLS),
        package_managers=_named(programs, PACKAGE_MANAGERS),
        download_tools=_named(programs, DOWNLOAD_TOOLS),
    )


def _runs(tree: dict[str, FileEntry], entry: FileEntry) -> bool:
    if entry.kind != "link":
        return entry.executable
    real = resolve(tree, entry.path)
    return real is not None and real in tree and tree[real].executable


def _named(programs: Iterable[FileEntry], names: frozenset[str]) -> tuple[str, ...]:
    return tuple(entry.path for entry in programs if entry.path.rpartition("/")[2] in names)
