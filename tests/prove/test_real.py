"""`dockopt verify` and `dockopt fix --verify` on a real engine: small images, and nothing of them left behind."""

from __future__ import annotations

import glob
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from optimizer.prove.engines.base import BuildPlan, Recipe, Task
from optimizer.prove.workshop import workshop
from tests.engine.conftest import engine
from tests.engine.docker import Engine, docker
from tests.support import ROOT

pytestmark = pytest.mark.engine
__all__ = ["engine"]

SERVER = """import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ok" else 404)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(os.environ.get("GREETING", "hello").encode())
http.server.HTTPServer(("", 8000), Handler).serve_forever()
"""
SHELL_FORM = "FROM debian:bookworm-slim\nENV NAME world\nRUN echo one > /one\nRUN echo two > /two\nCMD cat /one /two\n"
ENTRY = 'FROM debian:bookworm-slim\nCOPY --chmod=755 entry.sh /entry.sh\nENTRYPOINT ["/entry.sh"]\n'


class Ran(NamedTuple):
    code: int
    out: str
    err: str
    pid: int


@pytest.fixture
def project(tmp_path: Path, engine: Engine) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "optimizer", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        # Who starts tests in the background has them ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def dockopt(folder: Path, *arguments: str) -> Ran:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    process = start(folder, *arguments, "--network", "host")
    out, err = process.communicate(timeout=280)
    done = Ran(process.returncode, out, err, process.pid)
    assert left_of(done.pid) == []
    if "--output" not in arguments:
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    return done


def left_of(pid: int) -> list[str]:
    """Return what the run of a process left: containers, images, networks, folders."""
    found = []
    for kind, path in (("container", "Config.Labels"), ("image", "Config.Labels"), ("network", "Labels")):
        words = [kind, "ls", "--quiet", "--filter=label=dockopt.session"]
        for ident in set(docker(*words, *(["--all"] if kind != "network" else [])).out.split()):
            label = docker(kind, "inspect", "--format={{index ." + path + ' "dockopt.session"}}', ident).out
            found += [f"{kind} {ident}"] if f".{pid}." in label else []
    return found + glob.glob(f"{tempfile.gettempdir()}/dockopt-*.{pid}.*")


def write(folder: Path, text: str, **files: str) -> None:
    (folder / "Dockerfile").write_text(text)
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)


def test_a_command_that_ends(project: Path) -> None:
    write(project, SHELL_FORM)
    done = dockopt(project, "verify", "-O3", "--format", "json")
    value = json.loads(done.out)
    assert (done.code, value["verdict"]) == (0, "holds"), done
    assert [(c["name"], c["before"]) for c in value["checks"]] == [
        ("end", "exit code 0"),
        ("output", "one\ntwo"),
        ("error output", ""),
    ]
    assert [f["explained_by"] for f in value["findings"] if f["where"] == "Cmd"] == ["exec-form-cmd"]


def test_a_server(project: Path) -> None:
    text = "FROM python:3.11-slim\nCOPY server.py /\nEXPOSE 8000/TCP\nCMD python /server.py\n"
    write(project, text, server_py=SERVER)
    (project / "dockopt.toml").write_text('[verify]\nrequest = "/ok"\nenvironment = ["GREETING=salut"]\n')
    done = dockopt(project, "verify")
    assert done.code == 0, done
    assert "ok answer, HTTP at port 8000: 200 text/plain" in done.out and "salut" in done.out


def test_a_health_check_and_another_dockerfile(project: Path) -> None:
    text = 'FROM debian:bookworm-slim\nHEALTHCHECK --retries=1 CMD {}\nCMD ["sleep", "60"]\n'
    write(project, text.format("test -e /etc/passwd"))
    (project / "other").write_text(text.format("test -e /nowhere || { echo gone; false; }"))
    done = dockopt(project, "verify", "--against", "other")
    assert done.code == 1, done
    assert "no HEALTHCHECK" in done.out and "its HEALTHCHECK fails: gone" in done.out


def test_what_breaks_is_backed_off(project: Path, engine: Engine) -> None:
    folder = project / "base"
    folder.mkdir()
    write(folder, ENTRY, entry_sh='#!/bin/sh\necho "first: $1"\nexec "$@"\n')
    base = engine.build("entry", folder / "Dockerfile", folder)
    write(project, SHELL_FORM.replace("debian:bookworm-slim", base))
    done = dockopt(project, "fix", "--verify", "-O3", "--diff", "Dockerfile")
    assert done.code == 0, done
    assert "+RUN echo one > /one \\\n+    && echo two > /two\n" in done.out and "CMD [" not in done.out
    assert "# Proven:" in done.out and "1 change was backed off in" in done.out
    assert "exec-form-cmd: CMD without a shell: backed off, as the image does not hold with it: output:" in done.err


