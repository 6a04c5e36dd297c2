"""Images and ELF files made by hand, as an engine or somebody with ill will would."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.prove.image import ImageReading, read_image

HARD = tarfile.LNKTYPE
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Member:
    """One member of an archive."""

    name: str
    data: bytes = b""
    mode: int = 0o644
    kind: bytes = tarfile.REGTYPE
    link: str = ""
    uid: int = 0
    gid: int = 0
    pax: tuple[tuple[str, str], ...] = ()


def folder(name: str, mode: int = 0o755) -> Member:
    return Member(name, mode=mode, kind=tarfile.DIRTYPE)


def link(name: str, target: str) -> Member:
    return Member(name, mode=0o777, kind=tarfile.SYMTYPE, link=target)


def program(name: str, data: bytes = b"#!/bin/sh\n") -> Member:
    return Member(name, data, 0o755)


def as_members(files: Mapping[str, bytes | str] | Iterable[Member]) -> list[Member]:
    """Files are given as members, or as names and contents; a name with a slash behind is a folder."""
    if not isinstance(files, Mapping):
        return list(files)
    return [
        folder(name.rstrip("/")) if name.endswith("/") else Member(name, d.encode() if isinstance(d, str) else d)
        for name, d in files.items()
    ]


def tar(files: Mapping[str, bytes | str] | Iterable[Member], form: int = tarfile.PAX_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for member in as_members(files):
            info = tarfile.TarInfo(member.name)
            info.type, info.mode, info.linkname = member.kind, member.mode, member.link
            info.uid, info.gid, info.size = member.uid, member.gid, len(member.data)
            info.pax_headers = dict(member.pax)
            archive.addfile(info, io.BytesIO(member.data))
    return stream.getvalue()


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def config_of(layers: Sequence[bytes], config: dict[str, Any] | None = None, made: Sequence[str] = ()) -> bytes:
    document: dict[str, Any] = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": [PATH], **(config or {})},
        "rootfs": {"type": "layers", "diff_ids": [sha256(layer) for layer in layers]},
    }
    if made:
        document["history"] = [{"created_by": text} for text in made]
    return json.dumps(document).encode()


def blob(data: bytes) -> str:
    return f"blobs/{sha256(data).replace(':', '/')}"


def parts_of(
    layers: Sequence[bytes], config: dict[str, Any] | None = None, made: Sequence[str] = (), tag: str = "app:1"
) -> dict[str, bytes]:
    """The parts of an archive as `docker save` writes it, by path."""
    document = config_of(layers, config, made)
    manifest = [{"Config": blob(document), "RepoTags": [tag], "Layers": [blob(layer) for layer in layers]}]
    parts = {blob(document): document, **{blob(layer): layer for layer in layers}}
    return parts | {"manifest.json": json.dumps(manifest).encode()}


def oci_parts(
    layers: Sequence[bytes], pack: Any = None, tag: str = "1", platform: str = "linux/amd64"
) -> dict[str, bytes]:
    """The parts of an OCI layout, by path; `pack` compresses the layers."""
    document = config_of(layers)
    packed = [pack(layer) if pack else layer for layer in layers]
    manifest = {
        "schemaVersion": 2,
        "config": {"digest": sha256(document), "size": len(document)},
        "layers": [{"digest": sha256(layer), "size": len(layer)} for layer in packed],
    }
    data = json.dumps(manifest).encode()
    system, _, machine = platform.partition("/")
    entry = {
        "digest": sha256(data),
        "platform": {"os": system, "architecture": machine},
        "annotations": {"org.opencontainers.image.ref.name": tag},
    }
    parts = {blob(document): document, blob(data): data, **{blob(layer): layer for layer in packed}}
    return parts | {"index.json": json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()}


def read(data: bytes, **options: Any) -> ImageReading:
    return read_image(io.BytesIO(data), **options)


def image(*layers: Mapping[str, bytes | str] | Iterable[Member], **config: Any) -> ImageReading:
    """Read an image of these layers; the other arguments are its config."""
    return read(tar(parts_of([tar(files) for files in layers], config)))


def write(folder: Path, parts: Mapping[str, bytes]) -> Path:
    for name, data in parts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def elf(
    *needed: str, interpreter: str = "", soname: str = "", runpath: str = "", rpath: str = "", machine: int = 62
) -> bytes:
    """A 64-bit little-endian ELF file with nothing but what the loader asks for (machine 62 is x86-64)."""
    texts = b"\0"
    tags = []
    for tag, values in ((1, needed), (14, (soname,)), (15, (rpath,)), (29, (runpath,))):
        for value in values:
            if value:
                tags.append((tag, len(texts)))
                texts += value.encode() + b"\0"
    interp = interpreter.encode() + b"\0" if interpreter else b""
    count = 3 if interp else 2
    start = 64 + 56 * count
    at_texts, at_interp = start, start + len(texts)
    at_tags = (at_interp + len(interp) + 7) // 8 * 8
    tags += [(5, at_texts), (10, len(texts)), (0, 0)]
    dynamic = b"".join(struct.pack("<QQ", *tag) for tag in tags)
    end = at_tags + len(dynamic)
    ident = b"\x7fELF" + bytes([2, 1, 1, 0]) + bytes(8)
    head = ident + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, count, 64, 0, 0)
    segments = [(1, 0, end), (2, at_tags, len(dynamic))] + ([(3, at_interp, len(interp))] if interp else [])
    for kind, at, size in segments:
        head += struct.pack("<IIQQQQQQ", kind, 4, at, at, at, size, size, 8)
    return (head + texts + interp).ljust(at_tags, b"\0") + dynamic
