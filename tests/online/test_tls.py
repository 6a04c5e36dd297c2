"""TLS, the names of Docker Hub, redirects and proxies: real names, which lead to servers of the test."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optimizer.catalog.live import Unknown
from tests.online.conftest import asked
from tests.online.server import Asked, Said, Server, said
from tests.online.test_tokens import MADE, behind_tokens, query

HUB, AUTH, CDN = "registry-1.docker.io", "auth.docker.io", "cdn.example.test"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for all names of these tests, with its key in the same file."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    names = ",".join(f"DNS:{name}" for name in (HUB, AUTH, CDN))
    subprocess.run(
        [
            *(program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"),
            *("-addext", f"subjectAltName={names}", "-keyout", folder / "key", "-out", folder / "certificate"),
        ],
        check=True,
        capture_output=True,
    )
    both = folder / "both"
    both.write_bytes((folder / "certificate").read_bytes() + (folder / "key").read_bytes())
    return both


@pytest.fixture
def tls(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server needs to speak TLS; its certificate is trusted as an organisation's own would be."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def leads(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Server], None]:
    """Make a name lead to a server, whatever the port."""
    known: dict[str, Server] = {}
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        found = known.get(host.decode() if isinstance(host, bytes) else host)
        if found is None:
            return real(host, port, *args, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", found.port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known.__setitem__


def test_docker_hub(server, tls, leads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short names go to the registry and the token server that Docker Hub has, with the login that it has."""
    tokens = server(lambda request: said({"token": "t0ken", "access_token": "t0ken"}), tls)
    registry = server(behind_tokens(lambda: f"https://{AUTH}/token"), tls)
    leads(HUB, registry)
    leads(AUTH, tokens)
    found = asked("python:3.12-slim").image("python:3.12-slim")
    assert found is not None
    assert (found.exists, found.source) == (True, HUB)
    assert registry.asked[0].path == "/v2/library/python/manifests/3.12-slim"
    assert query(tokens.asked[0])["scope"] == ["repository:library/python:pull"]
    auth = base64.b64encode(b"jane:secret").decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {"https://index.docker.io/v1/": {"auth": auth}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert asked("jane/app").image("jane/app") is not None
    assert tokens.asked[-1].headers["authorization"] == f"Basic {auth}"
    assert registry.asked[-1].headers["host"] == HUB


def test_a_certificate_that_nobody_vouches_for(server, tls, leads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    registry = server(lambda request: said({}), tls)
    leads(HUB, registry)
    answer = asked("python").images["python"]
    assert isinstance(answer, Unknown)
    assert answer.reason.startswith("its certificate is not trusted (self")
    assert registry.asked == []


def test_a_certificate_for_another_name(server, tls, leads) -> None:
    leads("quay.io", server(lambda request: said({}), tls))
    answer = asked("quay.io/some/thing").images["quay.io/some/thing"]
    assert isinstance(answer, Unknown)
    assert "certificate" in answer.reason


def redirecting(place: str) -> Callable[[Asked], Said]:
    """Answer as a registry that keeps its blobs elsewhere."""

    def answer(request: Asked) -> Said:
        if "/blobs/" in request.path:
            return Said(307, b"", {"Location": f"{place}/blob"})
        return behind_tokens(lambda: f"https://{AUTH}/token")(request)

    return answer


def test_blobs_elsewhere_are_fetched_without_the_token(server, tls, leads) -> None:
    cdn = server(lambda request: Said(200, MADE.blobs[0]), tls)
    leads(CDN, cdn)
    leads(AUTH, server(lambda request: said({"token": "t0ken"}), tls))
    registry = server(redirecting(f"https://{CDN}"), tls)
    leads(HUB, registry)
    found = asked("python:1").image("python:1")
    assert found is not None
    assert found.platforms == ("linux/amd64",)
    assert registry.asked[-1].headers["authorization"] == "Bearer t0ken"
    assert "authorization" not in cdn.asked[0].headers


def test_no_way_from_tls_to_plain_http(server, tls, leads) -> None:
    plain = server(lambda request: Said(200, MADE.blobs[0]))
    leads(CDN, plain)
    leads(AUTH, server(lambda request: said({"token": "t0ken"}), tls))
    leads(HUB, server(redirecting(f"http://{CDN}"), tls))
    assert asked("python:1").images["python:1"] == Unknown(f"it leads to {CDN}, which is plain HTTP")
    assert plain.asked == []


def test_a_proxy_is_used_but_not_for_this_machine(server, monkeypatch: pytest.MonkeyPatch) -> None:
    there = Said(200, MADE.body, {"Docker-Content-Digest": MADE.digest})
    proxy = server(lambda r: Said(200, MADE.blobs[0]) if "/blobs/" in r.path else there)
    registry = server(lambda r: Said(200, MADE.blobs[0]) if "/blobs/" in r.path else there)
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.host}")
    monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    far, near = "registry.example.test/thing:1", f"{registry.host}/thing:1"
    found = asked(far, near, insecure=("registry.example.test",))
    assert found.image(far) is not None
    assert found.image(near) is not None
    assert proxy.asked[0].path == "http://registry.example.test/v2/thing/manifests/1"
    assert len(proxy.asked) == len(registry.asked) == 2
