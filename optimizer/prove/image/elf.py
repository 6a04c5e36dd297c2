"""What the dynamic loader reads of an ELF file, by pyelftools."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, cast

from optimizer.prove.image.types import Elf

if TYPE_CHECKING:
    from elftools.elf.elffile import ELFFile

MAGIC = b"\x7fELF"
_LOADED = (2, 3)  # ET_EXEC, ET_DYN: what runs or is loaded, not object files
_SECTIONS = 1 << 12
_BUDGET = 256 << 20  # bytes that are read of headers, tables and names; LLVM, the largest known, takes 60 MiB
_CALL = 512  # what a read costs beside its bytes, for the time it takes


def is_loadable(head: bytes) -> bool:
    """Tell whether the first bytes are those of a program or a shared library."""
    if not head.startswith(MAGIC) or len(head) < 20:
        return False
    order = ">" if head[5] == 2 else "<"
    return struct.unpack(f"{order}H", head[16:18])[0] in _LOADED


def read_elf(file: IO[bytes]) -> Elf | None:
    """Return the facts of a seekable ELF file, None where it is damaged."""
    try:
        return _read(cast(IO[bytes], _Budget(file)))
    except Exception:
        # A damaged file makes pyelftools fail in any way, assertions among them; what no loader can load has no facts.
        return None


class _Budget:
    """A file that gives only so much: tables and strings that a file claims to have can be endless."""

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell = file.seek, file.tell
        self._file = file
        self._left = _BUDGET

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""
        data = self._file.read(size if 0 <= size <= _BUDGET else _BUDGET)
        self._left -= len(data) + _CALL
        if self._left < 0:
            raise ValueError("more to read than any program has")
        return data


def _read(file: IO[bytes]) -> Elf:
    from elftools.elf.dynamic import DynamicSegment
    from elftools.elf.elffile import ELFFile
    from elftools.elf.segments import InterpSegment

    elf = ELFFile(file)
    facts: dict[str, list[str]] = {"DT_NEEDED": [], "DT_RPATH": [], "DT_RUNPATH": [], "DT_SONAME": []}
    interpreter = ""
    for segment in elf.iter_segments():
        if isinstance(segment, InterpSegment):
            interpreter = segment.get_interp_name()
        elif isinstance(segment, DynamicSegment):
            for tag in segment.iter_tags():
                if tag.entry.d_tag in facts:
                    name = tag.entry.d_tag.removeprefix("DT_").lower()
                    facts[tag.entry.d_tag].append(getattr(tag, name))
    soname = facts["DT_SONAME"]
    wants, defines = _versions(elf)
    return Elf(
        machine=str(elf.header.e_machine),
        bits=elf.elfclass,
        interpreter=interpreter,
        soname=soname[0] if soname else "",
        needed=tuple(facts["DT_NEEDED"]),
        rpath=_folders(facts["DT_RPATH"]),
        runpath=_folders(facts["DT_RUNPATH"]),
        wants=wants,
        defines=defines,
    )


def _folders(values: list[str]) -> tuple[str, ...]:
    return tuple(folder for value in values for folder in value.split(":") if folder)


def _versions(elf: ELFFile) -> tuple[tuple[tuple[str, str], ...], frozenset[str]]:
    """Return the symbol versions that the file needs, by library, and those that it defines."""
    wants: list[tuple[str, str]] = []
    defines: set[str] = set()
    for section in _sections(elf, "SHT_GNU_verneed"):
        for version, auxiliaries in section.iter_versions():
            # VER_FLG_WEAK: the program copes without.
            wants += [(version.name, a.name) for a in auxiliaries if not a["vna_flags"] & 2]
    for section in _sections(elf, "SHT_GNU_verdef"):
        for _, auxiliaries in section.iter_versions():
            defines.update(a.name for a in auxiliaries)
    return tuple(wants), frozenset(defines)


def _sections(elf: ELFFile, kind: str) -> Iterator[Any]:
    """Yield the sections of a kind; no others are made, for some of them read all their tables."""
    from elftools.common.exceptions import ELFError

    for number in range(min(elf.num_sections(), _SECTIONS)):
        with suppress(ELFError):
            yield elf.get_section(number, (kind,))
