"""What every engine does: build, save, run and remove; and the words for it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, ClassVar, NamedTuple

from optimizer.prove.engines.session import Mark

# Engines answer at once or hang.
PATIENCE = 60.0


class EngineError(Exception):
    """An engine that is not there, or that refused; the text is for the user."""


class BuildFailed(EngineError):
    """An image that could not be built.

    `line` is that of the failing instruction in the Dockerfile (from 1, 0 where it is not known),
    `instruction` its text, `reason` the builder's, `output` the last lines that the instruction printed.
    """

    def __init__(self, name: str, line: int, instruction: str, reason: str, output: tuple[str, ...]) -> None:
        self.name, self.line, self.instruction, self.reason, self.output = name, line, instruction, reason, output
        place = f"{name}:{line}" if line else name
        super().__init__(f"{place}: {reason}")


@dataclass(frozen=True)
class Recipe:
    """A Dockerfile to build: its bytes, the name by which messages call it, and its .dockerignore, None for its own."""

    data: bytes
    name: str
    ignore: bytes | None = None


@dataclass(frozen=True)
class BuildPlan:
    """How to build, the same for both images.

    `context` is a folder. `arguments` are `NAME=VALUE`, `secrets` as `--secret` takes them, `options`
    more words for the builder. `limit` is in seconds.
    """

    context: str = "."
    target: str | None = None
    platform: str | None = None
    network: str | None = None
    arguments: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    limit: float = 1800

    def words(self) -> list[str]:
        """Return the options that all builders know by the same names."""
        named = (("--target", self.target), ("--platform", self.platform), ("--network", self.network))
        words = [f"{name}={value}" for name, value in named if value]
        words += [f"--build-arg={a}" for a in self.arguments] + [f"--secret={s}" for s in self.secrets]
        return [*words, *self.options]


@dataclass(frozen=True)
class Task:
    """A container to run.

    `command` replaces the image's own, None keeps it. `port` is published on the loopback where
    `network` is "published". `memory` is as the engine takes it (`1g`).
    """

    image: str
    command: tuple[str, ...] | None = None
    environment: tuple[str, ...] = ()
    network: str = "none"
    port: int | None = None
    memory: str = "1g"


class State(NamedTuple):
    """What a container does: whether it runs, its exit code, its health ("" without a HEALTHCHECK), its last probe."""

    running: bool
    code: int = 0
    health: str = ""
    probe: str = ""


class Output(NamedTuple):
    """What a container printed."""

    out: str
    err: str


@dataclass(eq=False)
class Engine:
    """One engine, used by one run whose `mark` stands on all that is made; `folder` holds temporary files.

    Every method raises EngineError where the engine refuses.
    """

    mark: Mark
    folder: Path
    log: Callable[[str], None] = field(default=lambda _: None)

    name: ClassVar[str] = ""
    # Where a published port can be reached from here, else only ends are waited for.
    serves: ClassVar[bool] = True

    @functools.cached_property
    def _numbers(self) -> itertools.count[int]:
        return itertools.count(1)

    @property
    def label(self) -> str:
        """The label `key=value` of this run."""
        from optimizer.prove.engines.session import LABEL

        return f"{LABEL}={self.mark}"

    def version(self) -> str:
        """Return the version of an engine that answers."""
        raise NotImplementedError

    def build(self, recipe: Recipe, plan: BuildPlan) -> str:
        """Build an image and return its id; raises BuildFailed."""
        raise NotImplementedError

    def archive(self, image: str) -> AbstractContextManager[IO[bytes]]:
        """Give an image as the stream of an archive."""
        raise NotImplementedError

    def ident(self, name: str) -> str:
        """Return the id of an image that is there, pulled if it is not."""
        raise NotImplementedError

    def start(self, task: Task) -> str:
        """Start a container and return its id."""
        raise NotImplementedError

    def state(self, container: str) -> State:
        """Return what a container does."""
        raise NotImplementedError

    def output(self, container: str) -> Output:
        """Return what a container has printed."""
        raise NotImplementedError

    def address(self, container: str, port: int) -> tuple[str, int]:
        """Return host and port by which a published port is reached."""
        raise NotImplementedError

    def remove(self, container: str) -> None:
        """Remove a container, running or not, with its volumes."""
        raise NotImplementedError

    def remove_image(self, image: str) -> None:
        """Remove an image that this run built."""
        raise NotImplementedError

    def networks(self) -> tuple[str, ...]:
        """Return the ways in which a port of a container can be asked for, the most closed first."""
        return ("published", "host")

    def marks(self) -> set[str]:
        """Return the marks that stand on containers, images and networks."""
        raise NotImplementedError

    def remove_all(self, mark: str) -> None:
        """Remove everything that carries a mark."""
        raise NotImplementedError

    def written(self, recipe: Recipe) -> tuple[Path, Path | None]:
        """Write a Dockerfile, and its .dockerignore if it has one, into a folder of their own; return both paths."""
        folder = self.folder / f"build-{next(self._numbers)}"
        folder.mkdir()
        file = folder / "Dockerfile"
        file.write_bytes(recipe.data)
        if recipe.ignore is None:
            return file, None
        ignore = folder / "Dockerfile.dockerignore"
        ignore.write_bytes(recipe.ignore)
        return file, ignore
