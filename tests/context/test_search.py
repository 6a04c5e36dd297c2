"""Files of the build context that speak of a program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer.context import search
from optimizer.context.files import BuildContext
from tests.support import fixed

CURL = re.compile(r"\bcurl\b")
TEXT = "FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl jq nano\nCOPY . /app\n"


@pytest.mark.parametrize("name", ["run.sh", "app/main.py", "bin/start"])
def test_a_file_that_may_call_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("x\ncurl example.org\n")
    assert search.speaks_of(BuildContext(tmp_path), CURL) == name
    assert fixed(TEXT, "no-unused-tools", context=tmp_path) == TEXT.replace(" nano", "")


@pytest.mark.parametrize("name", ["README.md", "Dockerfile", "node_modules/a/b.js", "ignored.sh"])
def test_a_file_that_does_not_count(tmp_path: Path, name: str) -> None:
    (tmp_path / ".dockerignore").write_text("ignored.*\n")
    (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
    (tmp_path / name).write_text("curl example.org\n")
    assert search.speaks_of(BuildContext(tmp_path), CURL) == ""
    assert fixed(TEXT, "no-unused-tools", context=tmp_path) == TEXT.replace(" nano", "").replace(" curl", "")


def test_an_editor_counts_in_scripts_only(tmp_path: Path) -> None:
    (tmp_path / "units.py").write_text("# nano to micro\n")
    assert "nano" not in fixed(TEXT, "no-unused-tools", context=tmp_path)
    (tmp_path / "edit").write_text("#!/bin/sh\nexec nano notes\n")
    assert "nano" in fixed(TEXT, "no-unused-tools", context=tmp_path)


def test_a_context_too_large_to_be_read(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(search, "MOST_FILES", 1)
    for name in "ab":
        (tmp_path / name).write_text("nothing\n")
    assert search.speaks_of(BuildContext(tmp_path), CURL) != ""
