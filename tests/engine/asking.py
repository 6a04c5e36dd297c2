"""Asking a container that has no network but its own: the question comes from a second container that shares it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.engine.docker import Engine, docker, docker_ok

ASKER = "python:3.11-slim"
SCRIPT = """
import sys, time, urllib.error, urllib.request
until = time.monotonic() + float(sys.argv[2])
while True:
    try:
        with urllib.request.urlopen(sys.argv[1], timeout=10) as answer:
            print(answer.status, answer.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode("utf-8", "replace"))
    except OSError as error:
        if time.monotonic() < until:
            time.sleep(0.2)
            continue
        print(0, error)
    break
"""


@dataclass(frozen=True)
class Said:
    """What a container said, its exit code, and (not compared) what is wrong with it."""

    text: str
    code: int
    wrong: tuple[str, ...] = field(default=(), compare=False)


def ask(engine: Engine, image: str, wish: dict[str, Any], patience: float = 40) -> Said:
    """Start a server as `[serve]` says, ask it, and stop it; the code is that of docker stop."""
    words = ["run", "--detach", "--network=none", "--label", engine.mark, *wish.get("options", []), image]
    container = docker_ok(*words, *wish.get("args", []))
    url = f"http://127.0.0.1:{wish['port']}{wish.get('path', '/')}"
    answer = ""
    until = time.monotonic() + patience
    while not answer and time.monotonic() < until:
        network = f"--network=container:{container}"
        asked = docker(
            "run", "--rm", network, "--label", engine.mark, ASKER, "python", "-c", SCRIPT, url, str(patience)
        )
        answer = asked.out
        if docker("inspect", "--format={{.State.Running}}", container).out.strip() != "true":
            break
    end = engine.stop(container)
    wrong = () if answer.startswith("200 ") and wish["body"] in answer else (f"answer {answer[:300]!r} {end}",)
    return Said(answer, end.code, wrong)


def run_to_end(engine: Engine, image: str, wish: dict[str, Any]) -> Said:
    """Run a container as a `[[run]]` says."""
    done = engine.run(image, wish.get("options", []), wish.get("args", []))
    fits = done.code == wish.get("code", 0) and wish.get("out", "") in done.out
    return Said(done.out, done.code, () if fits else (f"run {wish}: {done}",))
