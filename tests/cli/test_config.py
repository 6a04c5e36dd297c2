"""Configuration files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import AFTER, BEFORE, ONLY


@pytest.fixture
def project(folder: Path) -> Path:
    for name in ("a/b/Dockerfile", "Dockerfile"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(BEFORE)
    return folder


IGNORING = 'ignore = ["assume-yes"]\n'
SELECTING = 'select = ["assume-yes"]\n'


def changed(dockopt, *arguments: str) -> set[str]:
    out = dockopt("fix", "--check", *arguments).out.decode()
    return {line.partition(":")[0] for line in out.splitlines() if "assume-yes" in line}


def test_the_nearest_wins(dockopt, project: Path) -> None:
    (project / "dockopt.toml").write_text(IGNORING)
    assert changed(dockopt) == set()
    (project / "a/pyproject.toml").write_text("[tool.dockopt]\n" + SELECTING)
    assert changed(dockopt) == {"a/b/Dockerfile"}
    (project / "a/b/pyproject.toml").write_text("[tool.other]\n" + IGNORING)
    assert changed(dockopt) == {"a/b/Dockerfile"}
    (project / "a/dockopt.toml").write_text(IGNORING)
    assert changed(dockopt) == set()


def test_the_search_ends_at_the_repository(dockopt, project: Path) -> None:
    (project / "dockopt.toml").write_text(IGNORING)
    (project / "a/.git").mkdir()
    assert changed(dockopt, "a") == {"a/b/Dockerfile"}


def test_the_command_line_wins(dockopt, project: Path) -> None:
    (project / "dockopt.toml").write_text(IGNORING)
    assert len(changed(dockopt, "--select", "DL3014")) == 2
    assert len(changed(dockopt, "--ignore", "DL3009")) == 2
    assert len(changed(dockopt, "--isolated")) == 2


def test_a_named_file_holds_everywhere(dockopt, project: Path) -> None:
    (project / "my.toml").write_text(IGNORING)
    (project / "a/dockopt.toml").write_text(SELECTING)
    assert changed(dockopt, "--config", "my.toml") == set()


def test_exclude_counts_from_the_file(dockopt, project: Path) -> None:
    (project / "a/dockopt.toml").write_text('exclude = ["b/", "!b/keep"]')
    assert changed(dockopt) == {"Dockerfile"}
    assert changed(dockopt, "a/b/Dockerfile") == {"a/b/Dockerfile"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('x = 1\n\nignroe = ["a"]\n', "dockopt.toml:1: x: unknown key."),
        ('level = 2\n\nignroe = ["a"]\n', "dockopt.toml:3: ignroe: unknown key. Did you mean 'ignore'?"),
        ("level = 4\n", "dockopt.toml:1: level: must be one of 1, 2, 3, not 4"),
        ("level = true\n", "dockopt.toml:1: level: must be one of 1, 2, 3, not True"),
        ('level = "2"\n', "dockopt.toml:1: level: must be one of 1, 2, 3, not '2'"),
        ("level = 2.0\n", "dockopt.toml:1: level: must be one of 1, 2, 3, not 2.0"),
        ('caches = "none"\n', "dockopt.toml:1: caches: must be one of 'auto', 'mounts', 'clean', not 'none'"),
        ("merge = []\n", "dockopt.toml:1: merge: must be one of"),
        ('select = "a"\n', "dockopt.toml:1: select: must be a list of strings, not 'a'"),
        ("targets = [1]\n", "dockopt.toml:1: targets: must be a list of strings, not [1]"),
        ("context = 1\n", "dockopt.toml:1: context: must be a string, not 1"),
        ("[level]\nx = 1\n", "dockopt.toml:1: level: must be one of"),
        ("level = \n", "dockopt.toml: is not valid TOML"),
        ('select = ["asume-yes"]\n', "Did you mean 'assume-yes'?"),
    ],
)
def test_mistakes_are_told_once_and_others_go_on(dockopt, project: Path, text: str, told: str) -> None:
    (project / "a/dockopt.toml").write_text(text)
    (project / "a/b/Dockerfile.more").write_bytes(BEFORE)
    done = dockopt("fix", *ONLY)
    assert done.code == 2
    assert done.err.count(told) == 1
    assert (project / "a/b/Dockerfile").read_bytes() == BEFORE
    assert (project / "Dockerfile").read_bytes() == AFTER


def test_lines_in_pyproject(dockopt, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.x]\nlevle = 1\n[tool.dockopt]\nlevle = 1\n")
    assert "pyproject.toml:4: levle: unknown key. Did you mean 'level'?" in dockopt("fix", "--check").err
    (project / "pyproject.toml").write_text('[tool]\ndockopt = "x"\n')
    assert "must be a table" in dockopt("fix", "--check").err


def test_a_foreign_pyproject_is_none_of_our_business(dockopt, project: Path) -> None:
    (project / "pyproject.toml").write_text("this is [not TOML\n")
    assert dockopt("fix", *ONLY).code == 0


def test_a_named_pyproject_must_be_about_dockopt(dockopt, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.x]\n")
    done = dockopt("fix", "--config", "pyproject.toml")
    assert done.code == 2 and "has no table [tool.dockopt]" in done.err
