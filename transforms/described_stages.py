"""Keep comments from being read as descriptions of stages and arguments.

The comment directly above FROM or ARG is shown by `docker build --call=targets` and
`--call=outline` if it starts with the name; otherwise the experimental check
InvalidDefinitionDescription takes it for a description that is not well written.

Before:
    # the tools come first
    ARG VERSION=1
    FROM debian:bookworm
After:
    # the tools come first
    #
    ARG VERSION=1
    FROM debian:bookworm

Safety: safe. Only a comment is added.
Left alone: descriptions, and comments with a blank comment line below them.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.environment import pairs_of
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.compose import insert
from optimizer.rewrite.registry import transform
from optimizer.rewrite.suppression import is_pragma
from optimizer.syntax import Comment, Instruction


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["buildkit:InvalidDefinitionDescription"],
    triggers=["#"],
    optional=True,
)
def find(doc: Document) -> Iterator[Change]:
    """Find comments above FROM and ARG that do not start with the name."""
    stages = {id(stage.head): stage.name for stage in doc.stages}
    for instruction in doc.instructions("FROM", "ARG"):
        names = _names(instruction, stages.get(id(instruction)), doc.escape)
        comments = [n for n in doc.before(instruction) if isinstance(n, Comment)]
        if not names or not comments:
            continue
        # An empty line does not end a comment for the builder; an empty comment does.
        text = comments[-1].span.of(doc.text).strip()
        words = text.lstrip("#").split()
        if words and words[0] not in names and not is_pragma(text):
            yield Change(
                title=f"the comment is no description of {names[0]}",
                why="the builder takes a comment above FROM or ARG for a description",
                edits=(insert(instruction.start, f"#{doc.newline}"),),
            )


def _names(instruction: Instruction, stage: str | None, escape: str) -> list[str]:
    if instruction.keyword == "FROM":
        return [stage] if stage else []
    return [pair.name for pair in pairs_of(instruction, escape)]
