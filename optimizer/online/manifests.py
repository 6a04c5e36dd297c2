"""Manifests read: which platforms, how many bytes, and whether the digest is true.

Source: the OCI image specification, and Docker's image manifest version 2, schema 2.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple

from optimizer.catalog.live import written_platform
from optimizer.online.trouble import Refused

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_IMAGES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ACCEPTED = ", ".join((*_INDEXES, *_IMAGES))
_MOST_ENTRIES = 500
_DIGEST = re.compile(r"sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})\Z")


class Part(NamedTuple):
    """An image of an index: the platform, and the digest of its manifest."""

    platform: str
    digest: str


def is_index(manifest: dict[str, Any]) -> bool:
    """Tell an index (a manifest list) from the manifest of one image; raises Refused for anything else."""
    kind = manifest.get("mediaType")
    if kind in _INDEXES or (kind is None and isinstance(manifest.get("manifests"), list)):
        return True
    if kind in _IMAGES or (kind is None and isinstance(manifest.get("config"), dict)):
        return False
    if manifest.get("schemaVersion") == 1:
        raise Refused("the image has a manifest of the old schema 1")
    raise Refused("the manifest is of an unknown kind")


def parts(index: dict[str, Any]) -> list[Part]:
    """Return the images of an index; attestations, which are for no platform, are left out."""
    listed = index.get("manifests")
    if not isinstance(listed, list) or len(listed) > _MOST_ENTRIES:
        raise Refused("the index has no list of manifests")
    found = []
    for entry in listed:
        platform = entry.get("platform") if isinstance(entry, dict) else None
        if isinstance(platform, dict) and platform.get("os") != "unknown":
            found.append(Part(platform_of(platform), digest_of(entry)))
    return found


def platform_of(described: dict[str, Any]) -> str:
    """Return the platform that an index's entry or an image's config names; raises Refused where it names none."""
    system, architecture, variant = (described.get(name, "") for name in ("os", "architecture", "variant"))
    if not all(isinstance(word, str) for word in (system, architecture, variant)) or not system or not architecture:
        raise Refused("an image names no platform")
    return written_platform("/".join(filter(None, (system, architecture, variant))))


def digest_of(descriptor: object) -> str:
    """Return the digest in a descriptor; raises Refused where it has none."""
    digest = descriptor.get("digest") if isinstance(descriptor, dict) else None
    if not isinstance(digest, str) or not digest:
        raise Refused("a manifest leaves out a digest")
    return digest


def is_digest(text: str) -> bool:
    """Tell whether a text is a digest of a kind that is known, and so may stand in a URL."""
    return bool(_DIGEST.match(text))


def config_digest(manifest: dict[str, Any]) -> str:
    """Return the digest of an image's config."""
    return digest_of(manifest.get("config"))


def size_of(manifest: dict[str, Any]) -> int:
    """Return the compressed bytes of an image: its layers and its config."""
    layers = manifest.get("layers")
    if not isinstance(layers, list):
        raise Refused("the manifest has no layers")
    total = 0
    for part in [manifest.get("config"), *layers]:
        size = part.get("size") if isinstance(part, dict) else None
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise Refused("a manifest leaves out a size")
        total += size
    return total


def check_digest(body: bytes, digest: str) -> None:
    """Raise Refused unless `digest` is one (of a known kind), and that of `body`."""
    if not is_digest(digest):
        raise Refused("a digest is of an unknown kind")
    algorithm, _, value = digest.partition(":")
    if hashlib.new(algorithm, body).hexdigest() != value:
        raise Refused("what it sent does not have the digest that it names")
