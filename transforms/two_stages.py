"""Build in one stage, run in another.

A single stage ships its compilers, headers and caches with the program. Of two stages only the last one
is shipped: it stands on a small image of the same distribution and takes what was built from the first.
`docker build --target build` still gives an image to develop in.

Before:
    FROM gcc:12
    COPY hello.c /src/
    RUN gcc -o /usr/local/bin/hello /src/hello.c
    CMD ["hello"]
After:
    FROM gcc:12 AS build
    COPY hello.c /src/
    RUN gcc -o /usr/local/bin/hello /src/hello.c

    FROM debian:bookworm-slim
    COPY --from=build /usr/local/bin/hello /usr/local/bin/
    CMD ["hello"]

Safety: review. Every instruction is for the build, for the run time or for both, and what the final
stage needs of the first is copied, installed or said again. Sources that were read tell which files the
program opens and which programs it starts; where they were not, the whole folder is kept, and the change
is risky. Python, Node and Ruby build on the full image and run on its slim variant, with the packages, the
environment and the sources at the same paths; a Node application that is seen to run what it builds installs its
packages anew, without those for development. PHP keeps its image and loses the tools; .NET runs on the runtime image.
Left alone: what a slim base alone does; files with several stages; stages that are built by name; ONBUILD; images
that compile when they run; scripts and commands of which it is not known what they leave in the image.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.compose import left
from optimizer.rewrite.registry import transform
from optimizer.rewrite.stages.claim import as_one_stage
from optimizer.rewrite.stages.ecosystems import verdict_of
from optimizer.rewrite.stages.guards import why_not
from optimizer.rewrite.stages.split import Refused, Split
from optimizer.rewrite.stages.writer import change_of

TITLE = "build and run time in stages of their own"


@transform(phase=Phase.STAGES, safety=Safety.REVIEW, triggers=["run"], claims=[as_one_stage])
def find(doc: Document) -> Iterator[Change | Left]:
    """Find a single stage that builds what it runs."""
    if len(doc.stages) != 1 or not doc.runs:
        return
    stage = doc.stages[0]
    verdict = verdict_of(doc, stage)
    if verdict is None:
        return
    refused = why_not(doc, stage, isinstance(verdict, Split) and verdict.base == stage.image.raw)
    if refused is None and isinstance(verdict, Refused):
        refused = verdict
    if refused is not None:
        yield left(doc, max(refused.at, stage.head.start), TITLE, refused.reason)
        return
    assert not isinstance(verdict, Refused)
    if verdict.unaccounted:
        yield left(doc, verdict.unaccounted[0].start, TITLE, "it is not known what this is for")
        return
    yield change_of(doc, verdict)
