"""Running the command in a folder of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from optimizer.cli.main import run

ROOT = Path(__file__).parent.parent.parent
BEFORE = b"FROM debian:12\nRUN apt-get update && apt-get install curl\n"
AFTER = b"FROM debian:12\nRUN apt-get update && apt-get install -y curl\n"
ONLY = ["--select", "assume-yes"]


class Done(NamedTuple):
    code: int
    out: bytes
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: empty, and with `.git` so that nothing above it counts."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "DOCKOPT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def dockopt(folder: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary) -> Callable[..., Done]:
    """Run the command inside this process."""

    def call(*arguments: str, data: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        capsysbinary.readouterr()
        code = run(list(arguments))
        out, err = capsysbinary.readouterr()
        return Done(code, out, err.decode("utf-8", "replace"))

    return call


@pytest.fixture
def process(folder: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Start the command as a process; with `code`, that Python code runs first."""

    def start(*arguments: str, code: str = "", **more: object) -> subprocess.Popen[bytes]:
        program = f"import sys\n{code}\nfrom optimizer.cli.main import main\nmain()"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen([sys.executable, "-c", program, *arguments], env=environment, **pipes)  # type: ignore

    return start
