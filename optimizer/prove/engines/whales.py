"""docker and podman: objects through python-on-whales, what takes long through the engine's own command.

python-on-whales knows no time limits, so builds and archives go through the command, which can be ended.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, ClassVar

from optimizer.prove.engines.base import (
    PATIENCE,
    BuildFailed,
    BuildPlan,
    Engine,
    EngineError,
    Output,
    Recipe,
    State,
    Task,
)
from optimizer.prove.engines.failure import failure
from optimizer.prove.engines.process import TooLong, piped, run, stream
from optimizer.prove.engines.session import LABEL

_HEALTH_INTERVAL = 1
_REMOTE = re.compile(r"ssh://|tcp://(?!localhost\b|127\.|\[::1\])")


class Whales(Engine):
    """What docker and podman share."""

    program: ClassVar[str] = ""

    @functools.cached_property
    def client(self) -> Any:
        """The client of python-on-whales."""
        from python_on_whales import DockerClient

        return DockerClient(client_call=[self.program])

    def version(self) -> str:
        """Return the version of an engine that answers."""
        return self.ask([self.program, "version", "--format={{.Server.Version}}"])

    def ask(self, words: Sequence[str]) -> str:
        """Run a short command that has to succeed, and return what it prints."""
        try:
            done = run(words, PATIENCE)
        except (OSError, TooLong) as error:
            raise EngineError(f"{words[0]} does not answer: {error}") from error
        if done.code:
            lines = done.err.strip().splitlines() or ["no reason given"]
            raise EngineError(f"{' '.join(words[:2])}: {lines[-1]}")
        return done.out.strip()

    def build(self, recipe: Recipe, plan: BuildPlan) -> str:
        """Build an image and return its id."""
        file, ignore = self.written(recipe)
        ident = file.parent / "image-id"
        words = [
            *self.build_words(ignore),
            f"--label={self.label}",
            f"--iidfile={ident}",
            f"--file={file}",
            *plan.words(),
            plan.context,
        ]
        lines: list[str] = []

        def take(line: str) -> None:
            lines.append(line)
            self.log(line)

        try:
            code = stream(words, plan.limit, take)
        except TooLong as error:
            line = f"the build did not end within {plan.limit:.0f} s"
            raise BuildFailed(recipe.name, 0, "", line, tuple(lines[-15:])) from error
        except OSError as error:
            raise EngineError(f"{self.program} cannot be started: {error}") from error
        if code:
            raise failure(recipe, lines)
        return ident.read_text().strip()

    def build_words(self, ignore: Path | None) -> list[str]:
        """Return the builder's command and its usual options."""
        raise NotImplementedError

    @contextmanager
    def archive(self, image: str) -> Iterator[IO[bytes]]:
        """Give an image as the stream of an archive."""
        with piped([self.program, "save", image]) as stream:
            yield stream

    def ident(self, name: str) -> str:
        """Return the id of an image that is there, pulled if it is not."""
        with suppress(EngineError):
            return self._ident(name)
        self._pull(name)
        return self._ident(name)

    def _ident(self, name: str) -> str:
        return self.ask([self.program, "image", "inspect", "--format={{.Id}}", name])

    def _pull(self, name: str) -> None:
        try:
            done = run([self.program, "pull", "--quiet", name], 1800)
        except (OSError, TooLong) as error:
            raise EngineError(f"{name} cannot be pulled: {error}") from error
        if done.code:
            lines = done.err.strip().splitlines() or ["no reason given"]
            raise EngineError(f"image {name!r} is not there and cannot be pulled: {lines[-1]}")

    def start(self, task: Task) -> str:
        """Start a container and return its id; whatever was made is removed where it does not start."""
        options: dict[str, Any] = {}
        if task.network == "published":
            options = {"networks": [self.network], "publish": [("127.0.0.1:", task.port)]}
        else:
            options = {"networks": [task.network]}
        name, _, value = self.label.partition("=")
        with _refusals():
            container = self.client.container.create(
                task.image,
                list(task.command or ()),
                envs=dict(item.partition("=")[::2] for item in task.environment),
                labels={name: value},
                memory=task.memory,
                pids_limit=4096,
                health_interval=_HEALTH_INTERVAL,
                pull="never",
                **options,
            )
            try:
                container.start()
            except BaseException:
                with suppress(Exception):
                    container.remove(force=True, volumes=True)
                raise
        return str(container.id)

    @functools.cached_property
    def network(self) -> str:
        """A network, made when it is first asked for, that reaches from here to a container's port, and no further."""
        name = f"dockopt-{self.mark.word}"
        options = [f"--opt={option}" for option in self.network_options]
        self.ask([self.program, "network", "create", f"--label={self.label}", *options, name])
        return name

    network_options: ClassVar[tuple[str, ...]] = ()

    def state(self, container: str) -> State:
        """Return what a container does."""
        with _refusals():
            state = self.client.container.inspect(container).state
        health, probe = "", ""
        if state.health is not None and state.health.status not in (None, "", "none"):
            health = state.health.status
            if state.health.log:
                probe = (state.health.log[-1].output or "").strip()
        return State(bool(state.running), int(state.exit_code or 0), health, probe)

    def output(self, container: str) -> Output:
        """Return what a container has printed."""
        parts: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
        with _refusals():
            for source, data in self.client.container.logs(container, stream=True):
                parts[source].append(data)
        out, err = (b"".join(parts[name]).decode("utf-8", "replace") for name in ("stdout", "stderr"))
        return Output(out, err)

    def address(self, container: str, port: int) -> tuple[str, int]:
        """Return host and port by which a published port is reached."""
        with _refusals():
            ports = self.client.container.inspect(container).network_settings.ports
        found = (ports or {}).get(f"{port}/tcp")
        if not found:
            raise EngineError(f"port {port} was not published")
        return "127.0.0.1", int(found[0]["HostPort"])

    def remove(self, container: str) -> None:
        """Remove a container with its volumes."""
        with _refusals():
            self.client.container.remove(container, force=True, volumes=True)

    def remove_image(self, image: str) -> None:
        """Remove an image."""
        with _refusals():
            self.client.image.remove(image, force=True)

    def marks(self) -> set[str]:
        """Return the marks that stand on containers, images and networks."""
        found = set()
        for kind in ("container", "image", "network"):
            form = "{{.ID}}"
            words = [self.program, kind, "ls", f"--filter=label={LABEL}", f"--format={form}", "--no-trunc"]
            idents = sorted(set(self.ask([*words, *(["--all"] if kind != "network" else [])]).split()))
            path = "Labels" if kind == "network" else "Config.Labels"
            template = "--format={{index ." + path + ' "' + LABEL + '"}}'
            for ident in idents:
                with suppress(EngineError):
                    found.add(self.ask([self.program, kind, "inspect", template, ident]))
        return found

    def remove_all(self, mark: str) -> None:
        """Remove everything that carries a mark."""
        label = f"label={LABEL}={mark}"
        for kind, remove in (("container", ["--force", "--volumes"]), ("image", ["--force"]), ("network", [])):
            words = [self.program, kind, "ls", f"--filter={label}", "--quiet"]
            idents = sorted(set(self.ask([*words, *(["--all"] if kind != "network" else [])]).split()))
            if idents:
                self.ask([self.program, kind, "rm", *remove, *idents])


