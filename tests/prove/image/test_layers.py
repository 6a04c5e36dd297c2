"""Layers on top of each other."""

from __future__ import annotations

import tarfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.prove.image import FileEntry
from tests.prove.making import HARD, Member, folder, image, link, parts_of, program, read, tar


def names(*layers: Any) -> list[str]:
    return sorted(image(*layers).tree)


def test_a_later_file_takes_the_place_of_an_earlier_one() -> None:
    reading = image({"app/a": "one", "app/b": "four"}, {"app/a": "other"})
    assert reading.tree["app/a"].size == 5
    assert [(layer.size, layer.replaced, layer.hidden) for layer in reading.layers] == [(7, 3, 0), (5, 0, 0)]
    assert (reading.sizes.total, reading.sizes.visible, reading.sizes.wasted) == (12, 9, 3)


def test_a_whiteout_hides_what_is_below() -> None:
    reading = image({"app/a": "one", "app/b/c": "four", "keep": ""}, {"app/.wh.a": "", "app/.wh.b": ""})
    assert sorted(reading.tree) == ["app", "keep"]
    assert reading.layers[0].hidden == 7
    assert reading.layers[1].wasted == 0


def test_a_whiteout_does_not_hide_its_own_layer() -> None:
    assert names({"a/b": "1"}, {"a/b": "2", "a/.wh.b": ""}) == ["a", "a/b"]
    assert names({"a": "1"}, {".wh.a": "", "a/x": ""}) == ["a", "a/x"]


def test_an_opaque_folder_hides_its_old_contents_only() -> None:
    reading = image({"a/b": "12", "a/c/d": "1", "e": ""}, {"a/new": "", "a/.wh..wh..opq": ""})
    assert sorted(reading.tree) == ["a", "a/new", "e"]
    assert reading.layers[0].hidden == 3


def test_an_opaque_root_hides_everything() -> None:
    assert names({"a/b": "12"}, {".wh..wh..opq": "", "c": ""}) == ["c"]


def test_the_book_keeping_of_aufs_is_no_whiteout() -> None:
    assert names({"plnk": ""}, {".wh..wh.plnk": "", ".wh..wh.aufs": ""}) == ["plnk"]


def test_a_file_takes_the_place_of_a_folder_and_back() -> None:
    reading = image({"a/b/c": "12"}, {"a": "file"}, {"a/d": ""})
    assert sorted(reading.tree) == ["a", "a/d"]
    assert [layer.replaced for layer in reading.layers] == [2, 4, 0]


def test_a_folder_over_a_folder_changes_its_mode_only() -> None:
    reading = image([folder("a", 0o755), Member("a/b")], [folder("a", 0o700)])
    assert sorted(reading.tree) == ["a", "a/b"]
    assert reading.tree["a"].mode == 0o700


def test_what_a_member_is() -> None:
    reading = image(
        [
            Member("bin/su", b"1", 0o4755, uid=1, gid=2),
            link("bin/sh", "/bin/su"),
            Member("bin/other", kind=HARD, link="bin/su"),
            Member("dev/null", kind=tarfile.CHRTYPE),
            Member("dev/disk", kind=tarfile.BLKTYPE),
            Member("run/pipe", kind=tarfile.FIFOTYPE),
            Member("bin/ping", b"2", pax=(("SCHILY.xattr.security.capability", "\x01"),)),
        ]
    )
    assert {path: entry.kind for path, entry in reading.tree.items() if entry.kind != "folder"} == {
        "bin/su": "file",
        "bin/sh": "link",
        "bin/other": "hardlink",
        "bin/ping": "file",
        "dev/null": "device",
        "dev/disk": "device",
        "run/pipe": "fifo",
    }
    su = reading.tree["bin/su"]
    assert (su.mode, su.uid, su.gid, su.size) == (0o4755, 1, 2, 1)
    assert su.digest == "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    assert reading.tree["bin/ping"].capabilities == "01"
    assert reading.find("/bin/sh") == su
    assert reading.find("bin/none") is None
    assert reading.sizes.visible == 2  # the hard link costs nothing


def test_a_hard_link_outlives_its_first_name() -> None:
    reading = image([Member("a", b"12345"), Member("b", kind=HARD, link="a")], {".wh.a": ""})
    assert reading.tree["b"].kind == "file"
    assert reading.tree["b"].size == 5
    assert reading.layers[0].wasted == reading.sizes.wasted == 0


def test_a_hard_link_to_a_layer_below() -> None:
    reading = image({"a": "12345"}, [Member("b", kind=HARD, link="a")])
    assert reading.tree["b"].digest == reading.tree["a"].digest
    assert reading.sizes.visible == 5


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names(form: int) -> None:
    name, target = "/".join(["folder"] * 50), "t" * 300
    layer = tar([Member(f"{name}/é"), link("l", target)], form)
    reading = read(tar(parts_of([layer])))
    assert f"{name}/é" in reading.tree
    assert reading.tree["l"].target == target


