"""Commands end: at their time limit, with their children, and when dockopt does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from optimizer.prove.engines.process import TooLong, piped, run, stream
from tests.support import ROOT


def wait_for(condition, patience: float = 10) -> bool:
    until = time.monotonic() + patience
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_what_a_command_prints() -> None:
    assert run(["sh", "-c", "echo out; echo err >&2; exit 3"], 10) == (3, "out\n", "err\n")
    lines: list[str] = []
    assert stream(["sh", "-c", "echo a; echo b >&2; printf c; exit 4"], 10, lines.append) == 4
    assert lines == ["a", "b", "c"]


@pytest.mark.parametrize(
    "way", [lambda w: run(w, 0.3), lambda w: stream(w, 0.3, lambda _: None)], ids=["run", "stream"]
)
def test_a_time_limit_ends_a_command_with_its_children(way, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    with pytest.raises(TooLong):
        way(["sh", "-c", f"sleep 60 & echo $! $$ > {pids}; wait"])
    assert all(wait_for(lambda pid=pid: gone(int(pid))) for pid in pids.read_text().split())


def test_a_stream_that_is_left_ends_its_command() -> None:
    with piped(["sh", "-c", "echo hello; exec sleep 60"]) as pipe:
        assert pipe.readline() == b"hello\n"
    assert pipe.closed


def test_an_error_while_a_line_is_taken_ends_the_command(tmp_path: Path) -> None:
    pids = tmp_path / "pid"

    def take(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stream(["sh", "-c", f"echo $$ > {pids}; echo x; sleep 60"], 60, take)
    assert wait_for(lambda: gone(int(pids.read_text())))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's kernel ends children")
def test_a_killed_dockopt_takes_its_commands_along(tmp_path: Path) -> None:
    pids = tmp_path / "pid"
    code = f"from optimizer.prove.engines.process import run; run(['sh', '-c', 'echo $$ > {pids}; exec sleep 60'], 60)"
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert wait_for(lambda: pids.exists() and pids.read_text().strip() != "")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert wait_for(lambda: gone(int(pids.read_text())))
