"""Watching a container: what is waited for, and on which network."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from optimizer.prove.engines.base import EngineError, Output, State, Task
from optimizer.prove.engines.session import own_mark
from optimizer.prove.image.types import Healthcheck, ImageConfig
from optimizer.prove.running.probe import ask, taken
from optimizer.prove.running.types import Answer, Wish
from optimizer.prove.running.watch import port_of, watch
from tests.prove.fakes import FakeEngine

QUICK = Wish(limit=0.5)


class Containers(FakeEngine):
    """Containers whose states are told in advance; `port` is where all of them are reached."""

    states: tuple[State, ...] = (State(False),)
    port = 0
    refuses: tuple[str, ...] = ()

    def start(self, task: Task) -> str:
        if task.network in self.refuses:
            raise EngineError(f"no {task.network} network here")
        self.made.add("container")
        self.task = task
        self.waiting = list(self.states)
        return "container"

    def state(self, container: str) -> State:
        return self.waiting.pop(0) if len(self.waiting) > 1 else self.waiting[0]

    def output(self, container: str) -> Output:
        return Output("out", "err")

    def address(self, container: str, port: int) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def remove(self, container: str) -> None:
        self.made.discard(container)


@pytest.fixture
def engine(tmp_path) -> Containers:
    return Containers(own_mark(), tmp_path)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "Text/Plain")
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[int]:
    found = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found.server_address[1]
    found.shutdown()
    found.server_close()


def test_an_end_is_waited_for(engine: Containers) -> None:
    engine.states = (State(True), State(True), State(False, 3))
    seen = watch(engine, "image", ImageConfig(), Wish())
    assert (seen.running, seen.code, seen.out, seen.err, seen.network) == (False, 3, "out", "err", "none")
    assert engine.made == set()


def test_no_longer_than_the_limit(engine: Containers) -> None:
    engine.states = (State(True),)
    assert watch(engine, "image", ImageConfig(), QUICK).running
    assert engine.made == set()


def test_an_answer_is_waited_for(engine: Containers, server: int) -> None:
    engine.states, engine.port = (State(True),), server
    seen = watch(engine, "image", ImageConfig(exposed=("8000/tcp",)), Wish())
    assert seen.answer == Answer(200, "text/plain", "localhost:8000")
    assert (seen.port, seen.network) == (8000, "published")
    assert watch(engine, "image", ImageConfig(), Wish(port=9, request="GET /x")).answer.status == 404


def test_health_is_waited_for(engine: Containers) -> None:
    config = ImageConfig(healthcheck=Healthcheck(("CMD", "true")))
    engine.states = (State(True, health="starting"), State(True, health="healthy"))
    assert watch(engine, "image", config, Wish()).health == "healthy"
    engine.states = (State(True, health="unhealthy", probe="no"),)
    assert watch(engine, "image", config, Wish()).failed(False) == "its HEALTHCHECK fails: no"
    engine.states = (State(True, health="starting"),)
    assert watch(engine, "image", config, QUICK).health == "unhealthy"
    # One for another command is not waited for.
    engine.states = (State(False),)
    assert watch(engine, "image", config, Wish(command=("x",))).health == ""


def test_the_next_network_where_one_is_not_to_be_had(engine: Containers, server: int) -> None:
    engine.states, engine.port, engine.refuses = (State(True),), server, ("published",)
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    seen = watch(engine, "image", ImageConfig(exposed=(str(port),)), QUICK)
    assert seen.network == "host" and engine.task.network == "host"
    with pytest.raises(EngineError, match=f"port {server} is taken on this machine"):
        watch(engine, "image", ImageConfig(exposed=(str(server),)), QUICK)


def test_a_container_that_the_engine_refuses(engine: Containers) -> None:
    engine.start = lambda task: (_ for _ in ()).throw(EngineError("exec: not found"))  # type: ignore[method-assign]
    assert watch(engine, "image", ImageConfig(), Wish()).refused == "exec: not found"


@pytest.mark.parametrize(
    ("wish", "exposed", "port"),
    [
        (Wish(), (), None),
        (Wish(), ("80/tcp", "443/tcp"), 80),
        (Wish(), ("53/udp", "8080"), 8080),
        (Wish(port=9), ("80/tcp",), 9),
        (Wish(command=("x",)), ("80/tcp",), None),
        (Wish(command=("x",), request="/"), ("80/tcp",), 80),
    ],
)
def test_which_port(wish: Wish, exposed: tuple[str, ...], port: int | None) -> None:
    assert port_of(wish, ImageConfig(exposed=exposed)) == port


def serve_raw(listener: socket.socket, take: Callable[[socket.socket], None]) -> None:
    def loop() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=take, args=(connection,), daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()


def greets(connection: socket.socket) -> None:
    connection.sendall(b"+OK hello\r\n")
    connection.close()


def hangs_up_on_http(connection: socket.socket) -> None:
    connection.recv(1000)
    connection.close()


def says_nothing(connection: socket.socket) -> None:
    with suppress(OSError):
        while connection.recv(1000):
            pass


@pytest.mark.parametrize("take", [greets, hangs_up_on_http])
def test_a_port_that_speaks_something_else(take) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serve_raw(listener, take)
        assert ask("127.0.0.1", listener.getsockname()[1], 6379, "/") == Answer(0)


def test_a_port_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.prove.running.probe._PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serve_raw(listener, says_nothing)
        assert ask("127.0.0.1", listener.getsockname()[1], 6379, "/") == Answer(0)


def test_a_proxy_that_drops_connections_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        serve_raw(listener, lambda connection: connection.close())
        assert taken(port)
        assert ask("127.0.0.1", port, 80, "/") is None


def test_a_port_where_nobody_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert ask("127.0.0.1", port, 80, "/") is None and not taken(port)
