"""The engine as the tests use it: build, look, run, remove. All that is made carries a label."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

LABEL = "dockopt.test"


class Result(NamedTuple):
    """What came of a command."""

    code: int
    out: str
    err: str = ""


class BuildError(Exception):
    """An image that could not be built; the text is the end of the builder's log."""


def docker(*words: str, timeout: float = 600, stdin: str | None = None) -> Result:
    """Run the docker command and wait for it."""
    done = subprocess.run(
        ["docker", *words], capture_output=True, text=True, errors="replace", timeout=timeout, input=stdin
    )
    return Result(done.returncode, done.stdout, done.stderr)


def docker_ok(*words: str) -> str:
    """Run the docker command, which has to pass, and return what it prints."""
    done = docker(*words)
    assert done.code == 0, f"docker {' '.join(words)}: {done.err}"
    return done.out.strip()


@functools.cache
def answers() -> bool:
    """Tell whether there is an engine."""
    try:
        return docker("info", timeout=30).code == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class Engine:
    """A docker engine, and the images and containers that one user of it made there."""

    def __init__(self) -> None:
        self.mark = f"{LABEL}={uuid.uuid4().hex[:12]}"

    def has(self, base: str) -> bool:
        """Tell whether a base image is there, or can be had."""
        return docker("image", "inspect", base).code == 0 or docker("pull", "--quiet", base).code == 0

    def build(self, tag: str, dockerfile: Path, context: Path, target: str = "", **arguments: str) -> str:
        """Build an image, or its stage `target`, and return its name; `arguments` are build arguments.

        DOCKOPT_BUILD_OPTIONS may hold more options for the builder, such as `--no-cache`.
        """
        name = f"dockopt-test:{tag}-{self.mark.rpartition('=')[2]}"
        words = ["--network=host", "--provenance=false", "--load", "--progress=plain", "--label", self.mark]
        words += os.environ.get("DOCKOPT_BUILD_OPTIONS", "").split()
        words += [f"--build-arg={key}={value}" for key, value in arguments.items()]
        words += [f"--target={target}"] if target else []
        done = docker("buildx", "build", *words, "--tag", name, "--file", str(dockerfile), str(context))
        if done.code:
            raise BuildError("\n".join(done.err.splitlines()[-40:]))
        return name

    def inspect(self, image: str) -> dict[str, Any]:
        """Return what the engine knows about an image."""
        found: dict[str, Any] = json.loads(docker_ok("image", "inspect", image))[0]
        return found

    @contextmanager
    def export(self, image: str) -> Iterator[IO[bytes]]:
        """Give the files of a container of `image`, as a tar stream."""
        container = docker_ok("create", "--label", self.mark, image, "nothing")
        process = subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE)
        assert process.stdout is not None
        try:
            with process.stdout:
                yield process.stdout
        finally:
            process.wait()
            docker("rm", "--force", container)

    def run(self, image: str, options: Sequence[str], args: Sequence[str]) -> Result:
        """Run a container without a network to its end."""
        return docker(
            "run",
            "--rm",
            "--network=none",
            "--hostname=sample",
            "--label",
            self.mark,
            *options,
            image,
            *args,
            timeout=120,
        )

    def start(self, image: str, options: Sequence[str]) -> str:
        """Start a container on the host's network and return its id."""
        return docker_ok("run", "--detach", "--network=host", "--label", self.mark, *options, image)

    def stop(self, container: str) -> Result:
        """Stop a container as `docker stop` does, and return its exit code and what it printed."""
        docker_ok("stop", "--time=3", container)
        code = int(docker_ok("inspect", "--format={{.State.ExitCode}}", container))
        logs = docker("logs", container)
        docker("rm", "--force", container)
        return Result(code, logs.out, logs.err)

    def clean(self) -> None:
        """Remove all that was made here."""
        for kind, remove in (("ps", "rm"), ("image", "rmi")):
            words = ("image", "ls") if kind == "image" else (kind,)
            found = docker(*words, "--all", "--quiet", f"--filter=label={self.mark}").out.split()
            if found:
                docker(remove, "--force", *sorted(set(found)))
