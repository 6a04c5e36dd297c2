"""Let wget report its progress in few lines.

Without a terminal GNU wget draws its progress as dots, fifty to a line: a large download fills
the log of the build with thousands of lines.

Before:
    RUN apt-get update && apt-get install -y wget && wget https://example.org/big.tar.gz
After:
    RUN apt-get update && apt-get install -y wget && wget --progress=dot:giga https://example.org/big.tar.gz

Safety: safe. Only the log is shorter.
Left alone: a wget that is quiet or logs to a file; one that may be BusyBox's, which has no --progress;
one whose messages are read by another command.
"""

from collections.abc import Iterator

from optimizer.catalog.images import has_gnu_tools
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after
from optimizer.rewrite.registry import transform

OPTION = "--progress=dot:giga"
SILENT = (
    *("-q", "--quiet", "-nv", "--no-verbose", "-o", "--output-file", "-a", "--append-output", "-b", "--background"),
    *("--progress", "--show-progress", "--spider", "-V", "--version", "-h", "--help", "-S", "--server-response"),
)
# Managers of systems whose wget is GNU's.
GNU_MANAGERS = frozenset({"apt", "yum", "dnf", "microdnf", "zypper"})


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["hadolint:DL3047"],
    triggers=["wget"],
    claims=[words_of(["wget"], OPTION)],
)
def find(doc: Document) -> Iterator[Change]:
    """Find calls of GNU wget that would draw dots."""
    for call in doc.calls("wget"):
        if len(call.words) < 2 or call.has(*SILENT) or _is_read(call):
            continue
        evidence = _is_gnu(doc, call)
        if evidence:
            yield Change(
                title="wget with a short progress report",
                why="the dots of a large download fill the build's log",
                edits=(insert_after(call, call.words[0], f" {OPTION}"),),
                evidence=evidence,
            )


def _is_read(call: Call) -> bool:
    """Whether wget's messages go anywhere but to the log."""
    text = call.run.script.text
    redirects = [text[r.start : r.end] for r in call.command.redirects]
    return "substitution" in call.command.where or "|&" in text or any(r.startswith(("2", "&")) for r in redirects)


def _is_gnu(doc: Document, call: Call) -> str:
    """Return how wget is known to be GNU's, "" where it is not."""
    image = call.run.stage.root_image
    if has_gnu_tools(image):
        return f"{image.official} has GNU wget"
    for run in doc.runs:
        if run.stage in call.run.stage.lineage:
            for other in run.calls:
                if other.manager is not None and other.manager.name in GNU_MANAGERS:
                    return f"the distribution of {other.program} has GNU wget"
    return ""
