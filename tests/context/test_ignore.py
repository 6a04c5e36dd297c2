"""The ignore file: what it keeps from the builder, held against a step-by-step reading of the rules and against the builder."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.context.files import BuildContext
from optimizer.context.ignore import IgnoreFile, is_ignored
from optimizer.context.listing import listing
from tests.context.oracle import Refused, sent
from tests.engine.conftest import engine  # noqa: F401

FILES = (
    "a", "b", "a.md", "README.md", ".env", "a/b", "a/c.md", "a/b/c", "a/b/.git", "b/a/c", "b/c", "c/a/b/a", "c/x y", "a-b",
    "node_modules/m/i.js", "sub/node_modules/m/i.js", "sub/keep.md", "sub/deep/keep.md", "x+y(z)", "lib.a",
)  # fmt: skip
TREE = tuple(f for f in FILES if not any(o != f and o.startswith(f"{f}/") for o in FILES))
PIECES = st.sampled_from(
    ["a", "b", "c", "*", "**", "?", "/", "/", "/", "!", "#", " ", ".", "..", "./", "*.md", "node_modules", "sub", "keep.md",
     "[ab]", "[^a]", "[", "\\", "\\*", "\t", ".env", ".git", "deep", "x+y(z)", "-", "README.md", "!!"]
)  # fmt: skip
LINES = st.lists(PIECES, max_size=5).map("".join)
TEXTS = st.builds(
    lambda bom, lines, end: ("\ufeff" if bom else "") + end.join(lines),
    st.booleans(),
    st.lists(LINES, max_size=5),
    st.sampled_from(["\n", "\r\n"]),
)


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_the_same_files_reach_the_builder(text: str) -> None:
    ignore = IgnoreFile(".dockerignore", text)
    try:
        expected = sent(text, TREE)
    except Refused:
        assert ignore.problem
        return
    assert not ignore.problem
    assert {f for f in TREE if not ignore.ignores(f)} == expected


@pytest.mark.parametrize(
    ("text", "path", "ignored"),
    [
        ("*.md", "a.md", True),
        ("*.md", "a/c.md", False),
        ("**/*.md", "a/c.md", True),
        ("/a", "a/b", True),
        ("a/", "a/b", True),
        ("./a", "a/b", True),
        ("a/../b", "b/c", True),
        ("a", "b/a/c", False),
        ("**/a", "b/a/c", True),
        ("# a\n#a\n \n", "a", False),
        (" a ", "a", True),
        (" #a", "#a", True),
        ("\ufeffa", "a", True),
        ("\ufeff# a", "a", False),
        ("*\n!a", "a", False),
        ("*\n! a", "a/b/c", False),
        ("a\n!a/b", "a/b", False),
        ("a\n!a/b\na/b/c", "a/b/c", True),
        ("!a/b\na", "a/b", True),
        # The folder was not asked for when `a/b` was not yet ignored.
        ("a/b\n!a", "a/b", True),
        ("a\r\nb\r\n", "a", True),
        ("a*\n!a\n", "a", False),
        ("a\\*", "a*", True),
        ("a\\*", "ab", False),
        ("[^a]", "b", True),
        ("a[", "a", False),
        ("a\n!", "a", False),
        ("**", "a/b", True),
        (".", "a", False),
        ("*", "a/b/c", True),
        ("../x", "x", False),
    ],
)
def test_rules(text: str, path: str, ignored: bool) -> None:
    assert IgnoreFile(".dockerignore", text).ignores(path) is ignored


def make(root: Path, text: str, files: tuple[str, ...] = TREE) -> BuildContext:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / ".dockerignore").write_text(text)
    return BuildContext(root, root / "Dockerfile")


def test_the_dockerfiles_own_wins(tmp_path: Path) -> None:
    context = make(tmp_path, "a.md\n")
    assert is_ignored(context, "a.md")
    (tmp_path / "Dockerfile.dockerignore").write_text("b/c\n")
    context = BuildContext(tmp_path, tmp_path / "Dockerfile")
    assert not is_ignored(context, "a.md")
    assert is_ignored(context, "b/c")
    assert context.ignore.name == "Dockerfile.dockerignore"
    # Of another Dockerfile it is nothing, and beside one outside of the context it counts.
    assert is_ignored(BuildContext(tmp_path, tmp_path / "other"), "a.md")
    (tmp_path / "c" / "dev.dockerignore").write_text("")
    assert not is_ignored(BuildContext(tmp_path, tmp_path / "c" / "dev"), "a.md")


def test_listing(tmp_path: Path) -> None:
    context = make(tmp_path, "**/node_modules\n*.md\n!README.md\nb\n!b/a/c\n")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "out").symlink_to("/etc")
    found = listing(context)
    assert found.whole
    assert "README.md" in found.files and "a.md" not in found.files
    assert [f for f in found.files if f.startswith(("b/", "sub/"))] == ["b/a/c", "sub/deep/keep.md", "sub/keep.md"]
    assert found.links == {"link", "out"}
    assert not any(f.startswith(("link/", "out/", "node_modules")) for f in found.files)
    assert listing(context, "sub").files == ("sub/deep/keep.md", "sub/keep.md")
    assert listing(context, "../..").files == ()
    assert listing(context, "nothing").files == ()
    assert not listing(context, most=2).whole


@pytest.mark.engine
@pytest.mark.parametrize(
    "text",
    [
        "a/b\n!a\n",
        "a\n!a/b\n",
        "*\n!sub/**/keep.md\n",
        "**/*.md\n!README.md\n**/node_modules\n",
        "*\n!a\na/b\n!a/b/c\n",
        "\ufeff# comment\n /a/ \n",
        "!a\n**\n!**/keep.md\n",
        "b/**\n!b/a\nx?y*\n[^ab]*/x*\n",
        "**/a\n!b/a/c\n",
        ".\n*/\n!c\n",
    ],
)
def test_the_builder_agrees(tmp_path: Path, text: str, engine) -> None:  # noqa: F811
    context = make(tmp_path, text)
    assert set(listing(context).files) == built(tmp_path)


def built(root: Path) -> set[str]:
    """Return the files that `COPY . /` brings."""
    words = ["docker", "buildx", "build", "--quiet", "--output=type=tar,dest=-", "--file=-", str(root)]
    done = subprocess.run(words, input=b"FROM scratch\nCOPY . /\n", capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        return {m.name.removeprefix("./") for m in tar if not m.isdir()}
