"""buildah, through its own command: it builds and runs to an end, but keeps no containers that serve."""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, ClassVar

from optimizer.prove.engines.base import EngineError, Output, State, Task
from optimizer.prove.engines.process import TooLong, end, run
from optimizer.prove.engines.session import LABEL
from optimizer.prove.engines.whales import Whales


class Buildah(Whales):
    """buildah. Its containers are working containers, in which one command runs at a time."""

    name = program = "buildah"
    serves: ClassVar[bool] = False

    @functools.cached_property
    def _running(self) -> dict[str, tuple[subprocess.Popen[bytes], Path]]:
        return {}

    def version(self) -> str:
        """Return the version."""
        return str(json.loads(self.ask([self.program, "version", "--json"])).get("version", ""))

    def build_words(self, ignore: Path | None) -> list[str]:
        """Return the builder's command."""
        return [self.program, "build", "--format=docker", *([f"--ignorefile={ignore}"] if ignore else [])]

    @contextmanager
    def archive(self, image: str) -> Iterator[IO[bytes]]:
        """Give an image as an archive, which buildah can only write to a file."""
        path = self.folder / f"image-{next(self._numbers)}.tar"
        try:
            done = run([self.program, "push", "--quiet", image, f"docker-archive:{path}"], 1800)
            if done.code:
                raise EngineError(f"the image cannot be saved: {done.err.strip()}")
            with path.open("rb") as stream:
                yield stream
        except (OSError, TooLong) as error:
            raise EngineError(f"the image cannot be saved: {error}") from error
        finally:
            path.unlink(missing_ok=True)

    def _ident(self, name: str) -> str:
        return str(json.loads(self.ask([self.program, "inspect", "--type=image", name]))["FromImageID"])

    def start(self, task: Task) -> str:
        """Start the command of an image in a working container.

        buildah runs nothing by itself: the entry point and the command are read from the image.
        """
        command = self._command(task)
        container = self.ask([self.program, "from", "--pull-never", f"--name=dockopt-{self.mark}", task.image])
        words = [self.program, "run", f"--network={task.network}"]
        words += [f"--env={item}" for item in task.environment]
        folder = self.folder / f"run-{next(self._numbers)}"
        folder.mkdir()
        with open(folder / "out", "wb") as out, open(folder / "err", "wb") as err:
            process = subprocess.Popen(
                [*words, container, "--", *command], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                start_new_session=True,
            )  # fmt: skip
        self._running[container] = (process, folder)
        return container

    def _command(self, task: Task) -> list[str]:
        found: Any = json.loads(self.ask([self.program, "inspect", "--type=image", task.image]))
        config = found["Docker"]["config"]
        command = list(task.command) if task.command is not None else config.get("Cmd") or []
        words = [*(config.get("Entrypoint") or []), *command]
        if not words:
            raise EngineError("the image names no command")
        return words

    def state(self, container: str) -> State:
        """Return what a container does."""
        code = self._running[container][0].poll()
        return State(code is None, code or 0)

    def output(self, container: str) -> Output:
        """Return what a container has printed."""
        folder = self._running[container][1]
        out, err = ((folder / name).read_bytes().decode("utf-8", "replace") for name in ("out", "err"))
        return Output(out, err)

    def remove(self, container: str) -> None:
        """Remove a working container."""
        if container in self._running:
            end(self._running.pop(container)[0])
        self.ask([self.program, "rm", container])

    def remove_image(self, image: str) -> None:
        """Remove an image."""
        self.ask([self.program, "rmi", "--force", image])

    def networks(self) -> tuple[str, ...]:
        """Return none: no port is asked for."""
        return ()

    def marks(self) -> set[str]:
        """Return the marks that stand on working containers (in their names) and images."""
        found = set()
        for item in json.loads(self.ask([self.program, "containers", "--json"]) or "null") or []:
            if item["containername"].startswith("dockopt-"):
                found.add(item["containername"].removeprefix("dockopt-"))
        for ident in self._images(LABEL):
            image = json.loads(self.ask([self.program, "inspect", "--type=image", ident]))
            found.add(image["Docker"]["config"]["Labels"][LABEL])
        return found

    def remove_all(self, mark: str) -> None:
        """Remove everything that carries a mark."""
        for item in json.loads(self.ask([self.program, "containers", "--json"]) or "null") or []:
            if item["containername"] == f"dockopt-{mark}":
                self.remove(item["containername"])
        for ident in self._images(f"{LABEL}={mark}"):
            self.remove_image(ident)

    def _images(self, label: str) -> list[str]:
        return self.ask([self.program, "images", "--quiet", "--no-trunc", f"--filter=label={label}"]).split()
