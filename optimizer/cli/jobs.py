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
from optimizer.online.options import Options as Online
from optimizer.rewrite.change import Outcome
from optimizer.rewrite.identity import Identity
from optimizer.rewrite.pipeline import Options, optimize
from optimizer.rewrite.registry import Transform, all_transforms, select
from optimizer.syntax import Source


class Job(NamedTuple):
    """A file to read from `path`, shown as `name`, and how to optimize it.

    `data` are the bytes where they did not come from a file. `context` is the folder of the build
    context. `config` is the configuration file that was used, and `context_source` the file that names
    the context, for messages. `online` says how registries are asked before the work, None where they are not.
    `without` names changes that are left out, with the reasons.
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
    context_source: str = ""
    online: Online | None = None
    without: Mapping[Identity, str] = {}

    @property
    def transforms(self) -> tuple[Transform, ...]:
        """The transforms that are to run."""
        return _transforms(self.chosen, self.ignored)

    def read(self) -> bytes:
        """Return the file's bytes; raises OSError."""
        if self.data is not None:
            return self.data
        with open(self.path, "rb") as file:
            return file.read()

    def build_context(self) -> BuildContext | None:
        """Return the build context, None where there is none to look at."""
        if self.context is None:
            return None
        return BuildContext(Path(self.context), Path(self.name if self.data is not None else self.path))


def run_job(job: Job) -> Outcome | Failure:
    """Read and optimize a file. Never raises: what goes wrong is a Failure."""
    try:
        data = job.read()
    except OSError as error:
        return Failure(job.name, f"cannot be read: {reason_of(error)}")
    if b"\0" in data:
        return Failure(job.name, "is a binary file, no Dockerfile; it was left as it is")
    try:
        options = Options(job.level, job.transforms, job.settings, job.build_context(), job.without)
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
