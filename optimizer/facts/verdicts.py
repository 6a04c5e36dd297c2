"""The answer to the question whether a swap of bases holds."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from optimizer.facts.uses import Use


class Hold(Enum):
    """How sure it is that a swap holds.

    SHOWN: all that the image runs and installs was read, and holds. ASSUMED: the files do not show
    all of it. NO: it is known not to hold.
    """

    SHOWN = "shown"
    ASSUMED = "assumed"
    NO = "no"


class Verdict(NamedTuple):
    """The answer to a swap.

    `reasons` say why it is not SHOWN, in short sentences. `evidence` says how it is known. `install`
    are system packages (of the target's package manager) to add, `because` the calls that need them.
    `lost` are packages of the source that vanish and that nothing was seen to use.
    """

    hold: Hold
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    install: tuple[str, ...] = ()
    because: tuple[Use, ...] = ()
    lost: frozenset[str] = frozenset()


def refused(*reasons: str) -> Verdict:
    """Return the verdict that a swap is known not to hold."""
    return Verdict(Hold.NO, reasons)


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return names as a reader wants them: `a, b and c`, `a, b, c and 4 more`."""
    found = list(dict.fromkeys(names))
    if len(found) > most:
        return f"{', '.join(found[:most])} and {len(found) - most} more"
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
