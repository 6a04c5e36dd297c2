"""Which Change explains which difference, and what is left to report."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.prove.compare import Comparison, compare
from optimizer.rewrite.change import Applied, Change, Edit, Outcome, Step
from optimizer.syntax import Span
from tests.prove.making import PATH, Member, folder, image, link, program
from tests.support import run

STATUS = "Package: {}\nStatus: install ok installed\nVersion: 1\n\n"


def outcome_of(before: str, after: str, name: str = "smaller-base") -> Outcome:
    """An outcome of one Change that replaces the lines that differ."""
    start = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
    same = next((n for n, (a, b) in enumerate(zip(before[::-1], after[::-1], strict=False)) if a != b), 0)
    same = min(same, len(before) - start, len(after) - start)
    edit = Edit(Span(start, len(before) - same), after[start : len(after) - same])
    change = Change("another base", "it is smaller", (edit,))
    return Outcome("Dockerfile", before, after, (Step(name, before, after, (Applied(name, change, 1, 1),)),))


def told(comparison: Comparison, kind: str = "") -> list[tuple[str, str, str]]:
    return [(f.severity, f.where, f.explained_by) for f in comparison.findings if not kind or f.kind == kind]


def test_without_an_outcome_nothing_is_explained() -> None:
    found = compare(image({"app/a": "1", "app/b": ""}), image({"app/a": "2"}))
    assert [(f.kind, f.severity, f.where, f.what, f.explained_by) for f in found.findings] == [
        ("file", "differs", "/app/a", "its content differs", ""),
        ("file", "differs", "/app/b", "a file is gone", ""),
    ]
    assert found.unexplained == found.findings
    assert found.holds


def test_a_cmd_in_exec_form_is_explained_by_its_transform() -> None:
    outcome = run("FROM debian:12\nCMD python app.py\n", "exec-form-cmd")
    assert outcome.changed
    before, after = image({}, Cmd=["/bin/sh", "-c", "python app.py"]), image({}, Cmd=["python", "app.py"])
    (finding,) = (f for f in compare(before, after, outcome).findings if f.kind == "config")
    assert (finding.where, finding.severity, finding.explained_by) == ("Cmd", "differs", "exec-form-cmd")
    assert finding.what == 'was ["/bin/sh", "-c", "python app.py"], is ["python", "app.py"]'


def test_a_label_is_explained_by_its_transform() -> None:
    outcome = run("FROM debian:12\nMAINTAINER me\n", "label-maintainer")
    found = compare(image({}), image({}, Labels={"maintainer": "me"}), outcome)
    assert told(found) == [("noted", "Labels.maintainer", "label-maintainer")]


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ({"User": "a"}, {"User": "b"}, "User", 'was "a", is "b"'),
        ({"Entrypoint": ["a"]}, {}, "Entrypoint", 'was ["a"], is not set'),
        ({}, {"WorkingDir": "/x"}, "WorkingDir", 'was not set, is "/x"'),
        ({"Env": [PATH, "A=1"]}, {"Env": [PATH, "A=2"]}, "Env.A", 'was "1", is "2"'),
        ({"Env": [PATH, "A=1"]}, {}, "Env.A", 'was "1", is not set'),
        ({"ExposedPorts": {"80/tcp": {}}}, {}, "ExposedPorts.80/tcp", "was set, is not set"),
        ({"Volumes": {}}, {"Volumes": {"/d": {}}}, "Volumes./d", "was not set, is set"),
        ({"StopSignal": "SIGQUIT"}, {}, "StopSignal", 'was "SIGQUIT", is not set'),
        ({"OnBuild": ["RUN x"]}, {}, "OnBuild", 'was ["RUN x"], is not set'),
        (
            {"Healthcheck": {"Test": ["CMD", "true"]}},
            {"Healthcheck": {"Test": ["NONE"]}},
            "Healthcheck",
            'was ["CMD", "true"], is ["NONE"]',
        ),
        (
            {"Healthcheck": {"Test": ["NONE"], "Retries": 3}},
            {"Healthcheck": {"Test": ["NONE"], "Retries": 4}},
            "Healthcheck.retries",
            "was 3, is 4",
        ),
    ],
)
def test_settings(old: dict[str, Any], new: dict[str, Any], where: str, what: str) -> None:
    found = [f for f in compare(image({}, **old), image({}, **new)).findings if f.kind == "config"]
    assert [(f.severity, f.where, f.what, f.explained_by) for f in found] == [("differs", where, what, "")]


def test_l11_settings_of_the_base_are_explained_by_another_base() -> None:
    """L11: what was the base's; what the Dockerfile sets is not."""
    text = "FROM fat\nENV OWN=1\n"
    outcome = outcome_of(text, text.replace("fat", "slim"))
    before = image({}, Env=[PATH, "OWN=1", "THEIRS=1"], StopSignal="SIGINT")
    after = image({}, Env=[PATH, "OWN=2"])
    assert told(compare(before, after, outcome)) == [
        ("differs", "StopSignal", "smaller-base"),
        ("differs", "Env.OWN", ""),
        ("differs", "Env.THEIRS", "smaller-base"),
    ]


