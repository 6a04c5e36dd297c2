"""Questions to a package index, which a test plays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from optimizer.catalog.live import Requirement, Unknown, Wheels
from optimizer.online.pip import index_url
from optimizer.online.wheels import ask_wheels
from tests.online.server import Asked, Said, said

FILES = {
    "compiled": [
        ("compiled-1.0.tar.gz", ">=3.8"),
        ("compiled-2.0.tar.gz", ">=3.8"),
        ("compiled-2.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", ">=3.8"),
        ("compiled-2.0-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", ">=3.8"),
        ("compiled-2.0-cp312-cp312-musllinux_1_1_x86_64.whl", ">=3.8"),
        ("compiled-2.0-cp311-cp311-musllinux_1_1_aarch64.whl", ">=3.8"),
        ("compiled-2.0-cp312-cp312-macosx_11_0_arm64.whl", ">=3.8"),
        ("compiled-2.0-cp312-cp312-win_amd64.whl", ">=3.8"),
        ("compiled-3.0rc1.tar.gz", ">=3.8"),
        ("compiled-9.0.tar.gz", ">=3.14"),
    ],
    "stable-abi": [("stable_abi-1.0-cp37-abi3-musllinux_1_2_armv7l.whl", "")],
    "pure": [("pure-1.0-py3-none-any.whl", ""), ("pure-1.0.tar.gz", ""), ("nonsense.exe", ""), ("pure-x.whl", "")],
    "patched": [("patched-1.0.tar.gz", ""), ("patched-2.0.tar.gz", ">=3.12.4")],
    "only-source": [("only-source-0.1.zip", "")],
    "windows-only": [("windows_only-1.0-cp312-cp312-win_amd64.whl", "")],
}


def as_json(request: Asked) -> Said:
    name = request.path.strip("/").rpartition("/")[2]
    if name == "gone":
        files = [{"filename": f"gone-{n}.0.tar.gz", "yanked": n == 2 and "broken"} for n in (1, 2)]
        return said({"files": files})._replace(headers={"Content-Type": "application/vnd.pypi.simple.v1+json"})
    if name not in FILES:
        return said({"message": "not found"}, 404)
    rows = [{"filename": file, "requires-python": python or None, "yanked": False} for file, python in FILES[name]]
    return said({"files": rows})._replace(headers={"Content-Type": "application/vnd.pypi.simple.v1+json"})


def as_html(request: Asked) -> Said:
    name = request.path.strip("/").rpartition("/")[2]
    if name == "gone":
        links = '<a href="gone-1.0.tar.gz">1</a><a href="../gone-2.0.tar.gz#sha256=0" data-yanked="broken">2</a>'
    elif name in FILES:
        links = "".join(
            f'<a href="https://files.invalid/x/{file}#sha256=0" data-requires-python="{python.replace(">", "&gt;")}">'
            f"{file}</a><br>"
            for file, python in FILES[name]
        )
    else:
        return Said(404, b"", {"Content-Type": "text/html"})
    return Said(200, f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), {"Content-Type": "text/html"})


@pytest.fixture(params=[as_json, as_html], ids=["json", "html"])
def index(request: pytest.FixtureRequest, server) -> Callable[..., Wheels | Unknown]:
    host = server(request.param).host

    def wheels(project: str, python: str = "3.12") -> Wheels | Unknown:
        question = Requirement(project, python)
        return ask_wheels([question], index=f"http://{host}/simple").wheels[question]

    return wheels


def test_compiled_wheels(index) -> None:
    found = index("Compiled[extra]>=1 ; python_version > '3'")
    assert (found.version, found.pure, found.sdist) == ("2.0", False, True)
    assert (found.glibc, found.musl) == (("amd64", "arm64"), ("amd64",))
    assert [found.on(libc, "arm64") for libc in ("glibc", "musl")] == ["wheel", "sdist"]
    assert found.source.startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("project", "python", "expected"),
    [
        ("compiled", "3.11", "sdist"),
        ("compiled==1.0", "3.12", "sdist"),
        ("stable_abi", "3.13", ""),
        ("pure", "3.9", "pure"),
        ("only-source", "3.12", "sdist"),
        ("windows-only", "3.12", ""),
    ],
)
def test_what_pip_would_install_on_alpine(index, project: str, python: str, expected: str) -> None:
    found = index(project, python)
    assert found.on("musl", "amd64") == expected


def test_abi3_wheels_are_for_later_pythons(index) -> None:
    assert index("stable-abi", "3.13").on("musl", "arm/v7") == "wheel"
    assert index("stable-abi", "3.6").on("musl", "arm/v7") == ""


def test_a_python_without_a_patch_release_is_the_newest(index) -> None:
    assert index("patched", "3.12").version == "2.0"
    assert index("patched", "3.12.3").version == "1.0"


def test_withdrawn_releases(index) -> None:
    assert index("gone").version == "1.0"
    assert index("gone==2.0").version == "2.0"


@pytest.mark.parametrize(
    ("project", "python", "reason"),
    [
        ("nowhere", "3.12", "it has no such project"),
        ("compiled>5,<6", "3.12", "it has no release of compiled>5,<6 for Python 3.12"),
        ("thing @ https://example.com/x.whl", "3.12", "it is no requirement"),
        ("-r other.txt", "3.12", "it is no requirement"),
        ("compiled", "three", "'three' is no version of Python"),
        ("compiled", "3", "'3' names no minor version of Python"),
    ],
)
def test_no_answer(index, project: str, python: str, reason: str) -> None:
    assert index(project, python) == Unknown(reason)


@pytest.mark.parametrize(
    "answer",
    [
        Said(200, b"{}", {"Content-Type": "application/json"}),
        Said(200, b"[", {"Content-Type": "application/json"}),
        said({"files": [5, {"filename": 5}, {}]}),
        Said(200, b"\xff<a href=''><a>", {"Content-Type": "text/html"}),
        said({}, 500),
        said({}, 403),
    ],
)
def test_indexes_without_sense(server, answer: Said) -> None:
    host = server(lambda request: answer).host
    question = Requirement("thing", "3.12")
    assert isinstance(ask_wheels([question], index=f"http://{host}").wheels[question], Unknown)


def test_one_page_for_all_requirements_of_a_project(server) -> None:
    pages = server(as_json)
    wanted = [Requirement("compiled", python) for python in ("3.11", "3.12")]
    found = ask_wheels(wanted, index=f"http://{pages.host}/simple/".rstrip("/"))
    assert len(found.wheels) == 2
    assert len(pages.asked) == 1
    assert found.wheels_of("compiled", "3.12") is not None


def test_the_index_of_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server) -> None:
    assert index_url() == "https://pypi.org/simple"
    folder = tmp_path / "config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text("[global]\nindex-url = https://jane:pw@global.example/simple/\n")
    assert index_url() == "https://jane:pw@global.example/simple"
    (folder / "pip.conf").write_text("[install]\nindex-url = https://install.example/x%20y\n[global]\nindex-url = x\n")
    assert index_url() == "https://install.example/x%20y"
    monkeypatch.setenv("PIP_INDEX_URL", "https://env.example/simple")
    assert index_url() == "https://env.example/simple"


def test_a_password_of_the_index_is_not_told(server) -> None:
    seen = server(lambda request: said({}, 403))
    question = Requirement("thing", "3.12")
    found = ask_wheels([question], index=f"http://jane:pw@{seen.host}/simple")
    assert [(r.source, r.reason, r.asked) for r in found.refusals] == [(seen.host, "access is denied", ("thing",))]
    assert seen.asked[0].headers["authorization"].startswith("Basic ")


def test_an_index_in_a_folder() -> None:
    question = Requirement("thing", "3.12")
    found = ask_wheels([question], index="file:///srv/simple")
    assert found.wheels[question] == Unknown("pip's index is no web address")
