"""Vulnerabilities are counted by a scanner or not at all. The scanners here print what real ones print."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn

import pytest

from optimizer.prove.scan import NONE_INSTALLED, Scans, scan_both

TRIVY = {
    "SchemaVersion": 2,
    "ArtifactName": "image.tar",
    "Results": [
        {
            "Target": "image.tar (debian 12.5)",
            "Class": "os-pkgs",
            "Vulnerabilities": [
                {
                    "VulnerabilityID": "CVE-2023-0001",
                    "PkgName": "zlib1g",
                    "InstalledVersion": "1:1.2.13",
                    "Severity": "CRITICAL",
                },
                {
                    "VulnerabilityID": "CVE-2023-0002",
                    "PkgName": "libc6",
                    "InstalledVersion": "2.36-9",
                    "FixedVersion": "2.36-10",
                    "Severity": "HIGH",
                },
                {"VulnerabilityID": "CVE-2023-0003", "PkgName": "tar", "InstalledVersion": "1", "Severity": "ODD"},
            ],
        },
        {"Target": "Python", "Class": "lang-pkgs", "Vulnerabilities": None},
    ],
}
GRYPE = {
    "matches": [
        {
            "vulnerability": {
                "id": "CVE-2023-0002",
                "severity": "High",
                "fix": {"versions": ["2.36-10"], "state": "fixed"},
            },
            "artifact": {"name": "libc6", "version": "2.36-9", "type": "deb"},
        },
        {
            "vulnerability": {"id": "CVE-2011-3374", "severity": "Negligible", "fix": {"versions": [], "state": ""}},
            "artifact": {"name": "apt", "version": "2.6.1", "type": "deb"},
        },
    ]
    * 2,
    "source": {"type": "image"},
}
NOTHING = {"trivy": {"SchemaVersion": 2, "ArtifactName": "x"}, "grype": {"matches": []}}
SCANNER = """#!{python}
import json, sys, time
seen = open({log!r}, "a")
seen.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[-1].endswith("after.tar"):
    print({after})
else:
    {before}
"""


class Machine:
    """A PATH with the scanners that a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"

    def install(self, name: str, before: Any, after: Any = None, code: str = "") -> None:
        after = after if after is not None else NOTHING[name]
        text = SCANNER.format(
            python=sys.executable,
            log=str(self.log),
            before=code or f"print({json.dumps(before)!r})",
            after=repr(json.dumps(after)),
        )
        file = self.folder / name
        file.write_text(text)
        file.chmod(0o755)

    def scan(self, limit: float = 30) -> Scans:
        return scan_both(self.folder / "before.tar", self.folder / "after.tar", limit)

    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("PATH", str(tmp_path))
    return Machine(tmp_path)


def test_no_scanner(machine: Machine) -> None:
    assert machine.scan() == Scans(reason=NONE_INSTALLED)
    assert not machine.scan().counted


def test_trivy(machine: Machine) -> None:
    machine.install("trivy", TRIVY)
    machine.install("grype", GRYPE)
    found = machine.scan()
    assert found.tool == "trivy"
    assert found.counted and found.before and found.after
    assert found.before.by_severity == {
        "critical": 1,
        "high": 1,
        "medium": 0,
        "low": 0,
        "negligible": 0,
        "unknown": 1,
    }
    assert found.before.vulnerabilities[1].fixed == "2.36-10"
    assert sum(found.after.by_severity.values()) == 0
    assert [call[-2:] for call in machine.calls()] == [
        ["--input", str(machine.folder / name)] for name in ("before.tar", "after.tar")
    ]


def test_grype(machine: Machine) -> None:
    machine.install("grype", GRYPE)
    found = machine.scan()
    assert found.tool == "grype"
    assert found.before is not None
    assert [v.id for v in found.before.vulnerabilities] == ["CVE-2023-0002", "CVE-2011-3374"]
    assert [call[-1] for call in machine.calls()] == [
        str(machine.folder / name) for name in ("before.tar", "after.tar")
    ]


def test_a_stream_is_a_file_as_long_as_it_is_scanned(machine: Machine) -> None:
    code = "print(json.dumps({'matches': []})) if open(sys.argv[-1]).read() == 'archive' else sys.exit(1)"
    machine.install("grype", None, code=code)

    @contextmanager
    def archive() -> Iterator[IO[bytes]]:
        yield io.BytesIO(b"archive")

    assert scan_both(archive, archive).counted
    one, other = (Path(call[-1]) for call in machine.calls())
    assert one != other
    assert not one.exists() and not other.exists()


def test_without_a_scanner_no_stream_is_opened(machine: Machine) -> None:
    def archive() -> NoReturn:
        raise AssertionError("opened")

    assert scan_both(archive, archive).reason == NONE_INSTALLED


@pytest.mark.parametrize("tool", ["trivy", "grype"])
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "sys.exit('no database\\nFATAL: can not download it')",
            r"ended with exit code 1 \(no database; FATAL: can not",
        ),
        ("time.sleep(60)", r"did not end within 1 s"),
        ("print('{}')", "printed what is no report"),
        ("print('[1]')", "printed what is no report"),
        ("print('no JSON')", "printed what is no report"),
        ("print(json.dumps({'SchemaVersion': 2, 'Results': [1], 'matches': [1]}))", "printed what is no report"),
    ],
)
def test_a_scanner_that_gives_no_answer_gives_no_numbers(machine: Machine, tool: str, code: str, reason: str) -> None:
    machine.install(tool, None, code=code)
    found = machine.scan(limit=1 if "sleep" in code else 30)
    assert found.tool == tool
    assert not found.counted
    assert found.before is None and found.after is None
    assert re.search(reason, found.reason)
    assert found.reason.endswith("so no vulnerabilities were counted")


def test_a_scanner_that_is_none(machine: Machine) -> None:
    (machine.folder / "trivy").write_bytes(b"\x7fELF")
    (machine.folder / "trivy").chmod(0o755)
    assert "can't be started" in machine.scan().reason