def test_names_that_are_no_utf_8() -> None:
    reading = image([Member("caf\udce9", b"1")])
    assert reading.tree["caf\udce9"].size == 1


def sparse_layer() -> bytes:
    """GNU tar's sparse format 1.0: the map stands in front of the data."""
    data = b"1\n4096\n3\n".ljust(512, b"\0") + b"end"
    headers = (
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "disk"),
        ("GNU.sparse.realsize", "4099"),
    )
    return tar([Member("GNUSparseFile.0/disk", data, pax=headers), Member("next", b"x")])


def test_a_sparse_file_has_its_holes() -> None:
    reading = read(tar(parts_of([sparse_layer()])))
    plain = image({"disk": bytes(4096) + b"end"})
    assert sorted(reading.tree) == ["disk", "next"]
    assert reading.tree["disk"] == plain.tree["disk"]


def test_what_lies_behind_a_link_of_its_layer_is_where_the_engine_puts_it() -> None:
    reading = image([link("lib", "usr/lib"), program("lib/tool"), link("a", "/lib/../lib"), Member("a/b")])
    assert sorted(reading.tree) == ["a", "lib", "usr", "usr/lib", "usr/lib/b", "usr/lib/tool"]
    assert reading.shebangs == {"usr/lib/tool": "/bin/sh"}


NAMES = st.sampled_from(["a", "b", "a/a", "a/b", "a/a/a", "a/b/a", "b/a"])
CONTENT = st.binary(max_size=4)
STEP = st.tuples(NAMES, st.one_of(CONTENT, st.just("folder"), st.just("whiteout"), st.just("opaque")))


def model(layers: list[dict[str, Any]]) -> dict[str, Any]:
    """The tree as a person would work it out: dictionaries of dictionaries."""
    root: dict[str, Any] = {}
    for layer in layers:
        for path, what in layer.items():
            *above, name = path.split("/")
            at: Any = root
            for part in above:
                at = at.get(part) if isinstance(at, dict) else None
            if not isinstance(at, dict):
                continue
            if what == "whiteout":
                at.pop(name, None)
            elif what == "opaque" and isinstance(at.get(name), dict):
                at[name] = {}
        for path, what in sorted(layer.items()):
            if what == "whiteout":
                continue
            *above, name = path.split("/")
            at = root
            for part in above:
                if not isinstance(at.get(part), dict):
                    at[part] = {}
                at = at[part]
            if isinstance(what, bytes):
                at[name] = what
            elif not isinstance(at.get(name), dict):
                at[name] = {}
    return root


def flat(tree: dict[str, Any], above: str = "") -> dict[str, int | None]:
    out: dict[str, int | None] = {}
    for name, what in tree.items():
        out[above + name] = None if isinstance(what, dict) else len(what)
        if isinstance(what, dict):
            out |= flat(what, f"{above}{name}/")
    return out


def consistent(steps: list[tuple[str, Any]]) -> dict[str, Any]:
    """One thing a path, and nothing of a layer below a file or a whiteout of the same layer."""
    layer: dict[str, Any] = {}
    for path, what in steps:
        parents = {path.rsplit("/", n)[0] for n in range(1, path.count("/") + 1)}
        below = any(other.startswith(f"{path}/") for other in layer)
        if path in layer or any(layer.get(p) not in (None, "folder", "opaque") for p in parents):
            continue
        if not (below and what not in ("folder", "opaque")):
            layer[path] = what
    return layer


def members(layer: dict[str, Any], order: int) -> list[Member]:
    out = []
    for path, what in layer.items():
        above, _, name = path.rpartition("/")
        prefix = f"{above}/" if above else ""
        if isinstance(what, bytes):
            out.append(Member(path, what))
        elif what == "whiteout":
            out.append(Member(f"{prefix}.wh.{name}"))
        else:
            out.append(folder(path))
            out += [Member(f"{path}/.wh..wh..opq")] if what == "opaque" else []
    return out if order else out[::-1]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(STEP, max_size=6).map(consistent), min_size=1, max_size=4), st.integers(0, 1))
def test_any_layers_merge_as_the_model_says(layers: list[dict[str, Any]], order: int) -> None:
    reading = image(*(members(layer, order) for layer in layers))
    found = {p: e.size if e.kind == "file" else None for p, e in reading.tree.items()}
    assert found == flat(model(layers))
    assert sum(layer.wasted for layer in reading.layers) == reading.sizes.wasted
    assert reading.sizes.total - reading.sizes.wasted == reading.sizes.visible


def test_the_layer_of_an_entry_is_the_one_that_it_is_from() -> None:
    tree: dict[str, FileEntry] = image({"a": "1", "b": "1"}, {"b": "2"}).tree
    assert (tree["a"].layer, tree["b"].layer) == (0, 1)
