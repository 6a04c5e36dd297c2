"""Images of others: what is wrong is said with its place, and nothing is touched."""

from __future__ import annotations

import io
import json
import os
import struct
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.prove.image import ImageError, read_image
from optimizer.prove.image.streams import Limits
from tests.prove.making import (
    HARD,
    Member,
    blob,
    config_of,
    gzipped,
    link,
    oci_parts,
    parts_of,
    program,
    read,
    tar,
    write,
)

GOOD = tar({"app/": "", "app/a": "x" * 3000, "etc/passwd": "root"})


def image_of(*members: Member) -> bytes:
    return tar(parts_of([tar(members)]))


def changed(name: str, value: Any) -> bytes:
    """An image whose document of that name is another."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return tar(parts_of([GOOD]) | {name: data})


def with_config(**config: Any) -> bytes:
    return tar(parts_of([GOOD], config))


def header_of(layer: bytes, offset: int, field: bytes) -> bytes:
    """A layer whose first header has another field, and the right sum."""
    out = bytearray(layer)
    out[offset : offset + len(field)] = field
    out[148:156] = b" " * 8
    out[148:156] = b"%06o\0 " % sum(out[:512])
    return bytes(out)


def lying(size: bytes) -> bytes:
    return tar(parts_of([header_of(tar({"a": "x"}), 124, size)]))


def wrong_digest() -> bytes:
    other = tar({"a": "y"})
    parts = parts_of([GOOD])
    return tar(parts | {blob(GOOD): other})


def cut_layer(pack: Any = None) -> bytes:
    parts = oci_parts([GOOD], pack)
    name = blob(pack(GOOD) if pack else GOOD)
    return tar(parts | {name: parts[name][: len(parts[name]) // 2]})


def broken_second_header() -> bytes:
    layer = bytearray(tar({"a": "", "b": "", "c": ""}))
    layer[512 + 148 : 512 + 156] = b"garbage!"
    return tar(parts_of([bytes(layer)]))


def zeros(size: int) -> Iterator[bytes]:
    for _ in range(size >> 20):
        yield bytes(1 << 20)


def bomb() -> bytes:
    """A layer of 64 MiB that weighs 64 KiB."""
    info = tarfile.TarInfo("zeros")
    info.size = 64 << 20
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = packer.compress(info.tobuf())
    data += b"".join(packer.compress(piece) for piece in zeros(info.size)) + packer.flush()
    document = config_of([b""])
    manifest = [{"Config": blob(document), "Layers": ["layer"]}]
    return tar({blob(document): document, "layer": data, "manifest.json": json.dumps(manifest)})


BAD = {
    "nothing": (b"", "image: is empty"),
    "no archive": (b"hello" * 200, "image: has a broken header at byte 0"),
    "no image": (tar({"a": "b"}), "image: is no image: it has neither manifest.json nor index.json"),
    "absolute path": (image_of(Member("/etc/passwd")), r"blobs/sha256/\w+: holds the absolute path /etc/passwd"),
    "dots": (image_of(Member("a/../../x")), "holds the path a/../../x, which leads out of it"),
    "dots in a whiteout": (image_of(Member("a/.wh...")), r"holds the whiteout .wh..., which names no file"),
    "an empty whiteout": (image_of(Member(".wh.")), r"holds the whiteout .wh., which names no file"),
    "a hard link out": (image_of(Member("a", kind=HARD, link="../../etc/shadow")), "leads out of it"),
    "an absolute hard link": (image_of(Member("a", kind=HARD, link="/etc/shadow")), "the absolute path /etc/shadow"),
    "behind a link out": (
        image_of(link("a", "../../x"), Member("a/b")),
        "behind a, a link that leads out of the image",
    ),
    "behind a link that goes round": (image_of(link("a", "b"), link("b", "a"), Member("a/b")), "which is no folder"),
    "below a file": (image_of(Member("a"), Member("a/b")), "holds files below a, which is no folder"),
    "a hard link to a folder": (
        image_of(Member("d", kind=tarfile.DIRTYPE), Member("a", kind=HARD, link="d")),
        "holds a, a hard link to a folder",
    ),
    "an unknown type": (image_of(Member("a", kind=b"Z")), "unknown type b'Z'"),
    "a name that is too long": (image_of(Member("a/" * 3000 + "b")), "which no file can have"),
    "a control character": (image_of(Member("/a\n\x1b[2J")), r"the absolute path /a\\n\\x1b\[2J"),
    "parts: absolute": (tar([Member("/manifest.json", b"[]")]), "image: holds the absolute path"),
    "parts: dots": (tar([Member("../manifest.json", b"[]")]), "image: holds the path"),
    "parts: a link out": (tar([link("manifest.json", "../../etc/shadow")]), "image: .*a link that leads out of it"),
    "parts: an absolute link": (tar([link("manifest.json", "/etc/shadow")]), "image: .*a link that leads out of it"),
    "parts: links that go round": (tar([link("manifest.json", "manifest.json")]), "a link that goes round"),
    "parts: a device": (tar([Member("manifest.json", kind=tarfile.CHRTYPE)]), "neither file, folder nor link"),
    "no JSON": (changed("manifest.json", b"{]"), "image: manifest.json: is no JSON"),
    "deep JSON": (changed("manifest.json", b"[" * 200_000), "image: manifest.json: is no JSON"),
    "no UTF-8": (changed("manifest.json", b'["\xff"]'), "image: manifest.json: is no JSON"),
    "JSON of another kind": (changed("manifest.json", {"a": 1}), "should be a JSON list and is an object"),
    "no object": (changed("manifest.json", ["x"]), "should be a JSON object and is a string"),
    "no images": (changed("manifest.json", []), "holds no image"),
    "no config": (changed("manifest.json", [{"Layers": []}]), "names no config"),
    "a config that is away": (changed("manifest.json", [{"Config": "x"}]), "image: x: is not in the archive"),
    "a config that is a layer": (
        changed("manifest.json", [{"Config": blob(GOOD), "Layers": []}]),
        "is a layer and no JSON document",
    ),
    "a layer that is away": (
        tar({k: v for k, v in parts_of([GOOD]).items() if k != blob(GOOD)}),
        r"image: blobs/sha256/\w+: is not in the archive",
    ),
    "another number of layers": (
        changed("manifest.json", [{"Config": blob(config_of([GOOD])), "Layers": []}]),
        "names 1 layers, but the manifest 0",
    ),
    "a digest that is a path": (
        tar({"index.json": json.dumps({"manifests": [{"digest": "sha256:../../etc/passwd"}]})}),
        "which is no digest",
    ),
    "a setting of another kind": (with_config(Cmd="text"), "config.Cmd: should be a JSON list and is a string"),
    "a label of another kind": (with_config(Labels={"a": 1}), "config.Labels.a: should be a JSON string"),
    "a number of another kind": (
        with_config(Healthcheck={"Interval": "1s"}),
        "config.Healthcheck.Interval: should be a whole number and is a string",
    ),
    "another layer": (wrong_digest(), r"image: blobs/sha256/\w+: has the digest sha256:\w+, but sha256:\w+ is wanted"),
    "a layer cut off": (cut_layer(), r"image: blobs/sha256/\w+: has the digest"),
    "a layer cut off in gzip": (cut_layer(gzipped), r"image: blobs/sha256/\w+: is cut off"),
    "an archive cut off": (tar(parts_of([GOOD]))[:3000], r"image: "),
    "a header that is broken": (broken_second_header(), "has a broken header at byte 512"),
    "a size beyond the end": (lying(b"77777777777\0"), r"image: blobs/sha256/\w+: is "),
    "a size beyond all": (lying(b"\x80" + struct.pack(">3xQ", 1 << 62)), "holds a, with which it is more than"),
    "a negative size": (lying(b"\xff" * 12), "a has a negative size"),
    "a negative size in PAX": (image_of(Member("a", b"x", pax=(("size", "-1024"),))), "has a negative size"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_image(name: str) -> None:
    data, message = BAD[name]
    with pytest.raises(ImageError, match=message):
        read(data)


def sparse(header: str, data: bytes = b"") -> bytes:
    pax = (
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "d"),
        ("GNU.sparse.realsize", header),
    )
    return tar([Member("GNUSparseFile.0/d", data, pax=pax)])


def test_a_sparse_map_without_an_end() -> None:
    with pytest.raises(ImageError, match="can't be read"):
        read(tar(parts_of([sparse("9", b"999999999\n" + b"0\n" * 100)])))


LOW = Limits(size=1 << 20, entries=50, document=2000, ratio=20, trusted=1 << 16)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            tar(parts_of([sparse("9" * 15, b"1\n0\n0\n".ljust(512, b"\0"))])),
            "holds d, with which it is more than 1048576 bytes",
        ),
        (tar(parts_of([tar({f"f{n}": "" for n in range(60)})])), "holds more than 50 files"),
        (tar(parts_of([tar({f"{n}/f{m}": "" for m in range(30)}) for n in range(2)])), "holds more than 50 files"),
        (tar({"index.json": " " * 3000}), "index.json: is more than 2000 bytes"),
        (tar({"big": os.urandom(2 << 20)}), "image: is more than 1048576 bytes"),
    ],
    ids=["a sparse file", "names", "names of all layers", "a document", "an archive"],
)
def test_more_than_may_be(data: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        read(data, limits=LOW)


def test_a_bomb() -> None:
    with pytest.raises(ImageError, match="image: layer: inflates to more than 20 times its size, as a bomb does"):
        read(bomb(), limits=Limits(ratio=20, trusted=1 << 16))


def test_a_header_without_an_end() -> None:
    layer = io.BytesIO()
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, 2 << 20
    layer.write(info.tobuf() + bytes(2 << 20))
    with pytest.raises(ImageError, match="a header of 2097152 bytes"):
        read(tar(parts_of([layer.getvalue()])))


def test_a_layout_that_leads_out(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    folder = write(tmp_path / "layout", {"manifest.json": json.dumps([{"Config": "../secret"}]).encode()})
    with pytest.raises(ImageError, match=r"layout/\.\./secret: leads out of the layout"):
        read_image(folder)
    (folder / "manifest.json").unlink()
    (folder / "index.json").symlink_to(tmp_path / "secret")
    with pytest.raises(ImageError, match=r"index\.json: can't be opened"):
        read_image(folder)
    (folder / "index.json").unlink()
    os.mkfifo(folder / "index.json")
    with pytest.raises(ImageError, match=r"index\.json: is no file"):
        read_image(folder)


def test_the_path_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bad.tar"
    file.write_bytes(b"x" * 600)
    with pytest.raises(ImageError, match=r"bad\.tar: has a broken header"):
        read_image(file)


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    read(tar(parts_of([tar([program("a"), Member("b/c"), link("d", "/")])])))
    assert list(tmp_path.iterdir()) == []


WHOLE = tar(parts_of([tar([program("bin/a"), link("l", "bin/a"), Member("h", kind=HARD, link="bin/a")])]))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=12), st.booleans())
def test_whatever_is_wrong_is_an_image_error(at: int, noise: bytes, cut: bool) -> None:
    data = WHOLE[:at] if cut else WHOLE[:at] + noise + WHOLE[at + len(noise) :]
    try:
        reading = read(data)
    except ImageError:
        return
    # What was changed was no part of the image.
    assert sorted(reading.tree) == ["bin", "bin/a", "h", "l"]
