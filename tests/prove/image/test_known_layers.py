"""Layers that several images share are read once."""

from __future__ import annotations

import pytest

from optimizer.prove.image import layer as layers
from optimizer.prove.image.layer import LayerFiles
from optimizer.prove.image.types import ImageError
from tests.prove.making import blob, parts_of, read, sha256, tar

BASE = tar({"etc/passwd": "root:x:0:0::/:/bin/sh\n", "bin/": b"", "app": "old"})
FIRST = tar({"app": "first"})
SECOND = tar({"app": "second!", "etc/.wh.passwd": b""})


def test_a_shared_layer_is_read_once_and_means_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    real = layers._add
    monkeypatch.setattr(layers, "_add", lambda layer, info, file: (opened.append(info.name), real(layer, info, file)))
    known: dict[str, LayerFiles] = {}
    one = read(tar(parts_of([BASE, FIRST])), known=known)
    assert opened.count("etc/passwd") == 1 and set(known) == {sha256(BASE), sha256(FIRST)}
    two = read(tar(parts_of([BASE, SECOND])), known=known)
    assert opened.count("etc/passwd") == 1
    assert two == read(tar(parts_of([BASE, SECOND])))
    assert one == read(tar(parts_of([BASE, FIRST]))), "the second image left the first one's layers alone"


def test_a_layer_under_a_known_name_is_still_held_to_its_digest() -> None:
    known: dict[str, LayerFiles] = {}
    read(tar(parts_of([BASE])), known=known)
    parts = parts_of([BASE]) | {blob(BASE): FIRST}
    with pytest.raises(ImageError):
        read(tar(parts), known=known)
