"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from optimizer.cli.write import create_file, replace_file


def test_replaces(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"old")
    file.chmod(0o751)
    replace_file(str(file), b"old", b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o751
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_keeps_the_owner(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"old")
    os.chown(file, 1234, 2345)
    file.chmod(0o640)
    replace_file(str(file), b"old", b"new")
    assert (file.stat().st_uid, file.stat().st_gid, stat.S_IMODE(file.stat().st_mode)) == (1234, 2345, 0o640)


def test_an_owner_that_cannot_be_kept_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"old")
    real = os.fstat

    def of_another(handle: int) -> os.stat_result:
        values = list(real(handle))
        values[4] += 1
        return os.stat_result(values)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "no")

    monkeypatch.setattr(os, "fstat", of_another)
    monkeypatch.setattr(os, "chown", refuse)
    with pytest.raises(OSError, match="belongs to another user"):
        replace_file(str(file), b"old", b"new")
    assert (file.read_bytes(), os.listdir(tmp_path)) == (b"old", ["f"])


@pytest.mark.parametrize("step", ["replace", "chmod", "fdopen"])
def test_a_failure_leaves_the_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"old")
    real = getattr(os, step)

    def broken(*arguments: object, **more: object) -> object:
        if step != "fdopen":
            raise OSError(28, "No space left on device")
        handle = real(*arguments, **more)
        handle.write(b"ne")
        handle.flush()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, broken)
    with pytest.raises(OSError, match="No space"):
        replace_file(str(file), b"old", b"new")
    assert (file.read_bytes(), os.listdir(tmp_path)) == (b"old", ["f"])


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"newer")
    with pytest.raises(OSError, match="changed by another program"):
        replace_file(str(file), b"old", b"new")
    assert file.read_bytes() == b"newer"


def test_a_vanished_file_is_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(str(tmp_path / "f"), b"old", b"new")
    assert os.listdir(tmp_path) == []


def test_create_has_the_usual_mode(tmp_path: Path) -> None:
    create_file(str(tmp_path / "made"), b"x")
    (tmp_path / "other").touch()
    assert (tmp_path / "made").stat().st_mode == (tmp_path / "other").stat().st_mode
    with pytest.raises(FileExistsError):
        create_file(str(tmp_path / "made"), b"y")
    assert (tmp_path / "made").read_bytes() == b"x"
