"""Token authentication, against a registry and a token server that a test plays."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from optimizer.catalog.live import Unknown
from optimizer.online.ask import ask
from optimizer.online.options import Options
from optimizer.online.tokens import Challenge, read_challenge
from tests.online.conftest import asked
from tests.online.images import image
from tests.online.server import Asked, Said, Server, said

MADE = image("amd64", b"behind a token")


def behind_tokens(realm: Callable[[], str], token: str = "t0ken", scope: bool = True) -> Callable[[Asked], Said]:
    """Answer as a registry that wants a token."""

    def answer(request: Asked) -> Said:
        if request.headers.get("authorization") != f"Bearer {token}":
            repository = request.path.removeprefix("/v2/").partition("/manifests/")[0]
            more = f',scope="repository:{repository}:pull"' if scope else ""
            challenge = f'Bearer realm="{realm()}",service="registry.test"{more}'
            return said({"errors": [{"code": "UNAUTHORIZED"}]}, 401, WWW_Authenticate=challenge)
        if "/blobs/" in request.path:
            return Said(200, MADE.blobs[0])
        return Said(200, MADE.body, {"Content-Type": MADE.kind, "Docker-Content-Digest": MADE.digest})

    return answer


def query(request: Asked) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.path).query)


@pytest.mark.parametrize("field", ["token", "access_token"])
@pytest.mark.parametrize("scope", [True, False])
def test_a_token_for_a_public_image(server, field: str, scope: bool) -> None:
    tokens = server(lambda request: said({field: "t0ken", "expires_in": 300}))
    registry = server(behind_tokens(lambda: f"http://{tokens.host}/token", scope=scope))
    name = f"{registry.host}/library/thing:1"
    found = asked(name).image(name)
    assert found is not None
    assert found.digest == MADE.digest
    (request,) = tokens.asked
    assert query(request) == {"service": ["registry.test"], "scope": ["repository:library/thing:pull"]}
    assert "authorization" not in request.headers
    assert all(r.headers["user-agent"].startswith("dockopt/") for r in registry.asked)


def login(folder: Path, monkeypatch: pytest.MonkeyPatch, host: str, entry: dict[str, str]) -> None:
    (folder / "config.json").write_text(json.dumps({"auths": {host: entry}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))


def test_a_token_for_somebody(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    auth = base64.b64encode(b"jane:pass:word").decode()
    tokens = server(lambda r: said({"token": "t0ken"}) if r.headers.get("authorization") else said({}, 401))
    registry = server(behind_tokens(lambda: f"http://{tokens.host}/token"))
    name = f"{registry.host}/mine:1"
    assert asked(name).images[name] == Unknown("access is denied; the image may not exist")
    login(tmp_path, monkeypatch, registry.host, {"auth": auth})
    assert asked(name).image(name) is not None
    assert tokens.asked[-1].headers["authorization"] == f"Basic {auth}"


def test_an_identity_token(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = server(lambda request: said({"access_token": "t0ken"}))
    registry = server(behind_tokens(lambda: f"http://{tokens.host}/token"))
    login(tmp_path, monkeypatch, registry.host, {"identitytoken": "refresh me"})
    name = f"{registry.host}/mine:1"
    assert asked(name).image(name) is not None
    (request,) = tokens.asked
    assert request.method == "POST"
    form = parse_qs(request.body.decode())
    assert (form["grant_type"], form["refresh_token"]) == (["refresh_token"], ["refresh me"])


def test_credentials_that_are_refused(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are sent once, for who insists is locked out; what anybody may read is asked without them."""
    public = "library/public"

    def anonymous_only(request: Asked) -> Said:
        if "authorization" not in request.headers and public in str(query(request)["scope"]):
            return said({"token": "t0ken"})
        return said({}, 401)

    tokens = server(anonymous_only)
    registry = server(behind_tokens(lambda: f"http://{tokens.host}/token"))
    login(tmp_path, monkeypatch, registry.host, {"username": "jane", "password": "old"})
    names = [f"{registry.host}/{image}:1" for image in ("mine", "ours", public)]
    found = asked(*names, workers=1)
    assert [found.images[name] for name in names[:2]] == [Unknown("it refused the credentials")] * 2
    assert found.image(names[2]) is not None
    assert sum("authorization" in request.headers for request in tokens.asked) == 1


