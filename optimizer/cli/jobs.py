"""The work on one file, as it is sent to a worker process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from optimizer.cli.errors import Failure, reason_of
from optimizer.context.files import BuildContext
from optimizer.facts.settings import Settings
from optimizer.rewrite.change import Outcome
from optimizer.rewrite.identity import Identity
from optimizer.rewrite.pipeline import Options, optimize
from optimizer.rewrite.registry import Transform, all_transforms, select
from optimizer.syntax import Source


class Job(NamedTuple):
    """A file to read from `path`, shown as `name`, and how to optimize it.

    `data` are the bytes where they did not come from a file. `context` is the folder of the build
    context. `config` is the configuration file that was used, for messages. `without` names changes
    that are left out, with the reasons.
    """

    path: str
    name: str
    level: int = 2
    chosen: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    settings: Settings = Settings()
    context: str | None = None
    config: str = ""
    data: bytes | None = None
    without: Mapping[Identity, str] = {}


def run_job(job: Job) -> Outcome | Failure:
    """Read and optimize a file. Never raises: what goes wrong is a Failure."""
    try:
        data = job.data
        if data is None:
            with open(job.path, "rb") as file:
                data = file.read()
    except OSError as error:
        return Failure(job.name, f"cannot be read: {reason_of(error)}")
    if b"\0" in data:
        return Failure(job.name, "is a binary file, no Dockerfile; it was left as it is")
    try:
        context = BuildContext(Path(job.context)) if job.context is not None else None
        options = Options(job.level, _transforms(job.chosen, job.ignored), job.settings, context, job.without)
        return optimize(Source.from_bytes(data, job.name), options)
    except Exception as error:
        return fault(job.name, error)


def fault(name: str, error: BaseException) -> Failure:
    """Return the failure for an error in dockopt itself."""
    import traceback

    details = "".join(traceback.format_exception(error))
    return Failure(name, f"internal error: {type(error).__name__}: {error}; the file was left as it is", True, details)


def shown_path(path: str) -> str:
    """Return a path relative to the working directory, or absolute if it is not below that, with `/` in any case."""
    absolute = os.path.abspath(path)
    here = os.path.abspath(os.curdir)
    inside = absolute.startswith(here.rstrip(os.sep) + os.sep)
    return (os.path.relpath(absolute, here) if inside else absolute).replace(os.sep, "/")


@cache
def _transforms(chosen: tuple[str, ...], ignored: tuple[str, ...]) -> tuple[Transform, ...]:
    return select(all_transforms(), chosen, ignored)
