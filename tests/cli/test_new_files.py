"""A file that is made beside the Dockerfile: shown, written, never overwritten."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ONLY = ["--select", "dockerignore"]
TEXT = "FROM debian:12\nCOPY . /app\n"


@pytest.fixture
def project(folder: Path) -> Path:
    (folder / "Dockerfile").write_text(TEXT)
    (folder / ".idea").mkdir()
    (folder / ".idea" / "x").write_text("x")
    return folder


def test_it_is_written(project: Path, dockopt) -> None:
    done = dockopt("fix", *ONLY)
    assert done.code == 0 and ".dockerignore: new" in done.err
    assert (project / ".dockerignore").read_text().splitlines()[:4] == [
        "# version control",
        ".git",
        "",
        "# editors and tests",
    ]
    assert (project / "Dockerfile").read_text() == TEXT
    assert dockopt("fix", "--check", *ONLY).code == 0


def test_it_is_shown_and_applies(project: Path, dockopt) -> None:
    done = dockopt("fix", "--diff", *ONLY)
    assert b"--- /dev/null\n+++ b/.dockerignore\n" in done.out
    assert not (project / ".dockerignore").exists()
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run(["git", "apply"], input=done.out, check=True)
    assert ".idea" in (project / ".dockerignore").read_text()


def test_it_goes_to_the_root_of_the_context(project: Path, dockopt) -> None:
    (project / "svc").mkdir()
    (project / "Dockerfile").rename(project / "svc" / "Dockerfile")
    (project / "compose.yaml").write_text("services:\n  a:\n    build: {context: ., dockerfile: svc/Dockerfile}\n")
    done = dockopt("fix", "--diff", *ONLY, "svc")
    assert b"+++ b/.dockerignore\n" in done.out
    assert dockopt("fix", *ONLY, "svc").code == 0
    assert (project / ".dockerignore").exists() and not (project / "svc" / ".dockerignore").exists()


def test_what_comes_meanwhile_is_not_overwritten(project: Path, dockopt, monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.cli import write

    real = write.create_file

    def late(path: str, data: bytes) -> None:
        Path(path).write_text("mine\n")
        real(path, data)

    monkeypatch.setattr(write, "create_file", late)
    done = dockopt("fix", *ONLY)
    assert done.code == 2 and "is already there" in done.err
    assert (project / ".dockerignore").read_text() == "mine\n"


def test_standard_input_writes_nothing(project: Path, dockopt) -> None:
    done = dockopt("fix", *ONLY, "-", data=TEXT.encode())
    assert done.out == TEXT.encode() and not (project / ".dockerignore").exists()
    done = dockopt("fix", *ONLY, "-", "--stdin-filename", "Dockerfile", data=TEXT.encode())
    assert done.out == TEXT.encode() and ".dockerignore" not in done.err
    done = dockopt("fix", "-v", *ONLY, "-", "--stdin-filename", "Dockerfile", data=TEXT.encode())
    assert done.out == TEXT.encode() and "the result is one file only" in done.err
    assert (
        b"+++ b/.dockerignore"
        in dockopt("fix", "--diff", *ONLY, "-", "--stdin-filename", "Dockerfile", data=TEXT.encode()).out
    )
    assert not (project / ".dockerignore").exists()


def test_the_advice_names_what_an_ignore_file_lacks(project: Path, dockopt) -> None:
    (project / ".dockerignore").write_text(".git\n")
    assert b".dockerignore lacks .idea" in dockopt("fix", "--format", "text", *ONLY).out
