"""Answers kept between runs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from optimizer.catalog.live import Live, written_platform
from optimizer.online import store

NAME = "docker.io/library/python:3.12-slim"
LIVE = Live(True, ("linux/amd64",), (("linux/amd64", 5),), "sha256:x", "2026-11-24T10:00:00+00:00", "r.example")

ENTRY = {"exists": True, "platforms": [], "sizes": {}, "digest": "", "asked_at": "", "source": ""}


def test_what_is_kept_comes_back() -> None:
    assert store.load() == {}
    store.keep({NAME: LIVE})
    store.keep({"other": LIVE})
    assert store.load() == {NAME: LIVE, "other": LIVE}


def test_what_is_gone_is_forgotten() -> None:
    store.keep({NAME: LIVE})
    store.keep({NAME: Live(False)})
    assert store.load() == {}


def test_it_stays_in_the_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.keep({NAME: LIVE})
    assert os.listdir(tmp_path / "cache" / "dockopt") == ["images.json"]
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert store.folder().startswith(str(tmp_path / "home"))
    assert store.folder().endswith("dockopt")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 99, "images": {}}',
        '{"version": 1, "images": {"x": {}}}',
        '{"version": 1, "images": {"x": 5}}',
        '{"version": 1, "images": []}',
        json.dumps({"version": 1, "images": {"x": {**ENTRY, "sizes": [1]}}}),
        json.dumps({"version": 1, "images": {"x": {**ENTRY, "sizes": {"linux/amd64": "many"}}}}),
    ],
)
def test_a_broken_file_is_as_none(text: str) -> None:
    store.keep({NAME: LIVE})
    Path(store.folder(), "images.json").write_text(text)
    assert store.load() == {}
    store.keep({NAME: LIVE})
    assert store.load() == {NAME: LIVE}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", "linux/amd64"),
        ("Linux/x86_64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("windows/amd64", "windows/amd64"),
        ("linux", "linux"),
        ("", ""),
    ],
)
def test_platforms_have_one_spelling(text: str, expected: str) -> None:
    assert written_platform(text) == expected