class Docker(Whales):
    """Docker with BuildKit, through buildx."""

    name = program = "docker"
    # Nothing beyond this machine answers to a container that is not hidden behind the machine's own address.
    network_options = ("com.docker.network.bridge.enable_ip_masquerade=false",)

    def version(self) -> str:
        """Return the version of an engine that answers, and has buildx."""
        found = super().version()
        self.ask([self.program, "buildx", "version"])
        return found

    def networks(self) -> tuple[str, ...]:
        """Return the ways to a port; an engine on another machine has none that can be reached from here."""
        if _REMOTE.match(os.environ.get("DOCKER_HOST", "")):
            raise EngineError("the engine is on another machine, whose ports are not asked; --no-run runs nothing")
        return super().networks()

    def build_words(self, ignore: Path | None) -> list[str]:
        """Return the builder's command; it finds the .dockerignore beside the Dockerfile by itself."""
        return [self.program, "buildx", "build", "--load", "--progress=plain", "--provenance=false"]


class Podman(Whales):
    """Podman."""

    name = program = "podman"

    def version(self) -> str:
        """Return the version; without a server, podman is its own."""
        return self.ask([self.program, "version", "--format={{.Client.Version}}"])

    def build_words(self, ignore: Path | None) -> list[str]:
        """Return the builder's command; only in docker's format has an image a HEALTHCHECK."""
        return [self.program, "build", "--format=docker", *([f"--ignorefile={ignore}"] if ignore else [])]

    def state(self, container: str) -> State:
        """Return what a container does. Without systemd nobody asks for its health, so it is asked for here."""
        state = super().state(container)
        if not state.running or state.health in ("", "healthy"):
            return state
        done = run([self.program, "healthcheck", "run", container], PATIENCE)
        health = "healthy" if done.code == 0 else "starting"
        return state._replace(health=health, probe=(done.out or done.err).strip())


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what python-on-whales raises into EngineError."""
    from pydantic import ValidationError
    from python_on_whales.exceptions import DockerException

    try:
        yield
    except DockerException as error:
        lines = [text for text in (error.stderr or str(error)).strip().splitlines() if text.strip()]
        told = [text for text in lines if text.lower().startswith("error")] or lines
        raise EngineError(told[0] if told else "the engine refused") from error
    except ValidationError as error:
        raise EngineError(f"the engine's answer is not understood: {error}") from error
