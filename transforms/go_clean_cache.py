"""Go's caches are emptied in the layer that filled them.

Go keeps the sources of every module, and what it compiled of them, in its caches. The program that it
built needs neither.

Before:
    FROM golang:1.22
    WORKDIR /src
    COPY . .
    RUN go build -o /usr/local/bin/app .
    CMD ["/usr/local/bin/app"]
After:
    FROM golang:1.22
    WORKDIR /src
    COPY . .
    RUN go build -o /usr/local/bin/app . && go clean -cache -modcache
    CMD ["/usr/local/bin/app"]

Safety: review. Nothing in the file calls Go again; who builds on this image downloads the modules anew.
Left alone: files where another RUN, the command of the image or a script that was not read may call Go;
RUNs with a cache mount; a Go that may be older than 1.11; stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.builds import still_needed
from optimizer.facts.document import Document
from optimizer.facts.runs import Call, Run
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import cleaned, dues
from optimizer.rewrite.compose import left
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

TITLE = "Go's caches emptied"
FILLS = ("build", "get", "install", "test", "generate", "vet", "run")
_VERSION = pattern(r"1\.(\d+)")


@transform(
    phase=Phase.CLEAN,
    safety=Safety.REVIEW,
    triggers=["go "],
    claims=[commands_like(r"(.* )?\S*go clean -cache -modcache")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave Go's caches in the layer of an image that only runs what was built."""
    for due in dues(doc, "go", fills=_fills, cleans=lambda call: call.is_("go", "clean")):
        needed = still_needed(doc, due.run, frozenset({"go", "dep", "glide", "godep"}))
        if not needed and not _knows_modcache(doc, due.run):
            needed = "this Go may be older than 1.11"
        if needed:
            yield left(doc, due.run.offset(due.call.words[0].start), TITLE, needed)
            continue
        yield cleaned(
            doc,
            due,
            due.spelled("clean -cache -modcache"),
            title=TITLE,
            why="the program needs neither the sources of the modules nor what was compiled of them",
            saves="Go's caches",
            evidence="no other command calls Go",
        )


def _fills(call: Call) -> bool:
    return call.action in FILLS or (call.action == "mod" and bool(call.operands) and call.operands[0].raw == "download")


def _knows_modcache(doc: Document, run: Run) -> bool:
    """Whether Go is 1.11 or newer: by the official image's tag, or because it is told of modules."""
    image = run.stage.root_image
    if image.official == "golang":
        version = _VERSION.match(image.tag or "")
        return version is None or int(version.group(1)) >= 11
    return "go.mod" in doc.text or "go mod " in doc.text
