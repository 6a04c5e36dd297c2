"""Make users with a high number without their place in the login records.

useradd keeps a place for each user in /var/log/lastlog and faillog, at an offset that grows with the
user's number. A high number makes these files huge; they are sparse on a disk, but not in a layer.

Before:
    RUN useradd -u 1000650000 -m app
After:
    RUN useradd -l -u 1000650000 -m app

Safety: safe. The user is the same; `lastlog` in a container just has no line for it.
Left alone: numbers of five digits or less; a number that useradd chooses itself; BusyBox's adduser.
"""

import re
from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

# Options of useradd without a value may stand in front of -u in one word.
UID_OPTION = pattern(r"(?:-[lmMNorU]*u|--uid=?)(.*)\Z", re.DOTALL)


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["hadolint:DL3046", "parfum:DL3046"],
    triggers=["useradd"],
    claims=[words_of(["useradd"], "-l")],
)
def find(doc: Document) -> Iterator[Change]:
    """Find users with a high number, or one that only the build knows."""
    for call in doc.calls("useradd"):
        if call.has("-l", "--no-log-init", "-D", "--defaults"):
            continue
        uid = _uid(call).strip("\"'")
        if not ("$" in uid or (uid.isdigit() and len(uid) > 5)):
            continue
        yield Change(
            title="useradd without login records",
            why="a user's place in /var/log/lastlog and faillog makes them as large as its number is high",
            edits=(insert_after(call, call.words[0], " -l"),),
            evidence="only the build knows the number" if "$" in uid else f"the number is {uid}",
            saves="up to 300 bytes times the user's number",
        )


def _uid(call: Call) -> str:
    words = call.words
    for word, following in zip(words[1:], [*words[2:], None], strict=True):
        match = UID_OPTION.match(word.raw)
        if match:
            return match.group(1) or (following.raw if following else "")
    return ""
