"""`dockopt fix --online`, `dockopt catalog refresh` and `dockopt catalog wheels`."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from optimizer.catalog.live import Live, Requirement
from optimizer.cli import jobs
from optimizer.facts.document import Document
from optimizer.online import store
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.registry import Transform
from tests.online.images import image, index
from tests.online.server import MISSING, Asked, Said, Server, said
from tests.online.test_trouble import serving
from tests.online.test_wheels import as_json

AMD = image("amd64", b"a layer of amd64" * 100_000)
ARM = image("arm64", b"arm64")
BOTH = index((AMD, {"os": "linux", "architecture": "amd64"}), (ARM, {"os": "linux", "architecture": "arm64"}))


def having(*tags: str) -> Callable[[Asked], Said]:
    """Answer as a registry that has some tags of any image."""
    there = serving(BOTH, AMD, ARM)

    def answer(request: Asked) -> Said:
        reference = request.path.rpartition("/")[2]
        return there(request) if ":" in reference or reference in tags else MISSING

    return answer


@pytest.fixture
def registry_of_two(server) -> Server:
    return server(having("1", "2"))


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{closed.getsockname()[1]}"


def test_nothing_is_asked_without_the_wish(dockopt, folder: Path, registry_of_two: Server) -> None:
    """A plain run sends nothing, and what earlier answers left behind does not change it."""
    name = f"{registry_of_two.host}/thing:3"
    (folder / "Dockerfile").write_text(f"FROM {name}\nRUN apt-get install curl\n")
    before = dockopt("fix", "--diff")
    assert registry_of_two.asked == []
    online = dockopt("fix", "--diff", "--online")
    assert registry_of_two.asked
    wrong = Live(True, ("linux/s390x",), (), "sha256:0", "2026-11-24T12:00:00+00:00", registry_of_two.host)
    store.keep({name: wrong})
    asked = len(registry_of_two.asked)
    after = dockopt("fix", "--diff")
    assert after == before
    assert after.out != online.out
    assert len(registry_of_two.asked) == asked


def test_a_base_that_is_not_there_is_told(dockopt, folder: Path, registry_of_two: Server) -> None:
    host = registry_of_two.host
    (folder / "Dockerfile").write_text(f"FROM {host}/thing:1 AS a\nFROM {host}/thing:nope\nCOPY --from=a /x /x\n")
    done = dockopt("fix", "--online", "--check")
    assert f"Dockerfile:2:1: existing-base [advice] there is no image {host}/thing:nope" in done.out.decode() + done.err
    assert "thing:1" not in done.out.decode() + done.err
    assert "warning" not in done.err


def test_who_does_not_answer_is_told_once(dockopt, folder: Path, registry_of_two: Server, nobody: str) -> None:
    """The warning names the registry, the images and the reason; the diff is that of a run without asking."""
    for number in range(5):
        (folder / f"Dockerfile.{number}").write_text(f"FROM {nobody}/thing:{number}\nRUN apt-get install curl\n")
    (folder / "Dockerfile").write_text(f"FROM {registry_of_two.host}/thing:1\n")
    offline = dockopt("fix", "--diff")
    online = dockopt("fix", "--diff", "--online")
    names = ", ".join(f"{nobody}/thing:{n}" for n in range(3))
    assert online.err.startswith(
        f"warning: no answer from {nobody}: connection refused ({names} and 2 more)\n"
        "warning: what dockopt knows by itself holds where nobody answered\n"
    )
    assert online.err.count("warning") == 2
    assert (online.code, online.out) == (0, offline.out)
    assert "warning" not in dockopt("fix", "--diff", "--online", "--quiet").err


def test_many_files_share_the_questions(dockopt, folder: Path, registry_of_two: Server) -> None:
    """Answers reach worker processes; each image is asked for once."""
    for number in range(30):
        (folder / f"Dockerfile.{number}").write_text(f"FROM {registry_of_two.host}/thing:{number % 3}\n")
    done = dockopt("fix", "--online", "--check", "-j", "2")
    text = done.out.decode() + done.err
    assert text.count("there is no image") == 10
    tags = [r for r in registry_of_two.asked if "sha256" not in r.path]
    assert len(tags) == 3


def test_standard_input(dockopt, folder: Path, registry_of_two: Server) -> None:
    data = f"FROM {registry_of_two.host}/thing:9\n".encode()
    done = dockopt("fix", "--online", "-", data=data)
    assert done.out == data
    assert "there is no image" in done.err


def test_a_file_that_cannot_be_read_is_told_as_ever(dockopt, folder: Path) -> None:
    (folder / "Dockerfile").mkdir()
    assert dockopt("fix", "--online", "missing").code == 2


def test_refresh_tells_and_keeps(dockopt, folder: Path, registry_of_two: Server) -> None:
    host = registry_of_two.host
    (folder / "Dockerfile").write_text(f"FROM {host}/thing:1\n")
    done = dockopt("catalog", "refresh", "Dockerfile", f"{host}/other:nope")
    assert done.code == 0
    lines = done.out.decode().splitlines()
    assert lines[0] == f"{host}/other:nope"
    assert lines[1].startswith(f"    does not exist ({host}, 20")
    assert lines[2:5] == [
        f"{host}/thing:1",
        f"    digest:    {BOTH.digest}",
        "    platforms: linux/amd64 (1.6 MB), linux/arm64",
    ]
    assert list(store.load()) == [f"{host}/thing:1"]
    asked = len(registry_of_two.asked)
    dockopt("fix", "--online", "--diff", "Dockerfile")
    assert len(registry_of_two.asked) == asked, "a fresh answer is not asked for again"
    dockopt("catalog", "refresh", "Dockerfile")
    assert [r.method for r in registry_of_two.asked[asked:]] == ["HEAD"]


def test_refresh_as_json(dockopt, folder: Path, registry_of_two: Server, nobody: str) -> None:
    names = [f"{registry_of_two.host}/thing:2", f"{nobody}/x"]
    done = dockopt("catalog", "refresh", "--format", "json", "--platform", "linux/arm64", *names)
    assert done.code == 2
    there, silent = json.loads(done.out)["images"]
    assert there["image"] == names[0]
    assert there["sizes"] == {"linux/arm64": ARM.size}
    assert there["platforms"] == ["linux/amd64", "linux/arm64"]
    assert silent == {"image": names[1], "exists": None, "reason": "connection refused"}
    assert done.err == f"warning: no answer from {nobody}: connection refused ({names[1]})\n"


def test_refresh_without_images(dockopt, folder: Path) -> None:
    done = dockopt("catalog", "refresh")
    assert (done.code, done.err) == (0, "no image to ask about\n")


def test_a_cache_that_cannot_be_written(dockopt, folder: Path, registry_of_two: Server, monkeypatch) -> None:
    (folder / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "file"))
    done = dockopt("catalog", "refresh", f"{registry_of_two.host}/thing:1")
    assert done.code == 0
    assert done.err == f"warning: {folder}/file/dockopt: answers are not kept: not a directory\n"


def test_mirrors_of_the_configuration(dockopt, folder: Path, registry_of_two: Server) -> None:
    (folder / "dockopt.toml").write_text(f'[online]\nmirrors = {{ "docker.io" = "{registry_of_two.host}/hub" }}\n')
    (folder / "Dockerfile").write_text("FROM python:nope\n")
    done = dockopt("fix", "--online", "--check")
    assert "there is no image python:nope" in done.out.decode() + done.err
    assert registry_of_two.asked[0].path == "/v2/hub/library/python/manifests/nope"
    assert dockopt("catalog", "refresh", "python:1").code == 0
    assert list(store.load()) == ["docker.io/library/python:1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("online = 5\n", "dockopt.toml:1: online: must be a table, not 5"),
        ("[online]\nmirror = {}\n", "dockopt.toml:2: online.mirror: unknown key. Did you mean 'mirrors'?"),
        ("[online]\nzzz = {}\n", "online.zzz: unknown key. Known are seconds, mirrors, insecure, platforms."),
        ("[online]\nseconds = 0\n", "dockopt.toml:2: online.seconds: must be a number of seconds up to 600, not 0"),
        ("[online]\nseconds = true\n", "online.seconds: must be a number of seconds up to 600, not True"),
        ('[online]\ninsecure = ["http://x"]\n', "online.insecure: must be a list of registries"),
        ('[online]\nplatforms = ["amd64"]\n', "online.platforms: must be a list of platforms"),
        ('[online.mirrors]\n"docker.io" = "https://x"\n', "online.mirrors: must be a table of registries and mirrors"),
        ('[online.mirrors]\n"docker.io" = 5\n', "online.mirrors: must be a table of registries and mirrors"),
    ],
)
def test_a_configuration_that_is_wrong(dockopt, folder: Path, text: str, message: str) -> None:
    (folder / "dockopt.toml").write_text(text)
    (folder / "Dockerfile").write_text("FROM python:3.12\n")
    done = dockopt("fix", "--diff")
    assert done.code == 2
    assert message in done.err


def test_wheels(dockopt, folder: Path, server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{server(as_json).host}/simple/")
    (folder / "requirements.txt").write_text("# ours\npure==1.0 \\\n    --hash=sha256:0\n-e .\nonly-source # later\n")
    done = dockopt(
        "catalog", "wheels", "--python", "3.12", "--architecture", "arm64", "compiled", "-r", "requirements.txt"
    )
    assert done.out.decode().splitlines() == [
        "compiled: 2.0: glibc: a wheel; musl: must be compiled",
        "pure==1.0: 1.0: glibc: a pure wheel; musl: a pure wheel",
        "only-source: 0.1: glibc: must be compiled; musl: must be compiled",
    ]
    assert done.code == 0
    answer = json.loads(dockopt("catalog", "wheels", "--python", "3.12", "--format", "json", "compiled", "nope").out)
    assert answer["projects"][0]["musl"] == ["amd64"]
    assert answer["projects"][1] == {"project": "nope", "python": "3.12", "reason": "it has no such project"}
    assert dockopt("catalog", "wheels", "nope").code == 2
    assert dockopt("catalog", "wheels").code == 2
    assert "cannot be read" in dockopt("catalog", "wheels", "-r", "nowhere.txt").err


def test_an_index_that_does_not_answer(dockopt, folder: Path, server, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = server(lambda request: said({}, 500))
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{broken.host}/simple/")
    done = dockopt("catalog", "wheels", "thing")
    assert done.code == 2
    assert done.err == f"warning: no answer from {broken.host}: it answered with HTTP status 500 (thing)\n"


def told(doc: Document) -> Iterator[Change]:
    """Tell what the answers are, as an advice."""
    live = doc.settings.live
    found = live and live.wheels_of("compiled", "3.12")
    if found:
        yield Change(title=f"musl: {found.on('musl', 'arm64')}", why="it was asked", at=0)


def probe(**questions: Any) -> Transform:
    return Transform("probe", Phase.TIDY, Safety.ADVICE, told, "Probe.", **questions)


def test_transforms_ask_for_wheels(dockopt, folder: Path, server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `projects` names is asked of pip's index, and `find` sees the answer."""
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{server(as_json).host}/simple/")
    asking = probe(projects=lambda doc: [Requirement("compiled", "3.12")])
    monkeypatch.setattr(jobs, "_transforms", lambda chosen, ignored: (asking,))
    (folder / "Dockerfile").write_text("FROM scratch\n")
    assert "probe [advice] musl: sdist" in dockopt("fix", "--online", "Dockerfile").err
    assert "probe" not in dockopt("fix", "Dockerfile").err


def test_a_question_that_fails_is_our_fault_alone(dockopt, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is told of, and worked on without answers."""

    def broken(doc: Document) -> Iterator[str]:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(jobs, "_transforms", lambda chosen, ignored: (probe(images=broken),))
    (folder / "Dockerfile").write_text("FROM scratch\n")
    done = dockopt("fix", "--online", "Dockerfile")
    assert done.code == 3
    assert "internal error: ZeroDivisionError: a bug" in done.err
    assert (folder / "Dockerfile").read_text() == "FROM scratch\n"
