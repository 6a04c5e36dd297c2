"""What registries do wrong: an answer with a reason, in time, and never an exception."""

from __future__ import annotations

import json
import pickle
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.catalog.live import LiveFacts, Unknown
from optimizer.online.ask import ask
from optimizer.online.options import Options
from tests.online.conftest import asked
from tests.online.images import MANIFEST, Made, described, digest_of, image, index
from tests.online.server import MISSING, Asked, Said, said

MADE = image("amd64", b"a layer")


def serving(*made: Made, head: str | None = None) -> Callable[[Asked], Said]:
    """Answer as a registry that has the first image under any tag, and all by digest."""
    by_digest = {m.digest: Said(200, m.body, {"Content-Type": m.kind}) for m in made}
    by_digest |= {digest_of(blob): Said(200, blob) for m in made for blob in m.blobs}

    def answer(request: Asked) -> Said:
        last = request.path.rpartition("/")[2]
        if ":" in last:
            return by_digest.get(last, MISSING)
        digest = made[0].digest if head is None else head
        return Said(200, made[0].body, {"Content-Type": made[0].kind, "Docker-Content-Digest": digest})

    return answer


def reason(host: str, **options: object) -> str:
    name = f"{host}/thing:1"
    found = asked(name, **options)
    answer = found.images[name]
    assert isinstance(answer, Unknown), answer
    assert [(r.source, r.reason, r.asked) for r in found.refusals] == [(host, answer.reason, (name,))]
    return answer.reason


def test_the_helper_serves_what_is_right(server) -> None:
    host = server(serving(MADE)).host
    assert asked(f"{host}/thing:1").image(f"{host}/thing:1") is not None


def test_without_a_digest_header_the_body_gives_it(server) -> None:
    host = server(lambda r: serving(MADE)(r)._replace(headers={"Content-Type": MADE.kind})).host
    found = asked(f"{host}/thing:1").image(f"{host}/thing:1")
    assert found is not None
    assert found.digest == MADE.digest


def test_a_lying_digest(server) -> None:
    assert reason(server(serving(MADE, head="sha256:" + "0" * 64)).host) == (
        "what it sent does not have the digest that it names"
    )
    assert reason(server(serving(MADE, head="md5:00/../../x")).host) == "a digest is of an unknown kind"


def test_a_lying_part(server) -> None:
    """A config or a platform's manifest that is not what its digest says."""
    honest = serving(MADE)
    lying = server(lambda r: Said(200, b"{}") if "/blobs/" in r.path else honest(r))
    assert reason(lying.host) == "what it sent does not have the digest that it names"
    both = index((MADE, {"os": "linux", "architecture": "amd64"}))
    honest_index = serving(both, MADE)
    swapped = server(lambda r: Said(200, both.body) if r.path.endswith(MADE.digest) else honest_index(r))
    assert reason(swapped.host) == "what it sent does not have the digest that it names"


def test_a_part_that_is_missing(server) -> None:
    both = index((MADE, {"os": "linux", "architecture": "amd64"}))
    assert reason(server(serving(both)).host) == "a part of the image is missing"


def test_a_digest_cannot_lead_elsewhere(server) -> None:
    bad = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": "../../secret"}, "layers": []})
    registry = server(serving(Made(bad.encode(), MANIFEST)))
    assert reason(registry.host) == "a digest is of an unknown kind"
    assert len(registry.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>hello</html>",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"schemaVersion": 1, "architecture": "amd64"}',
        b'{"mediaType": "text/plain"}',
        b'{"manifests": 5}',
        b'{"manifests": [{"platform": {"os": "linux", "architecture": 5}, "digest": "x"}]}',
        b'{"manifests": [{"platform": {"os": "linux", "architecture": "amd64"}}]}',
        b'{"config": {}}',
        b'{"config": {"digest": 7}}',
    ],
)
def test_manifests_without_sense(server, body: bytes) -> None:
    assert reason(server(lambda r: Said(200, body)).host)


@pytest.mark.parametrize("size", [-1, 1.5, "9", None, True])
def test_sizes_without_sense(server, size: object) -> None:
    config = json.dumps({"os": "linux", "architecture": "amd64"}).encode()
    manifest = {"config": described(config, "c"), "layers": [{"digest": digest_of(b"x"), "size": size}]}
    made = Made(json.dumps(manifest).encode(), MANIFEST, (config,))
    assert reason(server(serving(made)).host) == "a manifest leaves out a size"


def test_another_server_that_knows_no_images(server) -> None:
    assert reason(server(lambda r: Said(404, b"<h1>not found</h1>")).host) == "the answer is no JSON object"
    assert reason(server(lambda r: said({}, 404)).host) == "no registry answers at this address"


@pytest.mark.parametrize(("status", "expected"), [(403, "access is denied"), (410, "HTTP status 410")])
def test_a_refusal(server, status: int, expected: str) -> None:
    assert expected in reason(server(lambda r: said({"errors": []}, status)).host)


