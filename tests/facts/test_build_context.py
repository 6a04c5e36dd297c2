"""The build context: what is there, and never what is outside of it."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from optimizer.context.files import BuildContext


@pytest.fixture
def context(tmp_path: Path) -> BuildContext:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "file").write_text("text")
    (root / "..odd").write_text("odd")
    (root / "sub" / "inner").write_bytes(b"\xff")
    (root / "a.tar.gz").write_bytes(b"\x1f\x8b\x08rest")
    (root / "named.tar.gz").write_text("no archive")
    with tarfile.open(root / "plain", "w") as tar:
        tar.add(root / "file", "file")
    (tmp_path / "secret").write_text("secret")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "out-folder").symlink_to(tmp_path)
    (root / "in").symlink_to("file")
    (root / "dangling").symlink_to("nowhere")
    (root / "circle").symlink_to("circle")
    os.mkfifo(root / "pipe")
    return BuildContext(root)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("file", "file"),
        ("./file", "file"),
        ("/file", "file"),
        ("sub/../file", "file"),
        ("..odd", "file"),
        ("sub", "folder"),
        ("sub/", "folder"),
        (".", "folder"),
        ("/", "folder"),
        ("", "folder"),
        ("in", "file"),
        ("a.tar.gz", "archive"),
        ("plain", "archive"),
        ("named.tar.gz", "file"),
        ("pipe", None),
        ("missing", None),
        ("file/below", None),
        ("dangling", None),
        ("circle", None),
        ("out", None),
        ("out-folder/secret", None),
        ("../secret", None),
        ("sub/../../secret", None),
        ("..", None),
        ("a\0b", None),
        ("\ud800", None),
        ("x" * 5000, None),
    ],
)
def test_kind(context: BuildContext, path: str, kind: str | None) -> None:
    assert context.kind(path) == kind
    assert context.exists(path) is (kind is not None or path == "pipe")


def test_text(context: BuildContext) -> None:
    assert context.text("file") == "text"
    assert context.text("sub/inner") == "\ufffd"
    assert context.text("file", limit=3) is None
    for path in ("sub", "missing", "out", "../secret", "pipe"):
        assert context.text(path) is None


def test_a_root_that_is_a_link(context: BuildContext, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(context.root)
    assert BuildContext(tmp_path / "link").text("sub/../in") == "text"
