"""What a comparison of two images finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["broken", "differs", "noted"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between two images.

    `kind` names the check: config, user, command, interpreter, library, file, package, vanished. `severity`
    is broken (something that worked does not), differs (a user may notice) or noted (for the record).
    `what` is a sentence, `where` a path or a setting. `explained_by` are the names of the transforms
    whose business it is, separated by ", "; "" where no Change of the diff explains it.
    """

    kind: str
    severity: Severity
    what: str
    where: str
    explained_by: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences: the broken first, then what differs, then what is noted."""

    findings: tuple[Finding, ...] = ()

    @property
    def broken(self) -> tuple[Finding, ...]:
        """What worked before and does not now, explained or not."""
        return tuple(f for f in self.findings if f.severity == "broken")

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        """What differs in a way that a user may notice, and that no Change explains."""
        return tuple(f for f in self.findings if f.severity == "differs" and not f.explained_by)

    @property
    def holds(self) -> bool:
        """Whether nothing is broken."""
        return not self.broken