def test_too_many_requests(server) -> None:
    """Who is told to wait long asks no more, also not about other images."""
    registry = server(lambda r: said({"errors": []}, 429, Retry_After="3600"))
    names = [f"{registry.host}/thing:{n}" for n in range(20)]
    found = asked(*names, workers=1)
    assert {found.images[name] for name in names} == {Unknown("too many requests")}
    assert len(registry.asked) == 1
    assert [(r.source, len(r.asked)) for r in found.refusals] == [(registry.host, 20)]


def test_one_more_try_where_it_can_help(server) -> None:
    honest, seen = serving(MADE), []

    def first_busy(request: Asked) -> Said:
        seen.append(request)
        return said({}, 429, Retry_After="0") if len(seen) == 1 else honest(request)

    host = server(first_busy).host
    assert asked(f"{host}/thing:1").image(f"{host}/thing:1") is not None
    broken = server(lambda r: said({}, 503))
    assert reason(broken.host) == "it answered with HTTP status 503"
    assert len(broken.asked) == 2


def test_nobody_there() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert reason(f"127.0.0.1:{closed.getsockname()[1]}") == "connection refused"


def test_a_name_that_no_server_has() -> None:
    name = "registry.invalid/thing:1"
    assert isinstance(asked(name).images[name], Unknown)


def test_plain_http_is_not_taken_from_elsewhere(server) -> None:
    """A server without TLS, under a name that is neither loopback nor allowed."""
    registry = server(serving(MADE))
    host = f"[::ffff:7f00:1]:{registry.host.rpartition(':')[2]}"
    assert reason(host) == "it does not speak TLS"
    name = f"{host}/thing:1"
    assert asked(name, insecure=(host,)).image(name) is not None


def test_a_body_that_breaks_off(server) -> None:
    registry = server(lambda r: serving(MADE)(r)._replace(length=len(MADE.body) + 100))
    assert reason(registry.host) == "the answer broke off or was no HTTP"


def test_a_body_without_end(server) -> None:
    def flood() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * (1 << 20)

    registry = server(lambda r: Said(200, length=64 << 20, pieces=flood))
    assert reason(registry.host) == "the answer is longer than 4096 KiB"


def test_something_that_speaks_no_http() -> None:
    from threading import Thread

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def shout() -> None:
            for _ in range(2):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        Thread(target=shout, daemon=True).start()
        assert reason(f"127.0.0.1:{listener.getsockname()[1]}") == "the answer broke off or was no HTTP"


def test_circles(server) -> None:
    registry = server(lambda r: Said(302, b"", {"Location": r.path}))
    assert reason(registry.host) == "it redirects in circles"


def test_slow_answers_end_with_the_limit(server) -> None:
    """A registry that drips is left when the time is over; who answers in time is heard all the same."""
    left = Event()

    def drip() -> Iterator[bytes]:
        try:
            for _ in range(600):
                yield b" "
                time.sleep(0.1)
        except GeneratorExit:
            left.set()
            raise

    slow = server(lambda r: Said(200, length=600, pieces=drip))
    quick = server(serving(MADE))
    names = [f"{slow.host}/thing:1", f"{quick.host}/thing:1"]
    found = asked(*names, seconds=1.0)
    assert found.images[names[0]] == Unknown("the time for asking was over")
    assert found.image(names[1]) is not None
    assert left.wait(20), "nobody listens to it any longer"


def test_an_older_answer_stands_in(server) -> None:
    registry = server(serving(MADE))
    name = f"{registry.host}/thing:1"
    fresh = asked(name).image(name)
    assert fresh is not None
    count = len(registry.asked)
    assert ask([name], Options(), {name: fresh}).images[name] == fresh
    assert len(registry.asked) == count
    registry.__exit__()
    found = ask([name], Options(fresh=0.0), {name: fresh})
    assert found.images[name] == fresh
    assert [r.reason for r in found.refusals] == ["connection refused"]
    assert isinstance(ask([name], Options(fresh=0.0, stale=0.0), {name: fresh}).images[name], Unknown)


def test_an_answer_of_somebody_else_does_not_stand_in(server) -> None:
    """Neither that of another registry, nor that an image was missing, nor one without the size that is wanted."""
    registry = server(serving(MADE))
    name = f"{registry.host}/thing:1"
    true = asked(name).image(name)
    assert true is not None
    false = replace(true, digest="sha256:0")
    for stored in (
        replace(false, source="other.example"),
        replace(false, exists=False),
        replace(false, sizes=()),
        replace(false, asked_at="yesterday"),
        replace(false, asked_at="2999-01-01T00:00:00+00:00"),
    ):
        found = ask([name], Options(), {name: stored}).image(name)
        assert found is not None
        assert (found.digest, found.sizes) == (true.digest, true.sizes)


def test_answers_travel_between_processes(server) -> None:
    host = server(serving(MADE)).host
    found = asked(f"{host}/thing:1", "not a reference")
    again = pickle.loads(pickle.dumps(found))
    assert isinstance(again, LiveFacts)
    assert again == found
    assert again.images["not a reference"] == Unknown("it is no image reference")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"[a-zA-Z0-9.:/@_-]{1,40}", fullmatch=True))
def test_no_text_is_an_error(text: str) -> None:
    """Whatever a FROM says; with no time to ask, nothing is sent."""
    found = ask([text], Options(seconds=-1.0))
    assert isinstance(found.images[text], Unknown)
