"""Which files are taken."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from contextlib import chdir
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.cli.discover import Found, discover, is_dockerfile_name


def shown(*paths: str) -> list[str]:
    return [os.path.normpath(item.path) for item in discover(paths or (".",)) if isinstance(item, Found)]


def put(folder: Path, *names: str, data: bytes = b"FROM a\n") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "Dockerfile.prod",
        "web.Dockerfile",
        "web.dockerfile",
        "Containerfile",
        "Containerfile.x",
        "dockerfile",
    ],
)
def test_names_that_are_taken(name: str) -> None:
    assert is_dockerfile_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile.dockerignore", "Dockerfile.prod.dockerignore", ".dockerignore", "Dockerfile.orig", ".Dockerfile.swp",
        "Dockerfile~", "Dockerfile.j2", "Dockerfiles", "MyDockerfile", "Makefile", "Dockerfile.md", "dockerfile.go",
    ],
)  # fmt: skip
def test_names_that_are_not(name: str) -> None:
    assert not is_dockerfile_name(name)


def test_the_order_is_stable(folder: Path) -> None:
    put(folder, "b/Dockerfile", "a/z/Dockerfile", "Dockerfile.b", "Dockerfile.a", "a/Dockerfile")
    assert shown() == ["Dockerfile.a", "Dockerfile.b", "a/Dockerfile", "a/z/Dockerfile", "b/Dockerfile"]


def test_binary_files_are_passed_over(folder: Path) -> None:
    put(folder, "Dockerfile", data=b"FROM a\n\0")
    put(folder, "Dockerfile.text")
    assert shown() == ["Dockerfile.text"]
    assert shown("Dockerfile") == ["Dockerfile"]


def test_each_file_once(folder: Path) -> None:
    put(folder, "a/Dockerfile")
    (folder / "a/link.Dockerfile").symlink_to("Dockerfile")
    assert shown(".", "a", "a/Dockerfile", str(folder)) == ["a/Dockerfile"]


def test_links_do_not_lead_astray(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    put(outside, "Dockerfile")
    put(folder, "a/Dockerfile")
    (folder / "a/loop").symlink_to("..")
    (folder / "out").symlink_to(outside)
    (folder / "Dockerfile.out").symlink_to(outside / "Dockerfile")
    (folder / "Dockerfile.broken").symlink_to("nowhere")
    (folder / "Dockerfile.self").symlink_to("Dockerfile.self")
    assert shown() == ["a/Dockerfile"]
    assert shown("Dockerfile.out") == [str(outside / "Dockerfile")]
    assert len(shown("out")) == 1


IGNORES = {
    ".gitignore": "build/\n/top.Dockerfile\n*.dockerfile\n!keep.dockerfile\n# no\n\\#odd/\ndeep/**/gen\nspace\\ \n",
    "sub/.gitignore": "!x.dockerfile\nlocal/*\n!local/keep\n/Dockerfile.only\n",
    "sub/local/keep/.gitignore": "*\n!.gitignore\n",
    "other/.gitignore": "*\n!*/\n!Dockerfile\n",
}
FILES = [
    "Dockerfile", "build/Dockerfile", "sub/build/Dockerfile", "top.Dockerfile", "sub/top.Dockerfile", "x.dockerfile",
    "keep.dockerfile", "sub/x.dockerfile", "sub/y.dockerfile", "sub/local/a/Dockerfile", "sub/local/keep/Dockerfile",
    "sub/Dockerfile.only", "sub/more/Dockerfile.only", "#odd/Dockerfile", "deep/a/b/gen/Dockerfile", "deep/gen/Dockerfile",
    "space /Dockerfile", "other/x/Dockerfile", "other/x/Dockerfile.no", "other/Containerfile", ".hidden/Dockerfile",
    "build2/Dockerfile", "a/.git/Dockerfile",
]  # fmt: skip


@pytest.mark.parametrize("start", [".", "sub", "other", "deep", "sub/local"])
def test_ignored_files_are_those_that_git_ignores(folder: Path, start: str) -> None:
    subprocess.run(["git", "init", "-q", "."], check=True)
    put(folder, *FILES)
    for name, text in IGNORES.items():
        put(folder, name, data=text.encode())
    assert sorted(shown(start)) == listed_by_git(start)


def test_an_ignored_folder_can_be_asked_for(folder: Path) -> None:
    put(folder, ".gitignore", data=b"build/\n")
    put(folder, "build/Dockerfile", "build/x/Dockerfile")
    assert shown() == []
    assert shown("build") == ["build/Dockerfile", "build/x/Dockerfile"]
    assert shown("build/Dockerfile") == ["build/Dockerfile"]


def test_git_itself_is_never_entered(folder: Path) -> None:
    put(folder, ".git/Dockerfile", "x/.git/hooks/Dockerfile")
    assert shown() == []


def test_outside_a_repository_only_the_walked_folders_count(folder: Path) -> None:
    (folder / ".git").rmdir()
    put(folder, ".gitignore", data=b"Dockerfile\n")
    put(folder, "a/Dockerfile", "a/b/Dockerfile")
    put(folder, "a/b/.gitignore", data=b"*\n")
    assert shown("a") == ["a/Dockerfile"]
    assert shown() == []


def test_a_broken_ignore_file_still_counts(folder: Path) -> None:
    put(folder, ".gitignore", data=b"!\n[z-a]\n[open\n\xff\xfe\nbuild/\n")
    put(folder, "build/Dockerfile", "Dockerfile")
    assert shown() == ["Dockerfile"]


def listed_by_git(path: str) -> list[str]:
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z", path]
    out = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return sorted(name for name in out.split("\0") if is_dockerfile_name(os.path.basename(name)))


NAMES = ["a", "b", "ab", "Dockerfile", ".x", " ", "*", "*b", "?", "/", "/", "/**/", "\\a", "\\"]
BRACKETS = [
    "[ab]",
    "[!a]",
    "[a-c]",
    "[]a]",
    "[^]b]",
    "[[:alpha:]]",
    "[[:no:]]",
    "[a",
    "[\\]a]",
    "[a-]",
    "[--b]",
    "[a/]",
]
pieces = st.sampled_from(NAMES + BRACKETS)
patterns = st.builds(
    lambda mark, parts, end: mark + "".join(parts) + end,
    st.sampled_from(["", "", "!", "#", "/", "**/", "!**/"]),
    st.lists(pieces, min_size=1, max_size=4),
    st.sampled_from(["", "", "/", "/*", "/**", " ", "\r"]),
)
# Two stars behind a plain character mean different things to git by what stands in front of them.
patterns = patterns.filter(lambda pattern: not re.search(r"[^/!]\*\*|\*\*[^/]", pattern))
TREE = [
    f"{folder}{name}"
    for folder in ("", "a/", "b/", "a/b/", "ab/c/", "a/ab/b/", "]/", "-/")
    for name in ("Dockerfile", "Dockerfile.x")
]


@settings(max_examples=150, deadline=None)
@given(st.lists(patterns, min_size=1, max_size=5), st.lists(patterns, max_size=3))
def test_random_patterns_mean_what_they_mean_to_git(outer: list[str], inner: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        subprocess.run(["git", "init", "-q", "."], check=True)
        put(Path(folder), *TREE)
        put(Path(folder), ".gitignore", data="\n".join(outer).encode())
        put(Path(folder), "a/.gitignore", data="\n".join(inner).encode())
        assert sorted(shown()) == listed_by_git(".")
