"""Write the protocol of EXPOSE in lower case.

The builder takes `80/TCP` and makes `80/tcp` of it, with a warning.

Before:
    EXPOSE 53/UDP
After:
    EXPOSE 53/udp

Safety: safe. The image says the same.
Left alone: a protocol that comes from a variable.
"""

import re
from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.claims import entries_as
from optimizer.rewrite.instructions import put, words
from optimizer.rewrite.model import Entry
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

PROTOCOL = pattern(r"/(tcp|udp|sctp)(?=\Z|\s)", re.IGNORECASE)


def lowered(entry: Entry) -> Entry:
    """Return an EXPOSE with its protocols in lower case."""
    return entry._replace(words=tuple(PROTOCOL.sub(lambda m: m.group().lower(), w) for w in entry.words))


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["buildkit:ExposeProtoCasing"],
    triggers=["expose"],
    claims=[entries_as(["EXPOSE", "ONBUILD EXPOSE"], lowered)],
)
def find(doc: Document) -> Iterator[Change]:
    """Find protocols in upper case."""
    for outer in doc.instructions("EXPOSE", "ONBUILD"):
        instruction = outer.onbuild or outer
        if instruction.keyword != "EXPOSE":
            continue
        for span in words(instruction):
            match = PROTOCOL.search(span.of(instruction.folded.text))
            if match is None or match.group() == match.group().lower():
                continue
            where = span._replace(start=span.start + match.start())
            edit = put(instruction, where, match.group().lower())
            if edit is not None:
                yield Change(
                    title=f"{match.group(1)} in lower case",
                    why="the builder writes protocols in lower case and warns of others",
                    edits=(edit,),
                )
