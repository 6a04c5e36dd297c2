"""Whose it is: the mark on all that is made, and how what a killed run left is known."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import NamedTuple

LABEL = "dockopt.session"
_PREFIX = "dockopt-"


class Mark(NamedTuple):
    """A run of dockopt: its host, process id, the start time of the process, and a random word."""

    host: str
    pid: int
    start: str
    word: str

    def __str__(self) -> str:
        return f"{self.host}.{self.pid}.{self.start}.{self.word}"

    @property
    def alive(self) -> bool:
        """Whether the run may still be going on; on another host nobody can tell, and it counts as alive."""
        return self.host != _host() or start_of(self.pid) == self.start


def own_mark() -> Mark:
    """Return a new mark for this process."""
    return Mark(_host(), os.getpid(), start_of(os.getpid()), uuid.uuid4().hex[:8])


def read_mark(text: str) -> Mark | None:
    """Read a mark from a label's value or a folder's name, None where it is none."""
    match = re.fullmatch(r"(.+)\.(\d+)\.(\w+)\.(\w+)", text)
    return Mark(match[1], int(match[2]), match[3], match[4]) if match else None


def start_of(pid: int) -> str:
    """Return a word that tells a process from another one that had the same id, "" where there is no such process."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return ""
        # Field 22 of proc(5), counted behind the name, which may hold anything. A zombie (Z) runs no more.
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    done = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return re.sub(r"\W+", "_", done.stdout.strip())


def make_folder(mark: Mark) -> Path:
    """Make a temporary folder for a run, which only its user can read."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{mark}."))


def remove_dead_folders() -> list[Path]:
    """Remove the temporary folders of runs that were killed, and return them."""
    removed = []
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*.*.*.*.*"):
        mark = read_mark(folder.name.removeprefix(_PREFIX).rpartition(".")[0])
        if mark is not None and not mark.alive and folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def _host() -> str:
    return re.sub(r"[^\w.-]", "_", socket.gethostname()) or "host"
