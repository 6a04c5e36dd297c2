"""Stand on a distroless image: the program, its runtime, and nothing to type into.

A distroless image has no shell and no package manager, and a few packages only: what is not there needs no patches,
and serves no intruder.

Before:
    FROM golang:1.26 AS build
    WORKDIR /src
    COPY . .
    RUN CGO_ENABLED=0 go build -o /app .
    FROM debian:trixie-slim
    COPY --from=build /app /app
    CMD ["/app"]
After:
    FROM golang:1.26 AS build
    WORKDIR /src
    COPY . .
    RUN CGO_ENABLED=0 go build -o /app .
    FROM gcr.io/distroless/static-debian13
    COPY --from=build /app /app
    CMD ["/app"]

Safety: risky. Nobody can open a shell in the container any more (`docker exec ... sh`; there are `:debug` tags for
that), and a program that the application calls by itself is not there. Its users are root, nobody and nonroot (65532);
its Python, Node and Java start by themselves, so that CMD holds their arguments only.
Left alone: a last stage with a RUN that does more than install what is there anyway, make users or clean up; CMD,
ENTRYPOINT and HEALTHCHECK that need a shell; a Python other than 3.13; releases of Node and Java without a maintained
image; what was built on Alpine, or on a system with a newer C library.
"""

import json
from collections.abc import Iterator

from optimizer.catalog.siblings import No
from optimizer.facts.bases import elsewhere
from optimizer.facts.distroless_swap import Plan, plan_distroless
from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.base_swaps import edit_of, left_base, swappable_bases
from optimizer.rewrite.change import Change, Edit, Left, Phase, Safety
from optimizer.rewrite.compose import insert, remove_instruction
from optimizer.rewrite.distroless_claims import CLAIMS
from optimizer.rewrite.instructions import args_span, cased, put_over
from optimizer.rewrite.registry import transform
from optimizer.syntax import Instruction, Span

UID = "65532"


@transform(phase=Phase.BASE, safety=Safety.RISKY, triggers=["from"], claims=CLAIMS)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find last stages that only start a program."""
    for stage, base in swappable_bases(doc):
        if isinstance(base, No):
            continue  # slim-base says why
        plan = plan_distroless(doc, stage, base)
        if plan is None:
            continue
        if isinstance(plan, No):
            yield left_base(doc, stage, "a distroless base", plan.reason)
            continue
        written = elsewhere(doc, stage, plan.reference)
        if isinstance(written, No):
            yield left_base(doc, stage, f"stands on {plan.reference}", written.reason)
            continue
        edits = _edits(doc, stage, plan)
        if isinstance(edits, str):
            yield left_base(doc, stage, f"stands on {plan.reference}", edits)
            continue
        yield Change(
            title=f"stands on {plan.reference}",
            why="a program needs no shell and no package manager to run, an intruder does",
            edits=(edit_of(written), *edits),
            safety=Safety.RISKY,
            evidence="; ".join(filter(None, [*plan.evidence, plan.start.note, *_users(plan), written.note])),
        )


def _users(plan: Plan) -> list[str]:
    return [f"{' and '.join(plan.users)} is nonroot ({UID}) there"] if plan.users else []


def _edits(doc: Document, stage: Stage, plan: Plan) -> list[Edit] | str:
    edits: list[Edit | None] = []
    for run in plan.removed:
        if run.instruction.comments or doc.comments_above(run.instruction):
            return "a comment speaks of a RUN that would go"
        edits.append(_without(doc, run.instruction))
    for instruction, words in plan.start.changes:
        text = json.dumps(list(words), ensure_ascii=False)
        edits.append(put_over(instruction, args_span(instruction), text))
    if plan.start.reset is not None:
        keyword = cased(plan.start.reset, "ENTRYPOINT")
        edits.append(insert(plan.start.reset.start, f"{keyword} []{doc.newline}"))
    if plan.path:
        edits.append(insert(stage.head.end, f"{cased(stage.head, 'ENV')} PYTHONPATH={plan.path}{doc.newline}"))
    for member in stage.members:
        edits += _numbered(member, plan.users)
    whole = [e for e in edits if e is not None]
    return whole if len(whole) == len(edits) else "a comment or a fold stands between the words of an instruction"


def _without(doc: Document, instruction: Instruction) -> Edit:
    """Remove an instruction; of the blank lines around it one is left."""
    edit = remove_instruction(doc, instruction)
    start, end = edit.span
    for newline in ("\r\n", "\n"):
        if doc.text[:start].endswith(newline * 2) and doc.text[end:].startswith(newline):
            return Edit(Span(start, end + len(newline)), "")
    return edit


def _numbered(member: Instruction, users: tuple[str, ...]) -> list[Edit | None]:
    """Return the edits that make numbers of the users that are not known there."""
    if member.keyword == "USER":
        where = args_span(member)
        names = where.of(member.folded.text).split(":")
        return [put_over(member, where, ":".join(UID for _ in names))] if set(names) & set(users) else []
    if member.keyword not in ("COPY", "ADD"):
        return []
    edits: list[Edit | None] = []
    for flag in member.shape.flags:
        names = (flag.value or "").split(":")
        if flag.name == "chown" and set(names) & set(users):
            where = Span(flag.span.end - len(flag.value or ""), flag.span.end)
            edits.append(put_over(member, where, ":".join(UID for _ in names)))
    return edits
