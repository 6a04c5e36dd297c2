"""Commands of an engine: run with a time limit, streamed line by line, and ended with all their children."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import IO, NamedTuple

# How long a command may take to end in order once it is asked to.
_GRACE = 5.0


class Done(NamedTuple):
    """What came of a command: its exit code and what it printed."""

    code: int
    out: str
    err: str = ""


class TooLong(Exception):
    """A command that was stopped at its time limit."""


def run(words: Sequence[str], limit: float) -> Done:
    """Run a command to its end and return what it printed.

    `limit` is in seconds; beyond it the command is ended and TooLong raised. Raises OSError where
    the command cannot be started.
    """
    process = _start(words, subprocess.PIPE, subprocess.PIPE)
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired as error:
        raise TooLong(f"{' '.join(words[:3])} did not end within {limit:.0f} s") from error
    finally:
        end(process)
    return Done(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def stream(words: Sequence[str], limit: float, take: Callable[[str], None]) -> int:
    """Run a command, hand each line of its output (both streams, without the newline) to `take`, return its exit code.

    Raises as `run` does.
    """
    process = _start(words, subprocess.PIPE, subprocess.STDOUT)
    late = threading.Event()

    def stop() -> None:
        late.set()
        end(process)

    timer = threading.Timer(limit, stop)
    timer.daemon = True
    timer.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            take(line.decode("utf-8", "replace").rstrip("\r\n"))
        code = process.wait()
    finally:
        timer.cancel()
        end(process)
    if late.is_set():
        raise TooLong(f"{' '.join(words[:3])} did not end within {limit:.0f} s")
    return code


@contextlib.contextmanager
def piped(words: Sequence[str]) -> Iterator[IO[bytes]]:
    """Give what a command writes to its standard output, and end it when nobody reads any more."""
    process = _start(words, subprocess.PIPE, subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        yield process.stdout
    finally:
        end(process, grace=0.2)


def end(process: subprocess.Popen[bytes], grace: float = _GRACE) -> None:
    """End a command with all its children: asked first, and killed after `grace` seconds."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, number)


def _start(words: Sequence[str], out: int | IO[bytes], err: int | IO[bytes]) -> subprocess.Popen[bytes]:
    # In a session of its own, a terminal's Ctrl-C reaches dockopt only, which then ends it in order.
    return subprocess.Popen(
        list(words),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        start_new_session=True,
        preexec_fn=_ending_with_parent(),
    )


@functools.cache
def _ending_with_parent() -> Callable[[], None] | None:
    """Return what has the kernel end a child when dockopt is killed, so that a build then stops too."""
    if sys.platform != "linux":
        return None
    import ctypes

    # Loaded here, as a forked child must not import.
    prctl = ctypes.CDLL(None).prctl
    pr_set_pdeathsig = 1

    def ask() -> None:
        prctl(pr_set_pdeathsig, int(signal.SIGTERM))

    return ask
