"""Watching a container: until it ends, answers, is healthy, or the time is over."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace

from optimizer.prove.engines.base import Engine, EngineError, Task
from optimizer.prove.image.types import ImageConfig
from optimizer.prove.running.probe import ask, taken
from optimizer.prove.running.types import Answer, Seen, Wish

_PAUSE = 0.2
# What an engine says when its network is the problem, and not the image.
_NETWORK = re.compile(r"network|bridge|iptables|endpoint|\bport|publish|slirp|pasta|netavark", re.IGNORECASE)


def port_of(wish: Wish, config: ImageConfig) -> int | None:
    """Return the port to ask at: the one wished for, or the first that the image exposes; None to wait for an end."""
    if wish.port is not None:
        return wish.port
    if wish.command is not None and not wish.request:
        return None
    for item in config.exposed:
        number, _, protocol = item.partition("/")
        if protocol in ("", "tcp") and number.isdigit():
            return int(number)
    return None


def watch(engine: Engine, image: str, config: ImageConfig, wish: Wish) -> Seen:
    """Run a container of an image, watch it, and remove it.

    Raises EngineError where the engine, not the image, is at fault.
    """
    port = port_of(wish, config) if engine.serves else None
    task = Task(image, wish.command, wish.environment, "none", port, wish.memory)
    if port is None:
        return _Watch(engine, task, wish, config).seen()
    reasons = []
    for network in engine.networks():
        if network == "host" and taken(port):
            reasons.append(f"port {port} is taken on this machine")
            continue
        try:
            seen = _Watch(engine, replace(task, network=network), wish, config).seen()
        except EngineError as error:
            seen = Seen(refused=str(error))
        if not (seen.refused and _NETWORK.search(seen.refused)):
            return seen
        reasons.append(seen.refused)
    raise EngineError(f"no network for port {port}: {'; '.join(reasons)}")


@dataclass
class _Watch:
    engine: Engine
    task: Task
    wish: Wish
    config: ImageConfig

    def seen(self) -> Seen:
        """Start, watch and remove the container."""
        started = time.monotonic()
        try:
            container = self.engine.start(self.task)
        except EngineError as error:
            return Seen(refused=str(error), port=self.task.port, network=self.task.network)
        try:
            seen = self._until(container, started + self.wish.limit)
            output = self.engine.output(container)
        finally:
            self.engine.remove(container)
        return replace(
            seen,
            out=output.out,
            err=output.err,
            port=self.task.port,
            network=self.task.network,
            seconds=time.monotonic() - started,
        )

    def _until(self, container: str, deadline: float) -> Seen:
        port, answer = self.task.port, None
        probed = self.config.healthcheck is not None and self.config.healthcheck.test[:1] != ("NONE",)
        # A HEALTHCHECK is about the image's own command.
        probed = probed and self.wish.command is None and self.engine.serves
        while True:
            state = self.engine.state(container)
            if not state.running:
                return Seen(code=state.code, answer=answer, health="", probe=state.probe)
            if port is not None and answer is None:
                answer = self._ask(container, port)
            settled = state.health in ("healthy", "unhealthy")
            waits = (port is not None and answer is None) or (probed and not settled)
            if (port is not None or probed) and not waits:
                return Seen(running=True, answer=answer, health=state.health if settled else "", probe=state.probe)
            if time.monotonic() > deadline:
                health = "unhealthy" if probed and not settled else state.health if settled else ""
                return Seen(running=True, answer=answer, health=health, probe=state.probe)
            time.sleep(_PAUSE)

    def _ask(self, container: str, port: int) -> Answer | None:
        host, number = "127.0.0.1", port
        if self.task.network == "published":
            try:
                host, number = self.engine.address(container, port)
            except EngineError:
                return None  # it ended meanwhile; its state tells
        return ask(host, number, port, self.wish.request)
