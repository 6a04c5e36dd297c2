"""Which engine is taken, and what each of them is asked."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from optimizer.prove.engines.base import BuildFailed, BuildPlan, EngineError, Recipe
from optimizer.prove.engines.find import find_engine
from optimizer.prove.engines.session import own_mark
from optimizer.prove.engines.whales import Docker

ENGINE = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
  version) echo 1.2.3;;
  buildx|build)
    for word in "$@"; do case $word in --iidfile=*) echo sha256:abc > "${{word#--iidfile=}}";; esac; done;;
esac
exit {code}
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin{os.pathsep}/usr/bin")
    return folder


def install(path: Path, name: str, code: int = 0) -> Path:
    log = path / f"{name}.log"
    program = path / name
    program.write_text(ENGINE.format(log=log, code=code))
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    return log


def test_the_first_that_answers(path: Path, tmp_path: Path) -> None:
    install(path, "docker", code=1)
    install(path, "podman")
    engine, version = find_engine(None, own_mark(), tmp_path)
    assert (engine.name, version) == ("podman", "1.2.3")
    install(path, "docker")
    assert find_engine(None, own_mark(), tmp_path)[0].name == "docker"
    assert find_engine("podman", own_mark(), tmp_path)[0].name == "podman"


def test_what_a_builder_is_told(path: Path, tmp_path: Path) -> None:
    log = install(path, "docker")
    engine = find_engine("docker", own_mark(), tmp_path)[0]
    plan = BuildPlan("/ctx", "app", "linux/arm64", "host", ("A=1", "B"), ("id=x,src=y",), ("--no-cache",))
    assert engine.build(Recipe(b"FROM scratch\n", "Dockerfile", b"*.log\n"), plan) == "sha256:abc"
    words = log.read_text().splitlines()[-1].split()
    assert words[:2] == ["buildx", "build"] and words[-1] == "/ctx"
    assert {
        *("--target=app", "--platform=linux/arm64", "--network=host", "--build-arg=A=1", "--build-arg=B"),
        *("--secret=id=x,src=y", "--no-cache", f"--label=dockopt.session={engine.mark}", "--load"),
    } <= set(words)
    file = next(Path(word.removeprefix("--file=")) for word in words if word.startswith("--file="))
    assert file.read_bytes() == b"FROM scratch\n"
    assert (file.parent / "Dockerfile.dockerignore").read_bytes() == b"*.log\n"


def test_podman_is_told_where_the_ignore_file_is(path: Path, tmp_path: Path) -> None:
    log = install(path, "podman")
    engine = find_engine("podman", own_mark(), tmp_path)[0]
    engine.build(Recipe(b"FROM scratch\n", "Dockerfile", b"*.log\n"), BuildPlan())
    words = log.read_text().splitlines()[-1].split()
    ignore = next(word for word in words if word.startswith("--ignorefile="))
    assert Path(ignore.removeprefix("--ignorefile=")).read_bytes() == b"*.log\n"


def test_a_build_that_fails_and_one_that_takes_too_long(path: Path, tmp_path: Path) -> None:
    (path / "docker").write_text("#!/bin/sh\necho 'ERROR: failed to solve: no such thing'\nexit 1\n")
    (path / "docker").chmod(0o755)
    engine = Docker(own_mark(), tmp_path)
    with pytest.raises(BuildFailed, match="Dockerfile: no such thing"):
        engine.build(Recipe(b"FROM x\n", "Dockerfile"), BuildPlan())
    (path / "docker").write_text("#!/bin/sh\necho one; sleep 30\n")
    with pytest.raises(BuildFailed, match="did not end within 0 s"):
        engine.build(Recipe(b"FROM x\n", "Dockerfile"), BuildPlan(limit=0.3))


@pytest.mark.parametrize(
    ("host", "remote"),
    [
        ("", False),
        ("unix:///var/run/docker.sock", False),
        ("tcp://127.0.0.1:2375", False),
        ("tcp://localhost:2375", False),
        ("tcp://build.example:2376", True),
        ("ssh://me@build.example", True),
    ],
)
def test_an_engine_on_another_machine_is_not_asked_for_ports(tmp_path, monkeypatch, host: str, remote: bool) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    engine = Docker(own_mark(), tmp_path)
    if not remote:
        assert engine.networks() == ("published", "host")
        return
    with pytest.raises(EngineError, match="on another machine"):
        engine.networks()
