"""Exit codes, and what goes wrong with one file."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import click

REPORT_TO = "the project's issue tracker"


class Exit(IntEnum):
    """What the exit code says; of several, the highest."""

    FINE = 0
    FOUND = 1
    INPUT = 2
    FAULT = 3
    INTERRUPTED = 130
    PIPE_CLOSED = 141


class Failure(NamedTuple):
    """A file with which nothing was done: its shown path, the reason, and whether the fault is dockopt's.

    `details` is the traceback of a fault, shown only on request.
    """

    path: str
    message: str
    fault: bool = False
    details: str = ""

    @property
    def exit(self) -> Exit:
        """The exit code that this failure asks for."""
        return Exit.FAULT if self.fault else Exit.INPUT


class InputError(click.ClickException):
    """Input that cannot be worked with; ends the run with exit code 2 and one line."""

    exit_code = int(Exit.INPUT)


def reason_of(error: OSError) -> str:
    """Return the system's reason in lower case, as it stands behind a path and a colon."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