def debian(*packages: str, **files: str) -> dict[str, str]:
    return {"var/lib/dpkg/status": "".join(STATUS.format(name) for name in packages), **files}


def test_packages_that_are_gone() -> None:
    before = debian("curl", "vim") | {"usr/bin/vim": "", "var/lib/dpkg/info/vim.list": "/usr/bin/vim\n"}
    outcome = run("FROM debian:12\nRUN apt-get update && apt-get install -y vim\n", "apt-no-recommends")
    found = compare(image(before), image(debian("curl")), outcome)
    assert [(f.kind, f.severity, f.what, f.explained_by) for f in found.findings] == [
        ("package", "noted", "packages gone (1): vim", "apt-no-recommends")
    ]


def test_package_lists_and_caches() -> None:
    outcome = run("FROM debian:12\nRUN apt-get update && apt-get install -y vim\n", "apt-clean-lists")
    assert outcome.changed
    found = compare(image({"var/lib/apt/lists/all": "x", "root/.cache/y": "1"}), image({}), outcome)
    assert told(found) == [
        ("noted", "/root/.cache/y", "apt-clean-lists"),
        ("noted", "/var/lib/apt/lists/all", "apt-clean-lists"),
    ]


def test_a_node_dependency_is_told_once() -> None:
    before = {f"app/node_modules/left/{n}.js": "x" for n in range(9)} | {"app/a": ""}
    (finding,) = compare(image(before), image({"app/a": ""})).findings
    assert finding.where == "/app/node_modules"
    assert finding.what.startswith("a file of the dependency left is gone: 9 paths, 9 bytes")


def test_what_two_builds_make_differently_is_no_difference() -> None:
    before = {"var/log/dpkg.log": "1", "app/__pycache__/a.pyc": "1", "etc/ld.so.cache": "1"}
    assert compare(image(before), image(dict.fromkeys(before, "2"))).findings == ()


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (Member("a", b"", 0o644), Member("a", b"", 0o755), "had the mode 644, has 755"),
        (Member("a", uid=1), Member("a", gid=2), "belonged to 1:0, belongs to 0:2"),
        (Member("a"), link("a", "b"), "was a file, is a link"),
        (link("a", "/x"), link("a", "/y"), "pointed to /x, points to /y"),
        (folder("a", 0o755), folder("a", 0o700), "had the mode 755, has 700"),
    ],
)
def test_files_that_changed(old: Member, new: Member, what: str) -> None:
    found = compare(image([old]), image([new])).findings
    assert ("file", "differs", "/a", what) in [(f.kind, f.severity, f.where, f.what) for f in found]


