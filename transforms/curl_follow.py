"""Let curl follow redirects when it downloads.

A server that has moved a file answers with its new address. Without -L curl saves that answer in
place of the file, and says nothing.

Before:
    RUN curl -fsS -o /tmp/tool.tar.gz https://example.org/tool.tar.gz
After:
    RUN curl -fsSL -o /tmp/tool.tar.gz https://example.org/tool.tar.gz

Safety: review. Where the server redirects, the file at the new address is downloaded.
Left alone: calls that send data, headers or credentials; calls that only ask for the status; output that
is not kept.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Edit, Phase, Safety
from optimizer.rewrite.claims import commands_as
from optimizer.rewrite.compose import insert_after
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

# Short options without a value; another one can join them.
CLUSTER = pattern(r"-[fgksSvL#]+")
URL = pattern(r"[\"']?https?://")
KEEPS = ("-o", "--output", "-O", "--remote-name", "--remote-name-all", "-J", "--remote-header-name")
OTHER = (
    *("-L", "--location", "--location-trusted", "-I", "--head", "-X", "--request", "-d", "--data", "--data-raw"),
    *("--data-binary", "--data-urlencode", "--json", "-F", "--form", "-T", "--upload-file", "-H", "--header", "-u"),
    *("--user", "-K", "--config", "-G", "--get", "-w", "--write-out", "-b", "--cookie", "--oauth2-bearer", "-E"),
    *("--cert", "-i", "--include", "--max-redirs", "--proto-redir", "-V", "--version"),
)


def not_following(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a curl without its -L, alone or among other short options."""
    if "curl" not in (w.rpartition("/")[2] for w in words):
        return words
    plain = (w.replace("L", "") if CLUSTER.fullmatch(w) else w for w in words)
    return tuple(w for w in plain if w != "-")


@transform(
    phase=Phase.TIDY,
    safety=Safety.REVIEW,
    see=["parfum:curlUseFlagL"],
    triggers=["curl"],
    claims=[commands_as(not_following)],
)
def find(doc: Document) -> Iterator[Change]:
    """Find downloads that do not follow redirects."""
    for call in doc.calls("curl"):
        if call.has(*OTHER) or not any(URL.match(w.raw) for w in call.words) or not _is_kept(call):
            continue
        yield Change(
            title="curl follows redirects",
            why="without -L the answer of a redirect is saved in place of the file",
            edits=(_edit(call),),
        )


def _edit(call: Call) -> Edit:
    first = call.words[1]
    return insert_after(call, first, "L") if CLUSTER.fullmatch(first.raw) else insert_after(call, call.words[0], " -L")


def _is_kept(call: Call) -> bool:
    """Whether the download goes to a file or into another command."""
    targets = [r.target.raw for r in call.command.redirects if r.target is not None and r.operator in (">", ">>")]
    if "/dev/null" in targets or any(w.raw.endswith("/dev/null") for w in call.words):
        return False
    return bool(targets) or call.has(*KEEPS) or "pipeline" in call.command.where
