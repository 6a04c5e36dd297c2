"""One layer: its files, and what it hides of the layers below."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass, field, replace
from typing import IO

from optimizer.prove.image.contents import Contents
from optimizer.prove.image.links import follow_links
from optimizer.prove.image.streams import Limits, Readable, faults_named, inflated
from optimizer.prove.image.tar import inner_path, members, shown
from optimizer.prove.image.types import FileEntry, ImageError, Kind

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_CAPABILITIES = "SCHILY.xattr.security.capability"
_KINDS: dict[bytes, Kind] = {
    tarfile.DIRTYPE: "folder",
    tarfile.SYMTYPE: "link",
    tarfile.LNKTYPE: "hardlink",
    tarfile.CHRTYPE: "device",
    tarfile.BLKTYPE: "device",
    tarfile.FIFOTYPE: "fifo",
}


@dataclass
class LayerFiles:
    """What a layer holds. `hidden` are paths that it deletes, `opaque` folders whose old contents it hides."""

    digest: str = ""
    entries: dict[str, FileEntry] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)
    contents: Contents = field(default_factory=Contents)


def read_layer(stream: Readable, where: str, limits: Limits) -> LayerFiles:
    """Read a layer, plain or compressed; raise ImageError where it is not what it should be."""
    with faults_named(where):
        plain = inflated(stream, where, limits)
        layer = LayerFiles()
        size = 0
        for info, file in members(plain, where):
            # The holes of a sparse file are in no stream that could be counted.
            size += info.size if file is not None else 0
            if size > limits.size:
                raise ImageError(f"holds {shown(info.name)}, with which it is more than {limits.size} bytes")
            _add(layer, info, file)
            if len(layer.entries) + len(layer.hidden) > limits.entries:
                raise ImageError(f"holds more than {limits.entries} files")
        plain.drain()
        layer.digest = plain.digest
        follow_links(layer.entries, layer.contents.move)
    _complete_hardlinks(layer, where)
    return layer


def _add(layer: LayerFiles, info: tarfile.TarInfo, file: IO[bytes] | None) -> None:
    path = inner_path(info.name)
    if not path:
        return
    folder, _, name = path.rpartition("/")
    if name.startswith(_WHITEOUT):
        _hide(layer, folder, name)
        return
    layer.contents.forget(path)
    kind: Kind = "file" if info.isreg() else _KINDS.get(info.type, "file")
    if info.type not in _KINDS and not info.isreg():
        raise ImageError(f"holds {shown(path)} of the unknown type {info.type!r}")
    digest = "" if file is None else layer.contents.take(path, file, info.size)
    target = ""
    if kind == "hardlink":
        target = inner_path(info.linkname)
    elif kind == "link":
        target = info.linkname
    layer.entries[path] = FileEntry(
        path=path,
        kind=kind,
        mode=info.mode & 0o7777,
        uid=info.uid,
        gid=info.gid,
        size=info.size if kind == "file" else 0,
        target=target,
        digest=digest,
        capabilities=info.pax_headers.get(_CAPABILITIES, "").encode("utf-8", "surrogateescape").hex(),
    )


def _hide(layer: LayerFiles, folder: str, name: str) -> None:
    if name == _OPAQUE:
        layer.opaque.add(folder)
        return
    hidden = name.removeprefix(_WHITEOUT)
    if hidden.startswith(_WHITEOUT):
        return  # the book-keeping of aufs
    if hidden in ("", ".", ".."):
        raise ImageError(f"holds the whiteout {shown(name)}, which names no file")
    layer.hidden.add(f"{folder}/{hidden}" if folder else hidden)


def _complete_hardlinks(layer: LayerFiles, where: str) -> None:
    """Give each hard link within the layer the size and content of its file."""
    for path, entry in layer.entries.items():
        if entry.kind != "hardlink":
            continue
        first = layer.entries.get(entry.target)
        if first is None or first.kind == "hardlink":
            # A chain of hard links ends at a file within a few steps, or goes round.
            first = _first_name(layer, entry)
        if first is None:
            continue  # its file is in a layer below
        if first.kind == "folder":
            raise ImageError(f"holds {shown(path)}, a hard link to a folder", where)
        layer.entries[path] = replace(entry, size=first.size, digest=first.digest, capabilities=first.capabilities)
        _copy_facts(layer.contents, first.path, path)


def _first_name(layer: LayerFiles, entry: FileEntry) -> FileEntry | None:
    for _ in range(8):
        found = layer.entries.get(entry.target)
        if found is None or found.kind != "hardlink":
            return found
        entry = found
    return None


def _copy_facts(contents: Contents, old: str, new: str) -> None:
    if old in contents.elf:
        contents.elf[new] = contents.elf[old]
    if old in contents.shebangs:
        contents.shebangs[new] = contents.shebangs[old]
