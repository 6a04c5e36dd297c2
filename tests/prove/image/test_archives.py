"""The forms that a saved image comes in."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from optimizer.prove.image import ImageError, ImageReading, read_image
from tests.prove.making import Member, blob, config_of, gzipped, link, oci_parts, parts_of, read, sha256, tar, write

FIRST = tar({"etc/": "", "etc/passwd": "root:x:0:0::/root:/bin/sh\n", "app/a.sh": "#!/bin/sh\ncurl x\n"})
SECOND = tar({"app/a.sh": "#!/bin/bash\n"})


def zstd(data: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    packed: bytes = zstandard.ZstdCompressor().compress(data)
    return packed


class Pipe(io.RawIOBase):
    """A stream that can't seek and gives little at a time."""

    def __init__(self, data: bytes) -> None:
        self.inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self.inner.read(min(size, 700) if size > 0 else size)

    def seekable(self) -> bool:
        return False


def same(reading: ImageReading) -> None:
    assert sorted(reading.tree) == ["app", "app/a.sh", "etc", "etc/passwd"]
    assert reading.shebangs == {"app/a.sh": "/bin/bash"}
    assert reading.texts["etc/passwd"].startswith("root:")
    assert [layer.digest for layer in reading.layers] == [sha256(FIRST), sha256(SECOND)]
    assert reading.config.architecture == "amd64"


@pytest.mark.parametrize("pack", [None, gzipped, zstd], ids=["plain", "gzip", "zstd"])
@pytest.mark.parametrize("outer", [None, gzipped, zstd], ids=["plain", "gzip", "zstd"])
def test_compression(pack: Callable[[bytes], bytes] | None, outer: Callable[[bytes], bytes] | None) -> None:
    data = tar(oci_parts([FIRST, SECOND], pack))
    same(read(outer(data) if outer else data))


def test_gzip_of_several_members() -> None:
    same(read(tar(oci_parts([FIRST, SECOND], lambda layer: gzipped(layer[:700]) + gzipped(layer[700:])))))


def test_docker_archive_whatever_the_order() -> None:
    parts = list(parts_of([FIRST, SECOND], made=["FROM", "COPY"]).items())
    for order in (parts, parts[::-1]):
        reading = read(tar(dict(order)))
        same(reading)
        assert reading.name == "app:1"
        assert [layer.created_by for layer in reading.layers] == ["FROM", "COPY"]


def test_a_stream_that_cannot_seek() -> None:
    stream: IO[bytes] = Pipe(tar(parts_of([FIRST, SECOND])))  # type: ignore[assignment]
    same(read_image(stream))


def test_layouts_and_archives_on_disk(tmp_path: Path) -> None:
    for name, parts in (("oci", oci_parts([FIRST, SECOND], gzipped)), ("docker", parts_of([FIRST, SECOND]))):
        same(read_image(write(tmp_path / name, parts)))
        file = tmp_path / f"{name}.tar"
        file.write_bytes(tar(parts))
        same(read_image(file))


def test_equal_layers_are_links_in_old_archives() -> None:
    document = config_of([FIRST, SECOND, FIRST])
    manifest = [{"Config": "c.json", "RepoTags": None, "Layers": ["1/layer.tar", "2/layer.tar", "3/layer.tar"]}]
    reading = read(
        tar(
            [
                Member("c.json", document),
                Member("1/layer.tar", FIRST),
                Member("2/layer.tar", SECOND),
                link("3/layer.tar", "../1/layer.tar"),
                Member("manifest.json", json.dumps(manifest).encode()),
            ]
        )
    )
    assert len(reading.layers) == 3
    assert reading.shebangs == {"app/a.sh": "/bin/sh"}


def test_an_empty_layer() -> None:
    reading = read(tar(parts_of([FIRST, tar({})])))
    assert (reading.layers[1].size, reading.layers[1].entries) == (0, 0)


def test_an_image_without_layers() -> None:
    assert read(tar(parts_of([]))).tree == {}


def several() -> bytes:
    one, two = parts_of([FIRST], tag="one:1"), parts_of([SECOND], tag="two:latest")
    both = json.loads(one["manifest.json"]) + json.loads(two["manifest.json"])
    return tar(one | two | {"manifest.json": json.dumps(both).encode()})


def test_one_of_several_images() -> None:
    for name in ("two:latest", "two"):
        assert sorted(read(several(), name=name).tree) == ["app", "app/a.sh"]
    with pytest.raises(ImageError, match=r"holds 2 images \(one:1, two:latest\)"):
        read(several())
    with pytest.raises(ImageError, match="holds no image 'three:1'"):
        read(several(), name="three:1")


def test_one_of_several_platforms() -> None:
    amd = oci_parts([FIRST])
    arm = oci_parts([SECOND], platform="linux/arm64")
    unknown = oci_parts([tar({"attestation": ""})], platform="unknown/unknown")
    entries = [entry for p in (amd, arm, unknown) for entry in json.loads(p["index.json"])["manifests"]]
    index = {"index.json": json.dumps({"manifests": entries}).encode()}
    assert sorted(read(tar(amd | arm | unknown | index), platform="linux/arm64").tree) == ["app", "app/a.sh"]
    with pytest.raises(ImageError, match="holds 2 images"):
        read(tar(amd | arm | unknown | index))


def test_an_index_within_an_index() -> None:
    parts = oci_parts([FIRST, SECOND])
    inner = parts["index.json"]
    outer = json.dumps({"manifests": [{"digest": sha256(inner)}]}).encode()
    same(read(tar(parts | {blob(inner): inner, "index.json": outer})))


def test_config() -> None:
    wish = {
        "Entrypoint": ["/e"],
        "Cmd": ["a", "b"],
        "Env": ["A=1", "B=x=y", "C="],
        "User": "app",
        "WorkingDir": "/app",
        "ExposedPorts": {"80/tcp": {}, "443/tcp": {}},
        "Volumes": {"/data": {}},
        "StopSignal": "SIGQUIT",
        "Healthcheck": {"Test": ["CMD", "x"], "Interval": 5, "Retries": 3},
        "Labels": {"a": "b"},
        "Shell": ["/bin/bash", "-c"],
        "OnBuild": ["RUN x"],
    }
    config = read(tar(parts_of([FIRST], wish))).config
    assert (config.entrypoint, config.cmd, config.shell) == (("/e",), ("a", "b"), ("/bin/bash", "-c"))
    assert config.env == {"A": "1", "B": "x=y", "C": ""}
    assert (config.user, config.workdir, config.stop_signal) == ("app", "/app", "SIGQUIT")
    assert (config.exposed, config.volumes, config.onbuild) == (("443/tcp", "80/tcp"), ("/data",), ("RUN x",))
    assert config.healthcheck is not None
    assert (config.healthcheck.test, config.healthcheck.interval, config.healthcheck.retries) == (("CMD", "x"), 5, 3)
    assert config.labels == {"a": "b"}


def test_an_archive_of_before_1988() -> None:
    layer = bytearray(tar({"a": "x"}, tarfile.USTAR_FORMAT))
    layer[257:265] = bytes(8)
    layer[148:156] = b" " * 8
    layer[148:156] = b"%06o\0 " % sum(layer[:512])
    assert read(tar(parts_of([bytes(layer)]))).tree["a"].size == 1
