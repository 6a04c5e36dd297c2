"""Registries to ask: Debian's `docker-registry` on loopback, and a server that answers as a test tells it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from optimizer.catalog.live import LiveFacts
from optimizer.online.ask import ask
from optimizer.online.options import Options
from tests.cli.conftest import dockopt, folder
from tests.engine.conftest import engine
from tests.online.server import Server

__all__ = ["dockopt", "engine", "folder"]

USER, PASSWORD = "dockopt", "secret"
# `htpasswd -B` of that password.
_HTPASSWD = f"{USER}:$2y$04$rm07dpsD7tqX8RrK6iTpl.jzP6vkHyAEC7CSEJl/wZWZG3leIRzPm\n"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's credentials, cache, proxies or pip configuration take part."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "config"))
    for name in ("DOCKER_CONFIG", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "VIRTUAL_ENV", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


def asked(*references: str, **options: object) -> LiveFacts:
    """Ask with a limit of time that no test reaches unless it means to."""
    return ask(references, Options(**{"seconds": 60.0, **options}))  # type: ignore[arg-type]


@pytest.fixture
def server() -> Iterator[Callable[..., Server]]:
    """Start servers that answer with a function from a request to an answer."""
    with ExitStack() as stack:
        yield lambda answer, tls=None: stack.enter_context(Server(answer, tls))


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The host of a registry that anybody may read and write."""
    with _registry(tmp_path_factory.mktemp("registry"), "") as host:
        yield host


@pytest.fixture(scope="session")
def locked_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The host of a registry that wants a password for everything."""
    folder = tmp_path_factory.mktemp("locked")
    (folder / "htpasswd").write_text(_HTPASSWD)
    with _registry(folder, f"auth:\n  htpasswd:\n    realm: test\n    path: {folder / 'htpasswd'}\n") as host:
        yield host


@contextmanager
def _registry(folder: Path, more: str) -> Iterator[str]:
    program = shutil.which("docker-registry")
    if program is None:
        reason = "docker-registry is not installed"
        if os.environ.get("DOCKOPT_REQUIRE_REGISTRY") == "1":
            pytest.fail(f"{reason}, and DOCKOPT_REQUIRE_REGISTRY asks for it")
        pytest.skip(reason)
    host = f"localhost:{_free_port()}"
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog:\n  level: error\nhttp:\n  addr: {host}\n"
        f"storage:\n  filesystem:\n    rootdirectory: {folder / 'data'}\n{more}"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve", folder / "config.yml"], stdout=log, stderr=log)
    try:
        _await(host, process, folder / "log")
        yield host
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _await(host: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(f"http://{host}/v2/", trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the registry does not answer: {log.read_text()}")
