"""A run's workshop: an engine, a temporary folder, and the promise that nothing of it is left behind."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from optimizer.prove.engines.base import Engine, EngineError
from optimizer.prove.engines.find import find_engine
from optimizer.prove.engines.session import make_folder, own_mark, read_mark, remove_dead_folders

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Stopped(KeyboardInterrupt):
    """The run was asked to end by a signal other than Ctrl-C."""


@contextmanager
def workshop(name: str | None = None) -> Iterator[tuple[Engine, str]]:
    """Give an engine (by `name`, or the first that answers) and its version.

    At the end, also that by an error, Ctrl-C or SIGTERM, all that was made is removed. What a killed
    run left is removed at the start. Raises EngineError where no engine answers.
    """
    mark = own_mark()
    with _stoppable():
        remove_dead_folders()
        folder = make_folder(mark)
        try:
            engine, version = find_engine(name, mark, folder)
            remove_dead(engine)
            try:
                yield engine, version
            finally:
                with _undisturbed():
                    _remove_own(engine)
        finally:
            with _undisturbed():
                shutil.rmtree(folder, ignore_errors=True)


def remove_dead(engine: Engine) -> list[str]:
    """Remove what runs left whose process is gone, and return their marks."""
    removed = []
    for text in sorted(engine.marks()):
        mark = read_mark(text)
        if mark is not None and not mark.alive:
            # Another run may be removing the same things.
            with suppress(EngineError):
                engine.remove_all(text)
            removed.append(text)
    return removed


def _remove_own(engine: Engine) -> None:
    """Remove all of this run, again if a build that was just stopped left something after all."""
    mark = str(engine.mark)
    for pause in (0.0, 0.3, 1.0):
        time.sleep(pause)
        with suppress(EngineError):
            engine.remove_all(mark)
            if mark not in engine.marks():
                return


@contextmanager
def _stoppable() -> Iterator[None]:
    """Turn signals that ask for an end into an exception, so that everything is removed on the way out."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(signal.Signals(number).name)

    former = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no signal end what has to be done to the end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, signal.SIG_IGN) for number in (*_SIGNALS, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
