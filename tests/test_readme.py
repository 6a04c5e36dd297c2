"""Every command that README.md and CONTRIBUTING.md show runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.conftest import engine
from tests.engine.docker import Engine
from tests.support import FIXTURES, ROOT

__all__ = ["engine"]

_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def commands(name: str) -> list[str]:
    blocks = _BLOCK.findall((ROOT / name).read_text())
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / "samples" / "flask", tmp_path, dirs_exist_ok=True)
    (tmp_path / "app").mkdir()
    return tmp_path


COMMANDS = [c for c in commands("README.md") if c.startswith("dockopt ")]
SMALL = "FROM debian:bookworm-slim\nENV NAME world\nCMD echo hello\n"


@pytest.mark.parametrize("command", [c for c in COMMANDS if "verify" not in c])
def test_a_command_of_the_readme_runs(command: str, project: Path) -> None:
    line = command.replace("dockopt ", f"{sys.executable} -m optimizer ", 1)
    done = subprocess.run(
        line,
        shell=True,
        cwd=project,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == (1 if "--check" in command else 0), done.stderr
    assert done.stdout or done.stderr


@pytest.mark.engine
@pytest.mark.parametrize("command", [c for c in COMMANDS if "verify" in c])
def test_a_command_that_builds_runs(command: str, tmp_path: Path, engine: Engine) -> None:
    (tmp_path / "Dockerfile").write_text(SMALL)
    line = command.replace("dockopt ", f"{sys.executable} -m optimizer ", 1)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout or done.stderr or (tmp_path / "proof.html").stat().st_size > 1000


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_what_make_is_told_it_knows(name: str) -> None:
    for command in commands(name):
        if command.startswith("make "):
            done = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr


def test_the_install_command_names_this_project() -> None:
    assert "pip install ." in commands("README.md")
    assert (ROOT / "pyproject.toml").exists()
