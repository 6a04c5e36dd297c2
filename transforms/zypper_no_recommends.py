"""Install only what zypper was asked for.

zypper installs "recommended" packages too unless told not to. In an image they are weight that nobody
chose.

Before:
    FROM opensuse/leap:15.6
    RUN zypper install -y git && zypper clean --all
After:
    FROM opensuse/leap:15.6
    RUN zypper install --no-recommends -y git && zypper clean --all

Safety: review. A program can rely on a package that came in only because another one recommended it.
Left alone: calls that ask for recommended packages, patterns and patches, and files that set
`solver.onlyRequires`.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after
from optimizer.rewrite.registry import transform

FLAG = "--no-recommends"


@transform(phase=Phase.PACKAGES, safety=Safety.REVIEW, triggers=["zypper"], claims=[words_of(["zypper"], FLAG)])
def find(doc: Document) -> Iterator[Change]:
    """Find installs that bring recommended packages."""
    if "onlyRequires" in doc.text:
        return
    for call in doc.calls("zypper"):
        if call.action not in ("install", "in") or call.verb is None:
            continue
        if call.has(FLAG, "--recommends", "-t", "--type"):
            continue
        yield Change(
            title="zypper installs no recommended packages",
            why="packages that are only recommended are weight that nobody chose",
            edits=(insert_after(call, call.verb, f" {FLAG}"),),
            saves="the recommended packages",
        )
