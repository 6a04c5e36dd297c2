"""Write all keywords in the same case.

The builder takes both `RUN` and `run`; a file that mixes them is harder to read, and the builder
warns of it. What most of the file's instructions do decides.

Before:
    FROM debian:bookworm
    RUN make
    copy . /srv
After:
    FROM debian:bookworm
    RUN make
    COPY . /srv

Safety: safe. The builder does not look at the case of a keyword.
Left alone: words that are no instruction.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Edit, Phase, Safety
from optimizer.rewrite.checks import KEYWORDS
from optimizer.rewrite.instructions import keyword_of, put, put_keyword, words
from optimizer.rewrite.registry import transform
from optimizer.syntax import Instruction


@transform(phase=Phase.TIDY, safety=Safety.SAFE, see=["buildkit:ConsistentInstructionCasing"])
def find(doc: Document) -> Iterator[Change]:
    """Find keywords in another case than most."""
    known = [i for i in doc.tree.instructions if i.keyword in KEYWORDS]
    own = [keyword_of(i) for i in known]
    # Source: validateCommandCasing in moby/buildkit; keywords of mixed case do not count.
    lower = sum(k == k.lower() for k in own) > sum(k == k.upper() for k in own)
    name = "lower" if lower else "upper"
    for instruction in known:
        edits = [e for i in (instruction, instruction.onbuild) if i is not None for e in _edits(i, lower)]
        if edits:
            yield Change(
                title=f"{keyword_of(instruction)} in {name} case",
                why="one case throughout is easier to read",
                edits=tuple(edits),
                evidence=f"most instructions of the file are in {name} case",
            )


def _edits(instruction: Instruction, lower: bool) -> Iterator[Edit]:
    old = keyword_of(instruction)
    if instruction.keyword not in KEYWORDS or old == _case(old, lower):
        return
    edit = put_keyword(instruction, _case(old, lower))
    if edit is None:
        return
    yield edit
    if instruction.keyword == "FROM":
        # `AS` follows the case of `FROM`.
        text = instruction.folded.text
        for span in words(instruction)[1:2]:
            as_word = span.of(text)
            if as_word.lower() == "as" and as_word != _case(as_word, lower):
                renamed = put(instruction, span, _case(as_word, lower))
                if renamed is not None:
                    yield renamed


def _case(word: str, lower: bool) -> str:
    return word.lower() if lower else word.upper()
