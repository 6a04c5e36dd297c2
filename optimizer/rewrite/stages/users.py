"""Whether the users that a final stage names are there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from optimizer.facts.stages import Stage
from optimizer.syntax.patterns import pattern

# Source: base-passwd's passwd.master in Debian; Ubuntu has the same, and ubuntu since 23.04.
OF_THE_SYSTEM = frozenset(
    "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc _apt nobody nogroup users "
    "staff adm tty disk audio video".split()
)
_CHOWN = pattern(r"--chown=([^\s:]+)(?::(\S+))?")


def missing_user(stage: Stage, cut: int, replayed: Iterable[str]) -> str:
    """Return a user or group that the final stage names and that nothing in it makes, "" if there is none."""
    tail = [i.folded.text for i in stage.members[cut:]]
    made = " ".join([*replayed, *(text for text in tail if re.search(r"\b(user|group)add|adduser|addgroup", text))])
    state = stage.states[cut] if cut < len(stage.states) else stage.last
    names = [*(state.user or "").split(":"), *(stage.last.user or "").split(":")]
    for text in tail:
        names += [name for found in _CHOWN.findall(text) for name in found]
    for name in names:
        if not name or name.isdigit() or "$" in name or name in OF_THE_SYSTEM:
            continue
        if not re.search(rf"(user|group)\S*\s.*(?<![\w-]){re.escape(name)}(?![\w-])", made):
            return name
    return ""
