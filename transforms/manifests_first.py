"""Dependencies are installed before the sources are copied.

The build cache of a step holds until a file changes that was copied before it. Where all sources are
copied first, a changed line installs every dependency anew. What an install reads are manifests and
lockfiles, which rarely change: these are copied alone, then comes the install, then the sources.

Before:
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    RUN pip install --no-cache-dir -r requirements.txt
    CMD ["python", "app.py"]
After:
    FROM python:3.12-slim
    WORKDIR /app
    COPY requirements.txt ./
    RUN pip install --no-cache-dir -r requirements.txt
    COPY . .
    CMD ["python", "app.py"]

Safety: review. The files of the image are the same, in other layers. It is done where the build
context shows that the install reads nothing but the files that are copied before it, that the
sources bring nothing that it makes, and that nothing between looks at them. In a stage that is only
built in, `go mod download` is added in front of Go sources; the build behind it then downloads nothing.
Left alone: files without a build context to look into; installs of the project itself or of folders
in it, workspaces, scripts of package.json that an install runs, and packages that read the project
when they are installed (Prisma, husky, ...); node_modules or a virtual environment in the build
context; a RUN that does anything else too.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.installs.go import DOWNLOAD, Download, download_of
from optimizer.facts.installs.waiting import Stuck, Wait, waits_of
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like, waiting_copies
from optimizer.rewrite.compose import insert, left
from optimizer.rewrite.instructions import cased
from optimizer.rewrite.manifest_copies import copies_of
from optimizer.rewrite.moving import move_behind
from optimizer.rewrite.registry import transform

TITLE = "dependencies are installed before the sources are copied"
GO_TITLE = "Go modules are downloaded before the sources are copied"


@transform(
    phase=Phase.CACHE,
    safety=Safety.REVIEW,
    triggers=["copy"],
    claims=[waiting_copies, commands_like(DOWNLOAD)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find COPYs of sources in front of installs that do not read them."""
    for stage in doc.stages:
        for found in waits_of(doc, stage):
            yield _told(doc, found) if isinstance(found, Stuck) else _moved(doc, found)
        yield from _go(doc, stage)


def _told(doc: Document, stuck: Stuck) -> Left:
    return left(doc, stuck.run.instruction.start, TITLE, stuck.reason)


def _moved(doc: Document, wait: Wait) -> Change:
    moved = [
        (copy.instruction, copies_of(doc, copy, manifests))
        for copy, manifests in zip(wait.copies, wait.manifests, strict=True)
    ]
    names = [copy.files[p] for copy, manifests in zip(wait.copies, wait.manifests, strict=True) for p in manifests]
    evidence = f"the install reads only {', '.join(names)}" if names else "it reads nothing of what is copied here"
    planned = ("with the new .dockerignore",) if doc.context is not None and doc.context.planned else ()
    return Change(
        title=TITLE,
        why="a change of the sources alone then installs nothing anew",
        edits=tuple(move_behind(doc, moved, wait.landing.instruction)),
        evidence="; ".join((evidence, *wait.notes, *planned)),
        saves="the install, in each build after a change of the sources",
    )


def _go(doc: Document, stage: Stage) -> Iterator[Change | Left]:
    found = download_of(doc, stage)
    if isinstance(found, str):
        at = next(run for run in doc.runs_of(stage) if any(call.program == "go" for call in run.calls))
        yield left(doc, at.instruction.start, GO_TITLE, found)
    elif isinstance(found, Download):
        instruction = found.copy.instruction
        if doc.is_shipped(stage):
            reason = "the stage is shipped, and the modules that only tests need would be in it"
            yield left(doc, instruction.start, GO_TITLE, reason)
            return
        lines = copies_of(doc, found.copy, found.manifests) + f"{cased(instruction, 'RUN')} {DOWNLOAD}{doc.newline}"
        yield Change(
            title=GO_TITLE,
            why="a change of the sources alone then downloads nothing anew",
            edits=(insert(_start(doc, found), lines),),
            evidence=f"{found.copy.files[found.manifests[0]]} and go.sum say all that is downloaded",
            saves="the download, in each build after a change of the sources",
        )


def _start(doc: Document, found: Download) -> int:
    comments = doc.comments_above(found.copy.instruction)
    return comments[0].start if comments else found.copy.instruction.start
