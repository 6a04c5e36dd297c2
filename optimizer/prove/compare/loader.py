"""Finds shared libraries in an image as the dynamic loaders do.

Sources: ld.so(8) for glibc (DT_RPATH, LD_LIBRARY_PATH, DT_RUNPATH, the cache of ldconfig, the default folders);
musl's ldso/dynlink.c (LD_LIBRARY_PATH, both run paths, the folders of /etc/ld-musl-ARCH.path or
/lib:/usr/local/lib:/usr/lib).
"""

from __future__ import annotations

import posixpath
from functools import cached_property

from optimizer.prove.compare.sides import Side
from optimizer.prove.image import Elf

_CACHE = "etc/ld.so.cache"
_MUSL = ("/lib", "/usr/local/lib", "/usr/lib")
_MULTIARCH = {
    "EM_X86_64": "x86_64-linux-gnu",
    "EM_AARCH64": "aarch64-linux-gnu",
    "EM_ARM": "arm-linux-gnueabihf",
    "EM_386": "i386-linux-gnu",
    "EM_PPC64": "powerpc64le-linux-gnu",
    "EM_S390": "s390x-linux-gnu",
    "EM_RISCV": "riscv64-linux-gnu",
}
# What the loader itself or the kernel gives.
_GIVEN = ("linux-vdso.so", "linux-gate.so")


class Loader:
    """The dynamic loader of an image."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._found: dict[tuple[str, str, int, tuple[str, ...]], str] = {}

    def missing(self, path: str, elf: Elf) -> list[str]:
        """Return what a program or library needs and the image doesn't have, in words that name it.

        A library comes as its name; a version of a library's symbols as "name (version)".
        """
        out = []
        found: dict[str, str] = {}
        folders = self._folders(path, elf)
        for name in elf.needed:
            if name.startswith(_GIVEN):
                continue
            found[name] = self._find(name, elf, folders)
            if not found[name]:
                out.append(name)
        for library, version in elf.wants:
            given = self.side.reading.elf.get(found.get(library, ""))
            # A library without versions gives all; the loader only warns.
            if given is not None and given.defines and version not in given.defines:
                out.append(f"{library} ({version})")
        return out

    def _folders(self, path: str, elf: Elf) -> tuple[str, ...]:
        origin = "/" + path.rpartition("/")[0]
        preset = [f for f in self.side.reading.config.env.get("LD_LIBRARY_PATH", "").split(":") if f]
        run = [_expanded(folder, origin) for folder in (elf.runpath or elf.rpath)]
        if self._is_musl(elf):
            return (*preset, *run, *self._musl_folders)
        in_front: list[str]
        behind: list[str]
        in_front, behind = ([], run) if elf.runpath else (run, [])
        return (*in_front, *preset, *behind)

    def _find(self, name: str, elf: Elf, folders: tuple[str, ...]) -> str:
        key = (name, elf.machine, elf.bits, folders)
        if key not in self._found:
            self._found[key] = self._search(name, elf, folders)
        return self._found[key]

    def _search(self, name: str, elf: Elf, folders: tuple[str, ...]) -> str:
        if "/" in name:
            return self._fits(name, elf)
        for folder in folders:
            if real := self._fits(posixpath.join(folder, name), elf):
                return real
        if self._is_musl(elf):
            # musl knows its own C library by name.
            return self._fits(elf.interpreter, elf) if name.startswith("libc.") and elf.interpreter else ""
        for place in self._cached.get(name, ()):
            if real := self._fits(place, elf):
                return real
        machine = _MULTIARCH.get(elf.machine, "")
        for folder in (f"/lib/{machine}", f"/usr/lib/{machine}", "/lib", "/usr/lib", "/lib64", "/usr/lib64"):
            if real := self._fits(posixpath.join(folder, name), elf):
                return real
        return ""

    def _fits(self, path: str, elf: Elf) -> str:
        """Return the real path of a library that is for the same machine, "" where there is none."""
        real = self.side.real(path)
        found = self.side.reading.elf.get(real) if real else None
        return real if found and (found.machine, found.bits) == (elf.machine, elf.bits) else ""

    def _is_musl(self, elf: Elf) -> bool:
        if elf.interpreter:
            return "ld-musl" in elf.interpreter
        return any(name.startswith("libc.musl") for name in elf.needed)

    @cached_property
    def _cached(self) -> dict[str, list[str]]:
        """The paths of ldconfig's cache, by file name."""
        out: dict[str, list[str]] = {}
        for path in self.side.reading.texts.get(_CACHE, "").splitlines():
            out.setdefault(path.rpartition("/")[2], []).append(path)
        return out

    @cached_property
    def _musl_folders(self) -> tuple[str, ...]:
        for path, text in self.side.reading.texts.items():
            if path.startswith("etc/ld-musl-"):
                return tuple(f for line in text.splitlines() for f in line.split(":") if f)
        return _MUSL


def _expanded(folder: str, origin: str) -> str:
    return folder.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)
