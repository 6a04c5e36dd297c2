"""apt's lists stay where a file of the build context installs from them later."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.facts.lists import installs_without_update
from tests.support import fixed

FETCHES = "FROM debian:bookworm\nWORKDIR /src\nRUN apt-get update && apt-get install -y --no-install-recommends make\n"
UNFED = "#!/bin/sh\n# apt-get update ran before\napt-get install -y \\\n    tree\n"
FED = "#!/bin/sh\napt-get -q update &&\n  apt-get install -y tree\n"
CLEANED = "&& rm -rf /var/lib/apt/lists/*"


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("install.sh", "COPY install.sh /tmp/\nRUN sh /tmp/install.sh\n"),
        ("install.sh", "COPY install.sh /usr/local/bin/add-tools\nRUN add-tools\n"),
        ("install.sh", "COPY . .\nRUN ./install.sh && rm install.sh\n"),
        ("install.sh", "COPY . /opt\nRUN cd /opt && ./install.sh\n"),
        ("install.py", "COPY install.py /opt/\nRUN python3 /opt/install.py\n"),
        ("Makefile", "COPY . .\nRUN make tools\n"),
        ("install.sh", 'COPY install.sh /\nCMD ["/install.sh"]\n'),
        ("install.sh", "COPY install.sh /\nCMD exec /install.sh\n"),
    ],
)
def test_a_file_that_installs_keeps_the_lists(tmp_path: Path, name: str, rest: str) -> None:
    (tmp_path / name).write_text(UNFED)
    assert CLEANED not in fixed(FETCHES + rest, "apt-clean-lists", context=tmp_path)
    (tmp_path / name).write_text(FED)
    assert CLEANED in fixed(FETCHES + rest, "apt-clean-lists", context=tmp_path)


def test_no_mount_hides_lists_that_a_script_reads(tmp_path: Path) -> None:
    text = "# syntax=docker/dockerfile:1\n" + FETCHES + "COPY install.sh /tmp/\nRUN sh /tmp/install.sh\n"
    (tmp_path / "install.sh").write_text(UNFED)
    assert fixed(text, "cache-mounts", context=tmp_path) == text
    (tmp_path / "install.sh").write_text(FED)
    assert "--mount=type=cache,target=/var/lib/apt/lists" in fixed(text, "cache-mounts", context=tmp_path)


@pytest.mark.parametrize(
    ("text", "unfed"),
    [
        ('subprocess.run(["apt-get", "install", "-y", "tree"])', True),
        ("apt-get update\napt-get upgrade -y\napt-get install -y tree", False),
        ("apt-get install -y tree\napt-get update", True),
        ("# apt-get install tree", False),
        ("brew install tree; apt --version", False),
    ],
)
def test_what_a_script_needs(text: str, unfed: bool) -> None:
    assert installs_without_update(text) is unfed
