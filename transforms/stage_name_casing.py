"""Write the names of stages in lower case.

The builder looks stages up without regard to case, and warns of names in upper case, which look
like keywords.

Before:
    FROM golang:1.24 AS Builder
    RUN go build -o /app .
    FROM debian:bookworm
    COPY --from=Builder /app /app
After:
    FROM golang:1.24 AS builder
    RUN go build -o /app .
    FROM debian:bookworm
    COPY --from=builder /app /app

Safety: safe. `--target Builder` still finds the stage.
Left alone: names that differ from another one only by case.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Change, Edit, Left, Phase, Safety
from optimizer.rewrite.claims import entries_as
from optimizer.rewrite.compose import left
from optimizer.rewrite.instructions import put, words
from optimizer.rewrite.model import Entry
from optimizer.rewrite.registry import transform
from optimizer.syntax import Instruction, Span
from optimizer.syntax.patterns import pattern

FROM_FLAG = pattern(r"(?:\A--from=|\A--mount=(?:.*,)?from=)[\"']?([^,\"']+)")
IMAGE = pattern(r"[:/@$]")


def lowered(entry: Entry) -> Entry:
    """Return an entry with the names of stages that it speaks of in lower case."""
    if entry.kind == "FROM":
        image = entry.words[:1]
        return entry._replace(words=(*(w if IMAGE.search(w) else w.lower() for w in image), *entry.words[1:]))
    return entry._replace(words=tuple(FROM_FLAG.sub(lambda m: m.group().lower(), w) for w in entry.words))


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["buildkit:StageNameCasing"],
    triggers=["from"],
    claims=[entries_as(["FROM", "COPY", "RUN", "ONBUILD COPY", "ONBUILD RUN"], lowered)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find stage names in upper case."""
    names = [s.name.lower() for s in doc.stages if s.name]
    for stage in doc.stages:
        name = stage.name
        if name is None or name == name.lower() or stage.name_span is None:
            continue
        title = f"stage {name.lower()} in lower case"
        if names.count(name.lower()) > 1:
            yield left(doc, stage.head.start, title, "another stage has the same name but for the case")
            continue
        edit = put(stage.head, stage.name_span, name.lower())
        if edit is not None:
            yield Change(
                title=title,
                why="names in upper case look like keywords",
                edits=(edit, *_references(doc, stage, name)),
                evidence="the builder looks stages up without regard to case",
            )


def _references(doc: Document, stage: Stage, name: str) -> Iterator[Edit]:
    """Yield the edits of the places behind a stage that name it in upper case."""
    for instruction in doc.tree.instructions:
        if instruction.start <= stage.head.start:
            continue
        target = instruction.onbuild or instruction
        spans = []
        if target.keyword == "FROM":
            spans = [s for s in words(target)[:1] if s.of(target.folded.text) == name]
        elif target.keyword in ("COPY", "RUN"):
            spans = [s for s in _flag_values(target) if s.of(target.folded.text) == name]
        for span in spans:
            edit = put(target, span, name.lower())
            if edit is not None:
                yield edit


def _flag_values(instruction: Instruction) -> Iterator[Span]:
    for flag in instruction.shape.flags:
        match = FROM_FLAG.match(flag.span.of(instruction.folded.text))
        if match:
            yield flag.span._replace(start=flag.span.start + match.start(1), end=flag.span.start + match.end(1))
