"""An archive is removed in the layer that downloaded and unpacked it.

Once it is unpacked, a downloaded archive is a second copy of its files. A later layer can only hide it.

Before:
    RUN curl -fsSLO https://example.org/tool-1.2.tar.gz && tar -xzf tool-1.2.tar.gz -C /opt
After:
    RUN curl -fsSLO https://example.org/tool-1.2.tar.gz && tar -xzf tool-1.2.tar.gz -C /opt \\
        && rm tool-1.2.tar.gz

Safety: safe. Nothing behind it in the file speaks of the archive.
Left alone: archives that were not downloaded in the same RUN, or are mentioned again, by name or by a
pattern that fits; names that only the run can tell; stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.registry import transform
from optimizer.rewrite.removal import remove_behind
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Word

TITLE = "archive removed once it is unpacked"
NAME = r"\S+\.(?:tar|tgz|tbz2?|txz|tar\.\w+|zip|deb|rpm|whl|7z)"
PACKAGED = {"dpkg": ("-i", "--install"), "rpm": ("-i", "-U", "--install", "--upgrade")}
SYSTEM = ("apt", "yum", "dnf", "microdnf", "zypper")
_ARCHIVE = pattern(rf"[\"']?{NAME}[\"']?")


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    see=["binnacle:tarSomethingRmTheSomething"],
    triggers=["tar", "unzip", ".deb", ".rpm"],
    claims=[commands_like(rf"rm (-f )?[\"']?{NAME}[\"']?( [\"']?{NAME}[\"']?)*")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find archives that stay in the layer that unpacked them."""
    for run in doc.runs:
        text = run.script.text
        if run.editable and not doc.is_copied_only(run.stage) and ("curl" in text or "wget" in text):
            yield from remove_behind(doc, run, _unpacked, title=TITLE, saves="the archive")


def _unpacked(call: Call) -> list[Word]:
    """Return the words that name archives which a call unpacks."""
    operands = [w for w in call.words[1:] if not w.raw.startswith("-")]
    if call.program in ("tar", "bsdtar"):
        words = _tar_files(call)
    elif call.program == "unzip" and not call.has("-l", "-t", "-p", "-c", "-z", "-v", "-Z"):
        words = operands[:1]
    elif call.program in PACKAGED and call.has(*PACKAGED[call.program]):
        words = operands
    elif call.installs and call.manager is not None and call.manager.name in SYSTEM:
        words = [w for w in call.operands if w.raw.endswith((".deb", ".rpm"))]
    else:
        return []
    return [w for w in words if _ARCHIVE.fullmatch(w.raw) and "://" not in w.raw]


def _tar_files(call: Call) -> list[Word]:
    """Return the archive that a tar unpacks."""
    words = call.words[1:]
    mode = any(w.raw in ("--extract", "--get") for w in words)
    found: list[Word] = []
    at = 0
    while at < len(words):
        raw = words[at].raw
        bundled = raw.startswith("-") and not raw.startswith("--")
        if bundled or (at == 0 and not raw.startswith("-")):
            letters = raw.lstrip("-")
            mode = mode or "x" in letters.partition("f")[0] or (not bundled and "x" in letters)
            valued = [c for c in letters if c in "fCbTXKIF"]
            if bundled and valued:
                # In a bundle with a dash the first letter that takes a value takes the rest of it.
                if letters.endswith(valued[0]) and at + 1 < len(words):
                    at += 1
                    if valued[0] == "f":
                        found.append(words[at])
            else:
                for letter in valued:
                    at += 1
                    if letter == "f" and at < len(words):
                        found.append(words[at])
        elif raw == "--file" and at + 1 < len(words):
            at += 1
            found.append(words[at])
        elif raw in ("--directory", "--exclude", "--strip", "--strip-components", "--transform", "--owner", "--group"):
            at += 1
        at += 1
    return found if mode else []
