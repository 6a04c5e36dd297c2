"""Images made by hand, and pushed over the distribution API as the engine would."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

import httpx

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Made(NamedTuple):
    """A manifest with its type, and the blobs and manifests that it speaks of."""

    body: bytes
    kind: str
    blobs: tuple[bytes, ...] = ()
    children: tuple[Made, ...] = ()

    @property
    def digest(self) -> str:
        return digest_of(self.body)

    @property
    def size(self) -> int:
        """What dockopt should find: layers and config."""
        return sum(len(blob) for blob in self.blobs)


def described(data: bytes, kind: str, **more: Any) -> dict[str, Any]:
    return {"mediaType": kind, "digest": digest_of(data), "size": len(data), **more}


def image(architecture: str, *layers: bytes, variant: str = "", system: str = "linux", kind: str = MANIFEST) -> Made:
    """Make an image for one platform; its layers are any bytes, for nobody unpacks them."""
    platform = {"architecture": architecture, "os": system} | ({"variant": variant} if variant else {})
    config = json.dumps({**platform, "rootfs": {"type": "layers", "diff_ids": []}}).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": described(config, "application/vnd.oci.image.config.v1+json"),
        "layers": [described(layer, "application/vnd.oci.image.layer.v1.tar+gzip") for layer in layers],
    }
    return Made(json.dumps(manifest).encode(), kind, (config, *layers))


def index(*entries: tuple[Made, dict[str, str]], kind: str = INDEX) -> Made:
    """Make an index of images with their platforms."""
    listed = [described(made.body, made.kind, platform=platform) for made, platform in entries]
    body = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": listed}).encode()
    return Made(body, kind, (), tuple(made for made, _ in entries))


def push(host: str, repository: str, tag: str, made: Made, auth: tuple[str, str] | None = None) -> None:
    """Push what was made to a registry that speaks plain HTTP."""
    with httpx.Client(base_url=f"http://{host}/v2/{repository}/", auth=auth, trust_env=False) as client:
        _push(client, tag, made)


def _push(client: httpx.Client, reference: str, made: Made) -> None:
    for child in made.children:
        _push(client, child.digest, child)
    for blob in made.blobs:
        start = client.post("blobs/uploads/")
        assert start.status_code == 202, start.text
        where = httpx.URL(start.headers["location"]).copy_merge_params({"digest": digest_of(blob)})
        done = client.put(where, content=blob)
        assert done.status_code == 201, done.text
    done = client.put(f"manifests/{reference}", content=made.body, headers={"Content-Type": made.kind})
    assert done.status_code == 201, done.text
