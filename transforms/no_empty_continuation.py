r"""Take empty lines out of instructions.

An empty line behind a `\` does not end the instruction: the builder skips it, warns, and says that
it will be an error one day.

Before:
    RUN apt-get update && \

        apt-get install -y --no-install-recommends curl
After:
    RUN apt-get update && \
        apt-get install -y --no-install-recommends curl

Safety: safe. The builder reads the same instruction.
Left alone: empty lines in heredocs, which belong to their text.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Edit, Phase, Safety
from optimizer.rewrite.registry import transform


@transform(phase=Phase.TIDY, safety=Safety.SAFE, see=["buildkit:NoEmptyContinuation"], triggers=["\\", "`"])
def find(doc: Document) -> Iterator[Change]:
    """Find empty lines inside instructions."""
    for instruction in doc.tree.instructions:
        # Behind the last line of its own nothing goes on any more.
        inside = [b for b in instruction.blanks if b.start < instruction.head_end]
        if inside:
            yield Change(
                title=f"no empty line inside {instruction.keyword}",
                why="the builder will refuse them one day",
                edits=tuple(Edit(span, "") for span in inside),
            )
