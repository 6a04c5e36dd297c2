"""A saved image as one stream, read once: no copy on disk, whatever the order of its parts.

Blobs stand in front of the manifest that names them, so every part is read for what it looks like:
a JSON document is kept, a layer is reduced to its list of files. What the image is made of
is put together at the end.
"""

from __future__ import annotations

import hashlib
import posixpath
import tarfile
from collections.abc import MutableMapping
from dataclasses import dataclass, field

from optimizer.prove.image.layer import LayerFiles, read_layer
from optimizer.prove.image.streams import GZIP, ZSTD, Limits, Peeked, Readable, inflated
from optimizer.prove.image.tar import inner_path, members, shown
from optimizer.prove.image.types import ImageError

_PARTS = 20_000
_DOCUMENTS = 256 << 20
_BLOCK = 512


@dataclass
class Parts:
    """The documents and layers of an archive, by path. `broken` parts matter only to who needs them."""

    where: str
    documents: dict[str, bytes] = field(default_factory=dict)
    layers: dict[str, LayerFiles] = field(default_factory=dict)
    broken: dict[str, ImageError] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def document(self, path: str) -> bytes | None:
        """Return a document, None where there is none."""
        path = self._real(path)
        if path in self.broken:
            raise self.broken[path]
        if path in self.layers:
            raise ImageError("is a layer and no JSON document", f"{self.where}: {shown(path)}")
        return self.documents.get(path)

    def layer(self, path: str) -> LayerFiles:
        """Return a layer."""
        path = self._real(path)
        if path in self.broken:
            raise self.broken[path]
        found = self.layers.get(path)
        if found is None:
            reason = "is no layer" if path in self.documents else "is not in the archive"
            raise ImageError(reason, f"{self.where}: {shown(path)}")
        return found

    def _real(self, path: str) -> str:
        for _ in range(8):
            if path not in self.links:
                return path
            path = self.links[path]
        raise ImageError("is a link that goes round", f"{self.where}: {shown(path)}")


def read_archive(
    stream: Readable, where: str, limits: Limits, known: MutableMapping[str, LayerFiles] | None = None
) -> Parts:
    """Read a saved image to its end; raise ImageError where it is no archive or leads out of itself.

    `known` are layers that were read before, by digest; it takes those that are read now.
    """
    parts = Parts(where)
    plain = inflated(stream, where, limits)
    kept = 0
    for number, (info, file) in enumerate(members(plain, where)):
        if number >= _PARTS:
            raise ImageError(f"holds more than {_PARTS} parts", where)
        path = inner_path(info.name)
        if info.isdir():
            continue
        if info.issym() or info.islnk():
            parts.links[path] = _target(info, path, where)
            continue
        if file is None:
            raise ImageError(f"holds {shown(path)}, which is neither file, folder nor link", where)
        _take(parts, path, file, limits, known)
        kept += len(parts.documents.get(path, b""))
        if kept > _DOCUMENTS:
            raise ImageError(f"holds more than {_DOCUMENTS} bytes of documents", where)
    return parts


def _target(info: tarfile.TarInfo, path: str, where: str) -> str:
    """Return where a link of the archive leads, which must be within it (docker save links equal layers)."""
    target = info.linkname
    if info.issym():
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if target.startswith(("/", "../")) or target == "..":
        raise ImageError(f"holds {shown(path)}, a link that leads out of it", where)
    return inner_path(target)


def _take(
    parts: Parts, path: str, file: Readable, limits: Limits, known: MutableMapping[str, LayerFiles] | None
) -> None:
    place = f"{parts.where}: {shown(path)}"
    head = Peeked(file)
    if _is_layer(head.peek(_BLOCK)):
        digest = path.removeprefix("blobs/").replace("/", ":")
        if known is not None and digest in known and _digest(head) == digest:
            parts.layers[path] = known[digest]
            return
        try:
            parts.layers[path] = layer = read_layer(head, place, limits)
        except ImageError as error:
            parts.broken[path] = error
            return
        if known is not None:
            known[layer.digest] = layer
        return
    data = bytearray()
    while piece := head.read(1 << 16):
        data += piece
        if len(data) > limits.document:
            parts.broken[path] = ImageError(f"is more than {limits.document} bytes", place)
            return
    parts.documents[path] = bytes(data)


def _digest(stream: Readable) -> str:
    """Read a stream to its end and return the digest of what it held."""
    found = hashlib.sha256()
    while piece := stream.read(1 << 20):
        found.update(piece)
    return f"sha256:{found.hexdigest()}"


def _is_layer(head: bytes) -> bool:
    """Tell whether a part is compressed or an archive; an empty layer is all zeros."""
    if head.startswith((GZIP, ZSTD)):
        return True
    return len(head) == _BLOCK and (head[257:262] == b"ustar" or not any(head) or _is_old_tar(head))


def _is_old_tar(head: bytes) -> bool:
    """Tell whether a block is a tar header from before "ustar": its sum is right."""
    try:
        wanted = int(head[148:156].strip(b"\0 ") or b"x", 8)
    except ValueError:
        return False
    return wanted == sum(head[:148]) + sum(head[156:]) + 8 * ord(" ")
