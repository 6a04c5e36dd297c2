"""The script that makes the data files, on tables of our own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.catalog import store
from optimizer.catalog.build import __main__ as build
from optimizer.catalog.build import write
from optimizer.catalog.build.debian import build_debian
from optimizer.catalog.build.tags import build_tags
from optimizer.catalog.packages import is_available, packages_of, runtime_libraries
from optimizer.catalog.store import Table
from optimizer.catalog.tags import Tag, aliases, find_tag

SOURCE = {"repo": "here", "head": "abc", "head_date": "2030-01-02"}
HISTORY = {
    "_source": SOURCE,
    "distros": ["debian:trixie", "debian:bookworm"],
    "images": {
        "tool": {
            "2": ["2029-01-01", "", 0],
            "latest": ["2029-01-01", "", 0],
            "1-slim": ["2028-01-01", "2028-12-31", 1],
            "2-windowsservercore": ["2029-01-01", "", -1],
        }
    },
}
CURRENT = {
    "images": {"tool": [{"t": ["2", "latest"], "d": "debian:trixie", "v": "default", "a": ["amd64", "arm64v8"]}]}
}
PACKAGES = {
    "_source": {"date": "2030-01-03"},
    "releases": {
        "bullseye": {"curl": "web", "libx-dev": "libdevel"},
        "bookworm": {"curl": "web", "libx-dev": "libdevel", "x": ["x1", "x2"]},
        "trixie": {"curl": "web"},
    },
}
FILES = {
    "official-tags.json": CURRENT,
    "official-tags-history.json": HISTORY,
    "debian-packages.json": PACKAGES,
    "debian-dev-runtime.json": {"bullseye": {"libx-dev": ["libx1"]}, "bookworm": {"libx-dev": []}, "trixie": {}},
    **{f"debian-commands-{r}.json": {"curl": ["curl"]} for r in ("bullseye", "bookworm", "trixie")},
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of tables, and an empty one that the catalog reads and writes."""
    import gzip

    facts = tmp_path / "facts"
    facts.mkdir()
    for name, content in FILES.items():
        text = json.dumps(content).encode()
        (facts / name).write_bytes(text)
        (facts / f"{name}.gz").write_bytes(gzip.compress(text))
    monkeypatch.setattr(store, "DATA", tmp_path / "data")
    monkeypatch.setattr(write, "DATA", tmp_path / "data")
    monkeypatch.setattr(write.write_table, "__defaults__", (tmp_path / "data",))
    for cached in (store.table, find_tag):
        cached.cache_clear()
    yield facts
    for cached in (store.table, find_tag):
        cached.cache_clear()


def test_tags_read_back_as_they_were(data: Path) -> None:
    build_tags(data)
    assert find_tag("tool", "2") == Tag(
        "tool", "2", "debian:trixie", "default", ("amd64", "arm64"), "2029-01-01", "", False
    )
    assert find_tag("tool", "1-slim") == Tag(
        "tool", "1-slim", "debian:bookworm", "slim", (), "2028-01-01", "2028-12-31", False
    )
    assert aliases(find_tag("tool", "2")) == ("2", "latest")  # type: ignore[arg-type]
    assert find_tag("tool", "2-windowsservercore") is None


def test_packages_read_back_as_they_were(data: Path) -> None:
    build_debian(data)
    assert [is_available("x", r) for r in ("bullseye", "bookworm", "trixie")] == [False, False, False]
    assert [is_available("libx-dev", r) for r in ("bullseye", "bookworm", "trixie")] == [True, True, False]
    assert [runtime_libraries("libx-dev", r) for r in ("bullseye", "bookworm", "trixie")] == [("libx1",), (), None]
    assert packages_of("curl", "trixie") == ("curl",)


def test_the_same_tables_give_the_same_bytes(data: Path) -> None:
    build_tags(data)
    first = (store.DATA / "tags/tool.gz").read_bytes()
    build_tags(data)
    assert (store.DATA / "tags/tool.gz").read_bytes() == first


def test_a_row_cannot_break_the_format(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a tab"):
        write.write_table("x", {}, [("a\tb",)], tmp_path)


def test_a_table_finds_whole_keys_only() -> None:
    found = Table(b'{"day":"x"}\na\t1\nab\t2\nb\t1\n')
    assert (found.row("a"), found.row("ab"), found.row("b"), found.row("c"), found.row("1")) == (["1"], ["2"], ["1"], None, None)  # fmt: skip
    assert list(found.keys_with_last("1")) == ["a", "b"]
    assert found.row("a\t1\nab") is None


def test_wrong_usage_says_what_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main([]) == 2
    assert "usage: python -m optimizer.catalog.build FACTS" in capsys.readouterr().err


def test_every_data_file_says_where_it_is_from() -> None:
    for path in store.DATA.rglob("*.gz"):
        header = store.table(str(path.relative_to(store.DATA)).removesuffix(".gz")).header
        assert {"source", "day", "columns"} <= set(header), path


def test_the_data_stay_small() -> None:
    assert sum(path.stat().st_size for path in store.DATA.rglob("*") if path.is_file()) < 2_500_000
