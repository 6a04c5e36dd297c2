"""Which config and which layers, in which order, make up the image of an archive or a layout."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from optimizer.prove.image.documents import as_text, as_texts, objects, parse, platform_of
from optimizer.prove.image.tar import shown
from optimizer.prove.image.types import ImageError

# Returns the bytes of a document by its path, None where there is none.
Lookup = Callable[[str], bytes | None]
_DIGEST = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,128}")
_DEPTH = 4  # indexes within indexes


class Choice(NamedTuple):
    """An image: the path of its config, and those of its layers, the lowest first."""

    name: str
    config: str
    layers: tuple[str, ...]


def choose(lookup: Lookup, name: str, platform: str, where: str) -> Choice:
    """Return the image that `name` and `platform` name, or the only one there is if these are empty."""
    data = lookup("manifest.json")
    if data is not None:
        return _docker(data, name, f"{where}: manifest.json")
    data = lookup("index.json")
    if data is None:
        raise ImageError("is no image: it has neither manifest.json nor index.json", where)
    return _oci(lookup, data, name, platform, where)


def _docker(data: bytes, name: str, where: str) -> Choice:
    images = objects(parse(data, where), where)
    named = [(image, as_texts(image.get("RepoTags"), f"{where}: RepoTags")) for image in images]
    if name:
        # `docker save NAME` without a tag saves every tag of the name.
        tagged = [(image, tags) for image, tags in named if name in tags or f"{name}:latest" in tags]
        named = tagged or (named if len(named) == 1 else [])
    if len(named) != 1:
        raise ImageError(_how_many(len(named), name, [tag for _, tags in named for tag in tags]), where)
    image, tags = named[0]
    config = as_text(image.get("Config"), f"{where}: Config")
    if not config:
        raise ImageError("names no config", where)
    return Choice(name or next(iter(tags), ""), config, as_texts(image.get("Layers"), f"{where}: Layers"))


def _oci(lookup: Lookup, data: bytes, name: str, platform: str, where: str) -> Choice:
    place = f"{where}: index.json"
    document: Any = parse(data, place)
    for _ in range(_DEPTH):
        found = _pick(objects(_member(document, "manifests", place), f"{place}: manifests"), name, platform, place)
        path = blob_path(as_text(found.get("digest"), f"{place}: digest"), place)
        data_of = lookup(path)
        place = f"{where}: {path}"
        if data_of is None:
            raise ImageError("is not in the archive", place)
        document, name = parse(data_of, place), ""
        if "manifests" not in document:
            return _manifest(document, found, place)
    raise ImageError("holds indexes within indexes, too deep", place)


def _manifest(document: Any, descriptor: dict[str, Any], where: str) -> Choice:
    config = _member(document, "config", where)
    layers = objects(_member(document, "layers", where), f"{where}: layers")
    return Choice(
        _ref(descriptor),
        blob_path(as_text(_member(config, "digest", f"{where}: config"), where), where),
        tuple(blob_path(as_text(layer.get("digest"), f"{where}: layers"), where) for layer in layers),
    )


def _pick(found: list[dict[str, Any]], name: str, platform: str, where: str) -> dict[str, Any]:
    # Attestations stand beside the images, for a platform that there is not.
    real = [d for d in found if not platform_of(d, where).startswith("unknown")]
    if name and any(_ref(d) for d in real) and len(real) > 1:
        real = [d for d in real if name == _ref(d)]
    if platform and len(real) > 1:
        real = [d for d in real if platform_of(d, where) in (platform, f"{platform}/v8")]
    if len(real) != 1:
        raise ImageError(_how_many(len(real), name or platform, [platform_of(d, where) for d in real]), where)
    return real[0]


def _ref(descriptor: dict[str, Any]) -> str:
    notes = descriptor.get("annotations")
    if not isinstance(notes, dict):
        return ""
    name = notes.get("io.containerd.image.name") or notes.get("org.opencontainers.image.ref.name") or ""
    return name if isinstance(name, str) else ""


def _member(document: Any, name: str, where: str) -> Any:
    if not isinstance(document, dict) or name not in document:
        raise ImageError(f"has no {name!r}", where)
    return document[name]


def _how_many(count: int, wanted: str, names: list[str]) -> str:
    if not count:
        return f"holds no image {wanted!r}" if wanted else "holds no image"
    return f"holds {count} images ({', '.join(shown(n) for n in names if n)}): name one of them"


def blob_path(digest: str, where: str) -> str:
    """Return where a layout keeps the blob with a digest."""
    if not _DIGEST.fullmatch(digest):
        raise ImageError(f"names {digest[:80]!r}, which is no digest", where)
    return f"blobs/{digest.replace(':', '/', 1)}"