def test_a_password_that_is_refused_is_sent_once(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = server(lambda request: said({}, 401, WWW_Authenticate='Basic realm="x"'))
    login(tmp_path, monkeypatch, registry.host, {"username": "jane", "password": "old"})
    names = [f"{registry.host}/{image}:1" for image in ("mine", "ours", "theirs")]
    found = asked(*names, workers=1)
    assert {found.images[name] for name in names} == {Unknown("it refused the credentials")}
    assert sum("authorization" in request.headers for request in registry.asked) == 1


def test_credentials_stay_with_their_registry(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that leads its visitors to plain HTTP elsewhere gets no password there."""
    seen: list[Asked] = []
    registry: Server = server(behind_tokens(lambda: "http://tokens.example.invalid/token"))
    login(tmp_path, monkeypatch, registry.host, {"username": "jane", "password": "secret"})
    name = f"{registry.host}/mine:1"
    found = asked(name).images[name]
    assert found == Unknown("it leads to tokens.example.invalid, which is plain HTTP")
    other = server(lambda request: seen.append(request) or Said(200, MADE.body, {"Docker-Content-Digest": MADE.digest}))
    target = other.host.replace("127.0.0.1", "localhost")
    redirecting = server(
        lambda r: (
            Said(307, b"", {"Location": f"http://{target}{r.path}"})
            if r.headers.get("authorization")
            else said({}, 401, WWW_Authenticate='Basic realm="x"')
        )
    )
    login(tmp_path, monkeypatch, redirecting.host, {"username": "jane", "password": "secret"})
    asked(f"{redirecting.host}/mine:1")
    assert seen
    assert not any("authorization" in request.headers for request in seen)


def test_no_password_over_plain_http(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An insecure registry elsewhere is read, but gets no credentials."""
    registry = server(lambda request: said({}, 401, WWW_Authenticate='Basic realm="x"'))
    port = registry.host.rpartition(":")[2]
    host = f"[::ffff:7f00:1]:{port}"
    login(tmp_path, monkeypatch, host, {"username": "jane", "password": "secret"})
    name = f"{host}/mine:1"
    found = ask([name], Options(insecure=(host,))).images[name]
    assert found == Unknown("it asks for credentials, and they are not sent over plain HTTP")
    assert not any("authorization" in request.headers for request in registry.asked)


def test_no_password_to_a_token_server_without_tls(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for what anybody may read."""
    tokens = server(lambda request: said({"token": "t0ken"}))
    place = f"[::ffff:7f00:1]:{tokens.host.rpartition(':')[2]}"
    registry = server(behind_tokens(lambda: f"http://{place}/token"))
    login(tmp_path, monkeypatch, registry.host, {"username": "jane", "password": "secret"})
    name = f"{registry.host}/public:1"
    assert asked(name, insecure=(place,)).image(name) is not None
    assert [("authorization" in request.headers) for request in tokens.asked] == [False]


def test_an_identity_token_follows_no_redirect(server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thief = server(lambda request: said({"token": "t0ken"}))
    tokens = server(lambda request: Said(307, b"", {"Location": f"http://{thief.host}/"}))
    registry = server(behind_tokens(lambda: f"http://{tokens.host}/token"))
    login(tmp_path, monkeypatch, registry.host, {"identitytoken": "refresh me"})
    name = f"{registry.host}/mine:1"
    assert asked(name).images[name] == Unknown("the place that gives tokens answered with HTTP status 307")
    assert thief.asked == []


@pytest.mark.parametrize(
    "answer", [said({}), said({"token": 5}), said({"token": "a b\n"}), said([]), Said(200, b"<html>")]
)
def test_a_token_server_without_sense(server, answer: Said) -> None:
    tokens = server(lambda request: answer)
    registry = server(behind_tokens(lambda: f"http://{tokens.host}/token"))
    name = f"{registry.host}/mine:1"
    found = asked(name).images[name]
    assert isinstance(found, Unknown)
    assert "token" in found.reason


@pytest.mark.parametrize("realm", ["", "ftp://x/", "http://[", "https://", "http://jane:pw@localhost/", "https:// x/"])
def test_a_realm_that_is_no_place(server, realm: str) -> None:
    registry = server(behind_tokens(lambda: realm))
    name = f"{registry.host}/mine:1"
    assert isinstance(asked(name).images[name], Unknown)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            'Bearer realm="https://r/t",service="s",scope="a:b:pull,push"',
            ("bearer", "https://r/t", "s", "a:b:pull,push"),
        ),
        ("bearer realm=https://r/t , service = s", ("bearer", "https://r/t", "s", "")),
        ('Basic realm="x, Bearer y", Bearer realm="https://r/t"', ("bearer", "https://r/t", "", "")),
        ('Basic realm="x"', ("basic", "x", "", "")),
        ("Basic", ("basic", "", "", "")),
    ],
)
def test_challenges(header: str, expected: tuple[str, str, str, str]) -> None:
    assert read_challenge(header) == Challenge(*expected)


@pytest.mark.parametrize("header", ["", "Negotiate", "Digest realm=x", ",,,", "=", '"'])
def test_challenges_that_mean_nothing(header: str) -> None:
    assert read_challenge(header) is None
