"""The proof itself sees what it should see; none of this needs an engine."""

from __future__ import annotations

import io
import tarfile

import pytest

from tests.engine.cases import Files, all_cases
from tests.engine.config import compare_settings
from tests.engine.files import Tree, compare, read_tree

STATUS = "Package: {}\nStatus: install ok installed\n"
BASE = {
    "app/main.py": "print(1)",
    "var/lib/apt/lists/all": "lists",
    "var/lib/dpkg/status": "\n".join(STATUS.format(n) for n in ("curl", "locales")),
    "var/lib/dpkg/info/curl.list": "/.\n/usr/bin/curl\n",
    "var/lib/dpkg/info/locales.list": "/lib/locales/all\n",
    "var/lib/apt/extended_states": "Package: locales\nAuto-Installed: 1\n",
    "usr/bin/curl": "curl",
    "usr/lib/locales/all": "many",
}
NO_LOCALES = {"var/lib/dpkg/status": STATUS.format("curl")}
NO_CURL = {"var/lib/dpkg/status": STATUS.format("locales")}


def tree(files: dict[str, str], mode: int = 0o644) -> Tree:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text), mode
            tar.addfile(member, io.BytesIO(text.encode()))
    stream.seek(0)
    return read_tree(stream)


def without(*names: str, **changed: str) -> dict[str, str]:
    return {name: text for name, text in (BASE | changed).items() if name not in names}


@pytest.mark.parametrize(
    ("after", "claims", "problems"),
    [
        (BASE, Files(), []),
        (without("app/main.py"), Files(), ["gone: app/main.py"]),
        (without("app/main.py"), Files(gone=("app/*",)), []),
        (without("var/lib/apt/lists/all"), Files(gone=("var/lib/apt/lists/*",)), []),
        (BASE | {"etc/new": ""}, Files(), ["came: etc/new"]),
        (BASE | {"app/main.py": "print(2)"}, Files(), ["differs: app/main.py: digest"]),
        (BASE | {"var/log/apt.log": "now"}, Files(), []),
        (BASE, Files(needs=("etc/ssl/certs",)), ["needed and not there: etc/ssl/certs"]),
        (
            without("usr/lib/locales/all", "var/lib/dpkg/info/locales.list") | NO_LOCALES,
            Files(recommended=True),
            [],
        ),
        (without("usr/lib/locales/all"), Files(recommended=True), ["gone: usr/lib/locales/all"]),
        (without("usr/bin/curl") | NO_CURL, Files(recommended=True), ["package curl was asked for and is gone"]),
    ],
)
def test_files(after: dict[str, str], claims: Files, problems: list[str]) -> None:
    assert compare(tree(BASE), tree(after), claims).problems == problems


def test_a_mode_counts() -> None:
    assert compare(tree({"a": ""}), tree({"a": ""}, 0o755), Files()).problems == ["differs: a: mode 420 -> 493"]


def test_settings() -> None:
    before = {"Config": {"Cmd": ["sh", "-c", "a"], "Env": ["A=1"], "Labels": None}, "Author": "me"}
    after = {"Config": {"Cmd": ["a"], "Env": ["A=1 "], "Labels": {"maintainer": "me"}}, "Author": ""}
    claims = {"Cmd": ["a"], "Author": "", "Labels.maintainer": "you"}
    problems, used = compare_settings(before, after, claims)
    assert used == {"Cmd", "Author"}
    assert [p.split(":")[0] for p in problems] == ["config Env", "config Labels.maintainer"]


def test_every_sample_says_what_it_is() -> None:
    assert len(all_cases()) >= 14
    assert all(case.about and (case.run or case.serve) for case in all_cases())
