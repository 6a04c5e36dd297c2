"""Answer yes where an install would ask.

apt-get, yum, dnf, microdnf and zypper ask before they install. Nobody answers in a build, so that
the build stops there, or goes on only because the question was not asked this time.

Before:
    RUN apt-get update && apt-get install --no-install-recommends curl
After:
    RUN apt-get update && apt-get install -y --no-install-recommends curl

Safety: safe. A build that passes today passes with the same packages.
Left alone: simulated installs, an input that is piped in (`yes | apt-get install`), and a file that
sets apt's own `Assume-Yes`.
"""

import re
from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after
from optimizer.rewrite.registry import transform

MANAGERS = ("apt", "yum", "dnf", "microdnf", "zypper")
PROGRAMS = ("apt-get", "apt", "yum", "dnf", "microdnf", "zypper")
ASKS = {
    "apt": frozenset(
        {"install", "build-dep", "upgrade", "dist-upgrade", "full-upgrade", "remove", "purge", "autoremove"}
    ),
    "yum": frozenset({"install", "groupinstall", "localinstall", "reinstall", "update", "upgrade", "remove", "erase"}),
    "dnf": frozenset({"install", "groupinstall", "reinstall", "update", "upgrade", "remove", "erase"}),
    "microdnf": frozenset({"install", "reinstall", "update", "upgrade", "remove"}),
    "zypper": frozenset({"install", "in", "update", "up", "remove", "rm"}),
}


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["hadolint:DL3014", "hadolint:DL3030", "hadolint:DL3034", "hadolint:DL3038"],
    triggers=PROGRAMS,
    claims=[words_of(PROGRAMS, "-y")],
)
def find(doc: Document) -> Iterator[Change]:
    """Find installs that would ask."""
    if "assume-yes" in doc.text.lower().replace("--assume-yes", "") or "assumeyes=" in doc.text:
        return
    for call in doc.calls(*MANAGERS):
        manager, verb = call.manager, call.verb
        if manager is None or verb is None or call.action not in ASKS[manager.name]:
            continue
        if (
            call.has(*manager.yes_forms, "-s", "--simulate", "--dry-run", "--just-print")
            or "pipeline" in call.command.where
        ):
            continue
        if _variables_say_yes(call):
            continue
        yield Change(
            title=f"{call.program} {call.action} answers yes",
            why="nobody can answer a question in a build",
            edits=(insert_after(call, verb, " -y"),),
        )


def _variables_say_yes(call: Call) -> bool:
    """Whether a variable among the words is known to hold an answer."""
    values = [call.run.state.env.get(w.raw.strip('${}"')) or "" for w in call.words if w.value is None]
    return any(re.search(r"(^|\s)(-[a-z]*y|--yes|--assume-?yes|-qq|-n)", value) for value in values)
