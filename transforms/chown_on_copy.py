"""COPY sets the owner, in place of a chown in a layer of its own.

A layer keeps what it wrote: `chown -R` in a later RUN writes every file a second time, so that the
copied files are in the image twice. COPY can set the owner while it writes them.

Before:
    FROM python:3.12-slim
    RUN useradd --no-log-init --create-home app
    WORKDIR /srv/app
    COPY . .
    RUN chown -R app:app /srv/app
    USER app
After:
    FROM python:3.12-slim
    RUN useradd --no-log-init --create-home app
    WORKDIR /srv/app
    COPY --chown=app:app . .
    RUN chown app:app /srv/app
    USER app

A folder that WORKDIR made stays root's, for COPY changes only what it writes; so the chown of the
folder alone stays, which costs nothing.

Safety: review. It is safe where the base is an official image and the build context shows that no symbolic
links are copied (chown follows them, COPY does not).
Left alone: a folder that holds anything but what COPYs brought, or that the base image may have filled;
users that are made after the COPY; owners without a known group (`app:`); COPY --link; ADD.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.ownership import Owned, owned_by
from optimizer.facts.runs import Run
from optimizer.rewrite.change import Change, Edit, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like, flags_of
from optimizer.rewrite.compose import insert, left, remove_word
from optimizer.rewrite.moving import block_of
from optimizer.rewrite.registry import transform
from optimizer.rewrite.steps import remove_step, step_of
from optimizer.syntax import Span

TITLE = "COPY sets the owner"


@transform(
    phase=Phase.CACHE,
    safety=Safety.REVIEW,
    triggers=["chown"],
    claims=[
        flags_of("COPY", r"--chown=.*"),
        commands_like(r"(sudo )?chown( -R| --recursive)? \S+ \S+"),
    ],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find recursive chowns of what COPYs brought."""
    taken: set[int] = set()
    for call in doc.calls("chown"):
        step = step_of(call.run, call)
        found = owned_by(doc, call.run, call, step) if step is not None else None
        if isinstance(found, str):
            yield left(doc, call.run.instruction.start, TITLE, found)
        if not isinstance(found, Owned) or taken & {i.start for i in found.copies}:
            continue
        edits = _without(doc, found)
        if isinstance(edits, str):
            yield left(doc, call.run.instruction.start, TITLE, edits)
            continue
        taken |= {i.start for i in found.copies}
        flags = [insert(i.keyword_span.end, f" --chown={found.spec}") for i in found.copies]
        yield Change(
            title=TITLE,
            why="chown -R writes every file again, into a second layer",
            edits=(*flags, *edits),
            safety=Safety.SAFE if found.exact else None,
            evidence="nothing but what is copied is there, and the user is known where the COPY stands",
            saves="the size of what is copied",
        )


def _without(doc: Document, found: Owned) -> list[Edit] | str:
    """Take the chown out, or make it one of the folder alone."""
    run = found.run
    if found.keeps_folder:
        edit = remove_word(doc, run, found.call.words[1])
        return [edit] if edit is not None else "the words can't be changed where they stand"
    if len(run.script.steps) > 1:
        return remove_step(doc, run, found.step)
    return _whole_run(doc, run, found)


def _whole_run(doc: Document, run: Run, found: Owned) -> list[Edit] | str:
    """Remove the RUN; the comments above it go to the first COPY."""
    if run.instruction.comments or run.script.comments:
        return "a comment stands in it"
    block = block_of(doc, run.instruction)
    comments = doc.text[block.start : run.instruction.start]
    edits = [Edit(Span(block.start, block.end), "")]
    return [insert(found.copies[0].start, comments), *edits] if comments else edits
