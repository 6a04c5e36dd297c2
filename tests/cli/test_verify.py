"""`dockopt verify` and `dockopt fix --verify`, as far as no engine is needed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import AFTER, BEFORE, ONLY


@pytest.fixture
def no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.mark.parametrize("command", [["verify"], ["fix", "--verify"], ["fix", "--verify", "--diff"]])
def test_without_an_engine_it_says_so_and_writes_nothing(dockopt, folder: Path, no_engine, command) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    done = dockopt(*command, *ONLY, "Dockerfile")
    assert (done.code, done.out) == (2, b"")
    assert "no container engine answers: docker is not installed; podman is not installed" in done.err
    assert (folder / "Dockerfile").read_bytes() == BEFORE


def test_a_named_engine_is_the_only_one_that_is_asked(dockopt, folder: Path, no_engine) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    done = dockopt("verify", "--engine", "podman", *ONLY)
    assert done.code == 2 and "podman is not installed" in done.err and "docker is" not in done.err
    (folder / "dockopt.toml").write_text('[verify]\nengine = "buildah"\n')
    assert "buildah is not installed" in dockopt("verify", *ONLY).err


def test_an_engine_that_does_not_answer_tells_why(dockopt, folder: Path, no_engine) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    for name in ("docker", "podman"):
        path = folder / "bin" / name
        path.write_text("#!/bin/sh\necho 'Cannot connect to the daemon' >&2\nexit 1\n")
        path.chmod(path.stat().st_mode | stat.S_IEXEC)
    done = dockopt("verify", *ONLY)
    assert done.code == 2
    assert "docker version: Cannot connect to the daemon; podman version: Cannot connect" in done.err


@pytest.mark.parametrize("command", [["verify"], ["fix", "--verify", "--diff"]])
def test_nothing_to_change_needs_no_engine(dockopt, folder: Path, no_engine, command) -> None:
    (folder / "Dockerfile").write_bytes(AFTER)
    done = dockopt(*command, *ONLY, "Dockerfile")
    assert (done.code, done.out) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["verify", "a", "b"], "Name one Dockerfile"),
        (["verify", "--images", "a"], "two images"),
        (["verify", "--images", "a", "b", "--against", "c"], "contradict"),
        (["verify", "nowhere"], "nowhere"),
        (["verify", "sub"], "has no Dockerfile"),
        (["verify", "--mask", "("], "no regular expression"),
        (["verify", "--env", "A"], "'A' is not NAME=VALUE"),
        (["verify", "--port", "0"], "--port"),
        (["verify", "--engine", "lxc"], "--engine"),
        (["verify", "--config", "c", "--isolated"], "contradict"),
        (["verify", "--output", "no/where"], "cannot be written"),
        (["verify", "--context", "nowhere"], "is not a folder"),
        (["fix", "--port", "80"], "need --verify"),
        (["fix", "--builds", "3"], "need --verify"),
        (["fix", "--verify", "--no-context"], "contradicts"),
        (["fix", "--verify", "--target", "a", "--target", "b"], "name one --target"),
    ],
)
def test_wrong_usage(dockopt, folder: Path, no_engine, arguments: list[str], told: str) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    (folder / "sub").mkdir()
    done = dockopt(*arguments)
    assert done.code == 2 and told in done.err and "Traceback" not in done.err
    assert sorted(os.listdir(folder)) == [".git", "Dockerfile", "bin", "sub"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("port = '80'", "dockopt.toml:2: port: must be a whole number, not '80'"),
        ("prot = 80", "prot: unknown key. Did you mean 'port'?"),
        ("environment = 'A=1'", "environment: must be a list of strings"),
        ("engine = 'lxc'", "engine: must be one of 'docker', 'podman', 'buildah'"),
        ("command = 1", "command: must be a list of strings"),
    ],
)
def test_a_wrong_table_is_an_error_with_its_place(dockopt, folder: Path, table: str, told: str) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    (folder / "dockopt.toml").write_text(f"[verify]\n{table}\n")
    done = dockopt("verify", *ONLY)
    assert done.code == 2 and told in done.err


def test_a_table_of_another_kind_is_an_error(dockopt, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    (folder / "dockopt.toml").write_text("verify = 1\n")
    assert "verify: must be a table, not 1" in dockopt("verify", *ONLY).err


def test_the_command_line_wins_over_the_table() -> None:
    from optimizer.cli.proving import wished

    table = {"port": 80, "command": "a b", "environment": ("A=1",), "limit": 5}
    assert wished({"port": 8080, "command": None, "environment": (), "no_run": False}, table) == table | {"port": 8080}
    assert wished({"environment": ("B=2",), "no_run": True}, {}) == {"environment": ("B=2",), "no_run": True}
