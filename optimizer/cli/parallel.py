"""Working on many files at once, in processes."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from optimizer.cli.errors import Failure
from optimizer.cli.jobs import Job, run_job
from optimizer.rewrite.change import Outcome

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

Work = Callable[[Job], Outcome | Failure]
Results = list[Outcome | Failure]

# Fewer files are done before a pool has started.
_WORTH_A_POOL = 24
_CHUNK = 16


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def results(jobs: Sequence[Job], workers: int, work: Work = run_job) -> Iterator[tuple[Job, Outcome | Failure]]:
    """Yield each job with its result, in the order of the jobs.

    `work` must not raise. A job that kills its process becomes a Failure; the others go on.
    """
    if workers == 1 or len(jobs) < _WORTH_A_POOL:
        yield from ((job, work(job)) for job in jobs)
        return
    size = max(1, min(_CHUNK, len(jobs) // (workers * 4)))
    chunks = [jobs[start : start + size] for start in range(0, len(jobs), size)]
    for number, done in _in_order(_Pool(chunks, workers, work).run()):
        yield from zip(chunks[number], done, strict=True)


def _in_order(numbered: Iterator[tuple[int, Results]]) -> Iterator[tuple[int, Results]]:
    waiting: dict[int, Results] = {}
    due = 0
    for number, done in numbered:
        waiting[number] = done
        while due in waiting:
            yield due, waiting.pop(due)
            due += 1


class _Pool:
    def __init__(self, chunks: Sequence[Sequence[Job]], workers: int, work: Work) -> None:
        self.chunks = chunks
        self.workers = workers
        self.work = work
        self.waiting = deque(range(len(chunks)))
        self.running: dict[Future[Results], int] = {}

    def run(self) -> Iterator[tuple[int, Results]]:
        """Yield the number of each chunk with its results as they come."""
        while self.waiting:
            pool = _start(self.workers)
            try:
                yield from self._until_broken(pool)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
            # Whatever ran when a process died may have killed it: each of these jobs gets a process of its own.
            suspects = sorted(self.running.values())
            self.running.clear()
            for number in suspects:
                yield number, [_alone(job, self.work) for job in self.chunks[number]]

    def _until_broken(self, pool: ProcessPoolExecutor) -> Iterator[tuple[int, Results]]:
        from concurrent.futures import FIRST_COMPLETED, wait
        from concurrent.futures.process import BrokenProcessPool

        while self.waiting or self.running:
            try:
                while self.waiting and len(self.running) < self.workers * 2:
                    future = pool.submit(_run_chunk, self.work, self.chunks[self.waiting[0]])
                    self.running[future] = self.waiting.popleft()
            except BrokenProcessPool:
                pass
            ready, _ = wait(self.running, return_when=FIRST_COMPLETED)
            broken = False
            for future in ready:
                if isinstance(future.exception(), BrokenProcessPool):
                    broken = True
                else:
                    yield self.running.pop(future), future.result()
            if broken:
                return


def _alone(job: Job, work: Work) -> Outcome | Failure:
    from concurrent.futures.process import BrokenProcessPool

    with _start(1) as pool:
        try:
            return pool.submit(_run_chunk, work, [job]).result()[0]
        except BrokenProcessPool:
            return Failure(job.name, "internal error: the worker process died; the file was left as it is", True)


def _start(workers: int) -> ProcessPoolExecutor:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # A forked worker has the transforms loaded already. On macOS forking is not safe.
    method = "fork" if sys.platform.startswith("linux") else "spawn"
    if method == "fork":
        # Else each worker copies the pages of all that is loaded when it looks for cycles in it.
        gc.freeze()
    return ProcessPoolExecutor(workers, get_context(method), _quiet_on_interrupt)


def _quiet_on_interrupt() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _run_chunk(work: Work, jobs: Sequence[Job]) -> Results:
    return [work(job) for job in jobs]
