"""Keep only the CMD that counts.

Of several CMD, ENTRYPOINT or HEALTHCHECK in one stage only the last has any effect; the others look
as if they did something.

Before:
    CMD ["nginx"]
    CMD ["nginx", "-g", "daemon off;"]
After:
    CMD ["nginx", "-g", "daemon off;"]

Safety: safe. The image's configuration is the same.
Left alone: one that is followed by another only in a later stage, and one with comments inside.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import last_of
from optimizer.rewrite.compose import left, remove_instruction
from optimizer.rewrite.registry import transform
from optimizer.rewrite.suppression import is_pragma

KEYWORDS = ("CMD", "ENTRYPOINT", "HEALTHCHECK")


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["hadolint:DL4003", "hadolint:DL4004", "hadolint:DL3012", "buildkit:MultipleInstructionsDisallowed"],
    triggers=["cmd", "entrypoint", "healthcheck"],
    claims=[last_of(*KEYWORDS)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find instructions that a later one of their stage replaces."""
    for stage in doc.stages:
        last = {member.keyword: member for member in stage.members if member.keyword in KEYWORDS}
        for member in stage.members:
            if member.keyword not in KEYWORDS or last[member.keyword] is member:
                continue
            title = f"one {member.keyword} in the stage"
            if member.comments:
                yield left(doc, member.start, title, "there are comments inside it")
            elif any(is_pragma(c.span.of(doc.text)) for c in doc.comments_above(member)):
                yield left(doc, member.start, title, "a pragma above it would pass to the next instruction")
            else:
                yield Change(
                    title=title,
                    why=f"only the last {member.keyword} of a stage has any effect",
                    edits=(remove_instruction(doc, member),),
                )