def test_a_new_ignore_file_is_part_of_the_build(project: Path, engine: Engine) -> None:
    text = b"FROM scratch\nCOPY . /\n"
    write(project, text.decode(), secret="s", kept="k")
    with workshop("docker") as (found, _):
        without = found.build(Recipe(text, "Dockerfile"), BuildPlan(str(project)))
        with_it = found.build(Recipe(text, "Dockerfile", b"secret\n"), BuildPlan(str(project)))
        names = []
        for image in (without, with_it):
            with engine.export(image) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
                names.append({member.name for member in tar})
    assert "secret" in names[0] and "secret" not in names[1] and "kept" in names[1]


def test_a_container_goes_with_its_volumes(project: Path) -> None:
    with workshop("docker") as (found, _):
        recipe = Recipe(b'FROM debian:bookworm-slim\nVOLUME /data\nCMD ["sleep", "60"]\n', "Dockerfile")
        container = found.start(Task(found.build(recipe, BuildPlan(str(project)))))
        volume = docker("inspect", "--format={{(index .Mounts 0).Name}}", container).out.strip()
        assert docker("volume", "inspect", volume).code == 0
        assert found.state(container).running
    assert docker("volume", "inspect", volume).code != 0
    assert docker("inspect", container).code != 0


def test_an_original_that_does_not_build(project: Path) -> None:
    write(project, "FROM debian:bookworm-slim\nENV A 1\nRUN echo hi && \\\n    cat /nowhere\n")
    done = dockopt(project, "verify")
    assert (done.code, done.out.splitlines()[0]) == (2, "Dockerfile: not checked: the original does not build")
    assert "Dockerfile:3: process" in done.out and "cat: /nowhere: No such file or directory" in done.out
    done = dockopt(project, "fix", "--verify")
    assert done.code == 2 and "Dockerfile: the original does not build, so nothing was changed" in done.err


def test_an_original_that_does_not_run(project: Path) -> None:
    write(project, "FROM debian:bookworm-slim\nENV A 1\nCMD nosuchprogram\n")
    done = dockopt(project, "fix", "--verify", "--diff")
    assert done.code == 2 and done.out == ""
    assert "the original does not run, so nothing was changed\nit ends with exit code 127" in done.err


def test_two_images(project: Path) -> None:
    done = dockopt(project, "verify", "--images", "debian:bookworm-slim", "debian:bookworm-slim", "--command", "true")
    assert done.code == 0 and done.out.startswith("debian:bookworm-slim -> debian:bookworm-slim: holds")
    done = dockopt(project, "verify", "--images", "debian:bookworm-slim", "no.such.registry.example/x:1")
    assert done.code == 2 and "no.such.registry.example/x:1" in done.err


SLOW = "FROM debian:bookworm-slim\nENV A 1\nRUN sleep {} # {}\nEXPOSE 8000\nCMD exec sleep 60\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
@pytest.mark.parametrize("moment", ["build", "run"])
def test_a_stopped_run_leaves_nothing(project: Path, number: signal.Signals, moment: str) -> None:
    write(project, SLOW.format(60 if moment == "build" else 0, time.time()))
    process = start(project, "fix", "--verify", "--diff", "--network", "host")
    assert reached(process.pid, moment)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "stopped before anything was proven. Nothing was written." in err
    assert left_of(process.pid) == []


@pytest.mark.parametrize("moment", ["build", "run"])
def test_what_a_killed_run_left_is_removed_by_the_next_one(project: Path, moment: str) -> None:
    write(project, SLOW.format(60 if moment == "build" else 0, time.time()))
    process = start(project, "verify", "--network", "host")
    assert reached(process.pid, moment)
    process.kill()
    process.communicate()
    assert left_of(process.pid) != []
    write(project, "FROM debian:bookworm-slim\nENV A 1\nCMD true\n")
    assert dockopt(project, "verify").code == 0
    assert left_of(process.pid) == []
    assert not building(process.pid)


def reached(pid: int, moment: str) -> bool:
    """Wait until a run builds, or has a container."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        if building(pid) if moment == "build" else any(item.startswith("container") for item in left_of(pid)):
            return True
        time.sleep(0.2)
    return False


def building(pid: int) -> bool:
    """Tell whether the engine's command builds for a run."""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            words = Path(path).read_bytes()
        except OSError:
            continue
        if b"buildx" in words and f".{pid}.".encode() in words:
            return True
    return False
