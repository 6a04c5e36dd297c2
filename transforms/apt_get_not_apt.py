"""Call apt-get in scripts, not apt.

`apt` is made for people at a terminal: its own manual says that its output and behaviour may change,
and it warns when a script calls it.

Before:
    RUN apt update && apt install -y curl && apt upgrade -y
After:
    RUN apt-get update && apt-get install -y curl && apt-get upgrade --with-new-pkgs -y

Safety: safe. Each command is written so that the same packages come and go: `apt upgrade` also installs
new packages, which apt-get does with --with-new-pkgs. `apt` deletes downloaded packages after an install;
apt-get does so in the Debian and Ubuntu images, and where it does not the image is larger by them.
Left alone: `apt list` and others that apt-get does not have; output that is read by another command.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.managers import BY_PROGRAM
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_as
from optimizer.rewrite.compose import insert_after, left, replace_word
from optimizer.rewrite.registry import transform

SAME = frozenset(
    "install reinstall update remove purge autoremove auto-remove clean autoclean upgrade full-upgrade dist-upgrade "
    "build-dep source download changelog check satisfy".split()
)
# What these print is meant for people; only `policy` looks the same.
ASKS = frozenset({"search", "show", "policy", "depends", "rdepends", "showsrc"})
NEW_PACKAGES = "--with-new-pkgs"


def as_apt_get(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a command with `apt` written as what takes its place."""
    if "apt" not in words:
        return words
    at = words.index("apt")
    verb_at, take = at + 1, False
    while verb_at < len(words) and (take or words[verb_at].startswith("-")):
        take = not take and words[verb_at] in BY_PROGRAM["apt"].valued
        verb_at += 1
    if verb_at >= len(words):
        return words
    verb = words[verb_at]
    out = list(words)
    if verb in SAME:
        out[at] = "apt-get"
        out[verb_at : verb_at + 1] = {"full-upgrade": ["dist-upgrade"], "upgrade": ["upgrade", NEW_PACKAGES]}.get(
            verb, [verb]
        )
    elif verb in ASKS:
        out[at] = "apt-cache"
    return tuple(out)


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["hadolint:DL3027", "parfum:DL3027"],
    triggers=["apt"],
    claims=[commands_as(as_apt_get)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find calls of apt."""
    for call in doc.calls("apt"):
        program, verb = call.words[0], call.verb
        if program.raw != "apt" or verb is None:
            continue
        title = f"{_partner(call)} {call.action}" if call.action else "apt-get"
        if verb.raw not in SAME | ASKS:
            reason = f"apt-get has no {call.action}" if call.action else "only the build knows what it does"
            yield left(doc, call.run.offset(program.start), "apt-get in place of apt", reason)
            continue
        if verb.raw in ASKS and verb.raw != "policy" and {"pipeline", "substitution"} & set(call.command.where):
            reason = "another command reads its output"
            yield left(doc, call.run.offset(program.start), "apt-cache in place of apt", reason)
            continue
        edits = [replace_word(call.run, program, _partner(call))]
        if verb.raw == "full-upgrade":
            edits.append(replace_word(call.run, verb, "dist-upgrade"))
        elif verb.raw == "upgrade" and not call.has(NEW_PACKAGES):
            edits.append(insert_after(call, verb, f" {NEW_PACKAGES}"))
        whole = tuple(e for e in edits if e is not None)
        if len(whole) == len(edits):
            yield Change(
                title=f"{title} in place of apt",
                why="apt is made for people at a terminal, and warns in scripts",
                edits=whole,
                evidence="apt upgrade installs new packages too" if verb.raw == "upgrade" else "",
            )


def _partner(call: Call) -> str:
    return "apt-cache" if call.action in ASKS else "apt-get"
