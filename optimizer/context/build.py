"""One build of a Dockerfile, as a compose or bake file names it."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.syntax.patterns import pattern

# Contexts that are no folder of this machine.
REMOTE = pattern(r"\w+://|git@|github\.com/|service:|target:|docker-image:")


@dataclass(frozen=True)
class Build:
    """One build that `file` names: its service or target, absolute paths, and the stage ("" for the last)."""

    file: str
    name: str
    context: str
    dockerfile: str
    target: str = ""
