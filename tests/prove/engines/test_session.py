"""Whose something is: marks, and what a killed run left."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from optimizer.prove.engines.session import Mark, make_folder, own_mark, read_mark, remove_dead_folders, start_of
from optimizer.prove.workshop import remove_dead
from tests.prove.fakes import FakeEngine


def dead(mark: Mark) -> Mark:
    """Return the mark of a process that had the same id, but started at another time."""
    return mark._replace(start=mark.start + "0")


def test_a_mark_is_read_back() -> None:
    mark = own_mark()
    assert read_mark(str(mark)) == mark
    assert mark.alive and mark.pid == os.getpid()
    assert own_mark() != mark
    assert read_mark("something else") is None
    assert read_mark(str(mark._replace(host="a.b-c.example"))) == mark._replace(host="a.b-c.example")


def test_a_process_that_ended_is_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = own_mark()._replace(pid=process.pid, start=start_of(process.pid))
    assert mark.start and mark.alive
    process.kill()
    process.wait()
    assert not mark.alive


def test_another_process_with_the_same_id_does_not_count() -> None:
    assert not dead(own_mark()).alive


def test_nothing_of_another_host_is_judged() -> None:
    assert own_mark()._replace(host="elsewhere", pid=2**22 + 1).alive


def test_folders_of_killed_runs_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mine, gone = make_folder(own_mark()), make_folder(dead(own_mark()))
    (gone / "Dockerfile").write_text("FROM x")
    for name in ("dockopt-a.b.c.d.e", "dockopt-", "other.1.2.3.4"):
        (tmp_path / name).mkdir()
    link = tmp_path / (gone.name + "x")
    link.symlink_to(tmp_path / "other.1.2.3.4")
    assert remove_dead_folders() == [gone]
    assert mine.is_dir() and not gone.exists() and link.is_symlink()
    assert (tmp_path / "dockopt-a.b.c.d.e").is_dir() and (tmp_path / "other.1.2.3.4").is_dir()
    assert mine.stat().st_mode & 0o077 == 0


def test_what_killed_runs_left_in_the_engine_is_removed(tmp_path: Path) -> None:
    mine, gone, away = own_mark(), dead(own_mark()), dead(own_mark())._replace(host="elsewhere")
    engine = FakeEngine(mine, tmp_path)
    engine.made = {str(mine), str(gone), str(away), "no mark"}
    assert remove_dead(engine) == [str(gone)]
    assert engine.made == {str(mine), str(away), "no mark"}