def test_s3_capabilities_that_are_gone() -> None:
    """S3: COPY from another stage keeps setcap, a copy by hand does not."""
    capable = Member("usr/bin/ping", b"", 0o755, pax=(("SCHILY.xattr.security.capability", "\x01"),))
    found = compare(image([capable]), image([program("usr/bin/ping", b"")]))
    assert [f.what for f in found.broken] == ["its capabilities (setcap) are gone"]


def test_d4_a_link_that_leads_nowhere() -> None:
    """D4: a virtual environment links to an interpreter that is elsewhere."""
    venv = link("app/.venv/bin/python", "/usr/local/bin/python3")
    found = compare(image([venv, program("usr/local/bin/python3")]), image([venv, program("usr/bin/python3")]))
    assert [(f.where, f.what) for f in found.broken] == [
        ("/app/.venv/bin/python", "points to /usr/local/bin/python3, which is not there")
    ]
    assert compare(image([venv]), image([venv])).findings == ()
    log = link("app/log", "/dev/stdout")
    assert compare(image([]), image([log])).broken == ()


def vanished(before: list[Member], after: list[Member], **config: Any) -> list[tuple[str, str, str]]:
    found = compare(image(before, **config), image(after, **config)).findings
    return [(f.severity, f.where, f.what) for f in found if f.kind == "vanished"]


GIT = program("usr/bin/git", b"")


def test_d8_a_helper_that_the_application_mentions() -> None:
    """D8: programs that the application looks for while it runs."""
    python = Member("app/a.py", b"import subprocess\nsubprocess.run(['git', 'log'])\n")
    assert vanished([GIT, python], [python]) == [
        ("differs", "/app/a.py", "the command git is gone, and /app/a.py mentions it")
    ]
    shell = Member("app/a.sh", b"git log\n")
    assert vanished([GIT, shell], [shell]) == [
        ("differs", "/app/a.sh", "the command git is gone, and /app/a.sh calls it")
    ]
    words = Member("app/a.py", b"# git is a 'git' tool\n")
    assert vanished([GIT, words], [words]) == [
        ("noted", "PATH", "commands gone that nothing of the application mentions (1): git")
    ]


def test_d5_certificates_time_zones_locales() -> None:
    """D5, L7: what scratch and other small bases don't have."""
    certificates = Member("etc/ssl/certs/ca-certificates.crt", b"x")
    zone = Member("usr/share/zoneinfo/UTC", b"x")
    locale = Member("usr/lib/locale/de_DE.utf8/LC_TIME", b"x")
    source = Member("app/a.py", b"import zoneinfo\nurl = 'https://x'\n")
    assert vanished([certificates, zone], []) == [
        ("differs", "/etc/ssl/certs", "the certificates of authorities are gone"),
        ("noted", "/usr/share/zoneinfo", "the time zone data are gone"),
    ]
    assert vanished([certificates, zone, source], [source]) == [
        ("differs", "/etc/ssl/certs", "the certificates of authorities are gone, and /app/a.py speaks of https"),
        ("differs", "/usr/share/zoneinfo", "the time zone data are gone, and /app/a.py works with time zones"),
    ]
    assert vanished([zone, locale], [], Env=[PATH, "TZ=Europe/Berlin", "LANG=de_DE.UTF-8"]) == [
        ("broken", "/usr/share/zoneinfo", "the time zone data are gone, and TZ is Europe/Berlin"),
        ("broken", "Env.LANG", "the locale de_DE.UTF-8 that LANG asks for is gone"),
    ]
    assert vanished([locale], [], Env=[PATH, "LANG=C.UTF-8"]) == []


def test_the_broken_come_first() -> None:
    found = compare(image([program("bin/x"), Member("a")], Cmd=["x"]), image([], Cmd=["x"], User="b"))
    assert [f.severity for f in found.findings] == sorted(f.severity for f in found.findings)
    assert found.findings[0].severity == "broken"
    assert not found.holds


def test_names_are_fit_for_a_terminal() -> None:
    (finding,) = compare(image([]), image([Member("app/\x1b[2J\udce9é")])).findings
    assert finding.where == "/app/\\x1b[2J\\udce9é"
