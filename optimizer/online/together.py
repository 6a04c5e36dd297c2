"""Many questions at once, and one end for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def together(ask: Callable[[Key], Value], keys: Iterable[Key], workers: int, until: float) -> dict[Key, Value]:
    """Return the answer for each key that `ask` gave before `until` on the monotonic clock.

    The threads are daemons: a name server that does not answer can hold up neither the run nor its end.
    """
    waiting: SimpleQueue[Key] = SimpleQueue()
    done: SimpleQueue[tuple[Key, Value]] = SimpleQueue()
    count = 0
    for key in dict.fromkeys(keys):
        waiting.put(key)
        count += 1

    def work() -> None:
        while time.monotonic() < until:
            try:
                key = waiting.get_nowait()
            except Empty:
                return
            done.put((key, ask(key)))

    for _ in range(min(workers, count)):
        Thread(target=work, daemon=True).start()
    found: dict[Key, Value] = {}
    while len(found) < count:
        try:
            key, value = done.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            break
        found[key] = value
    return found
