"""A progress bar for runs that take their time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")
_PATIENCE = 1.0


def tracked(items: Iterable[T], total: int, shown: bool) -> Iterator[T]:
    """Yield the items, and show a bar on standard error from the second second on if `shown` and it is a terminal."""
    if not shown or not sys.stderr.isatty():
        yield from items
        return
    started = time.monotonic()
    progress: Progress | None = None
    with ExitStack() as stack:
        for done, item in enumerate(items, 1):
            yield item
            if progress is None and time.monotonic() - started > _PATIENCE:
                progress = stack.enter_context(_bar())
                progress.add_task("Dockerfiles", total=total)
            if progress is not None:
                progress.update(progress.task_ids[0], completed=done)


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
