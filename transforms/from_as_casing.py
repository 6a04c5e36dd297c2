"""Write AS in the case of its FROM.

The builder takes both `AS` and `as`; next to a FROM in the other case it looks like a name, and
the builder warns of it.

Before:
    FROM debian:bookworm as build
After:
    FROM debian:bookworm AS build

Safety: safe. The builder does not look at the case of a keyword.
Left alone: a FROM that mixes both cases itself.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.instructions import cased, keyword_of, put, words
from optimizer.rewrite.registry import transform


@transform(phase=Phase.TIDY, safety=Safety.SAFE, see=["buildkit:FromAsCasing"], triggers=[" as", "\tas", "\\"])
def find(doc: Document) -> Iterator[Change]:
    """Find AS in another case than FROM."""
    for instruction in doc.instructions("FROM"):
        spans = words(instruction)
        own = keyword_of(instruction)
        if len(spans) != 3 or own not in (own.lower(), own.upper()):
            continue
        old = spans[1].of(instruction.folded.text)
        new = cased(instruction, "AS")
        if old.lower() != "as" or old == new:
            continue
        edit = put(instruction, spans[1], new)
        if edit is not None:
            yield Change(
                title=f"{new} in the case of {own}",
                why="keywords of one line in one case are easier to read",
                edits=(edit,),
            )
