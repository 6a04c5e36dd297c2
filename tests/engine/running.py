"""What containers do: their output and exit code, and the answer of a server."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from typing import Any, NamedTuple

from tests.engine.docker import Engine, Result


class Answer(NamedTuple):
    """What a server said, and how it ended."""

    status: int
    body: str
    end: int


def run_once(engine: Engine, image: str, wish: dict[str, Any]) -> Result:
    """Run a container as a `[[run]]` says."""
    return engine.run(image, wish.get("options", []), wish.get("args", []))


def serve(engine: Engine, image: str, wish: dict[str, Any], patience: float = 30) -> Answer:
    """Start a server as `[serve]` says, ask it once, and stop it."""
    port = free_port()
    container = engine.start(image, ["--env", f"PORT={port}", *wish.get("options", [])])
    status, body = _ask(f"http://127.0.0.1:{port}{wish.get('path', '/')}", patience)
    end = engine.stop(container)
    return Answer(status, body or end.out + end.err, end.code)


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ask(url: str, patience: float) -> tuple[int, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            with opener.open(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            time.sleep(0.2)
    return 0, ""
