"""Name the maintainer in a label.

MAINTAINER is deprecated: it can hold one name only and is not shown with the other metadata. The
label `maintainer` is what took its place.

Before:
    MAINTAINER "Jane Doe <jane@example.org>"
After:
    LABEL maintainer="Jane Doe <jane@example.org>"

Safety: safe. The name moves from the image's field Author to its labels; nothing runs differently.
Quotes around the whole name are taken for quotes, not for a part of the name.
Left alone: a stage that sets a label `maintainer` itself, or stands on one in the file that does.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.environment import pairs_of
from optimizer.facts.lexer import meaning_of_text
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import entries_as
from optimizer.rewrite.compose import left
from optimizer.rewrite.instructions import args_span, cased, double_quoted, put_before, put_keyword
from optimizer.rewrite.model import Entry
from optimizer.rewrite.registry import transform

KEY = "maintainer"


def quote_around(text: str) -> str:
    """Return the quote that stands around all of a name, "" where none does."""
    quote = text[:1]
    return quote if len(text) > 2 and quote in "'\"" and text.endswith(quote) and quote not in text[1:-1] else ""


def as_label(entry: Entry) -> Entry:
    """Return the label that a MAINTAINER becomes, with blanks as in the model of an instruction."""
    if entry.kind == "LABEL":
        return entry._replace(words=(KEY, " ".join(entry.words[1].split()))) if entry.words[0] == KEY else entry
    name = entry.words[-1]
    name = name[1:-1] if quote_around(name) else name
    return entry._replace(kind="LABEL", words=(KEY, " ".join(meaning_of_text(name).split())))


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["hadolint:DL4000", "buildkit:MaintainerDeprecated"],
    triggers=["maintainer"],
    claims=[entries_as(["MAINTAINER", "LABEL"], as_label)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find MAINTAINER."""
    for instruction, stage, _, _ in doc.located:
        if instruction.keyword != "MAINTAINER":
            continue
        where = args_span(instruction)
        name = where.of(instruction.folded.text)
        keyword = put_keyword(instruction, cased(instruction, "LABEL"))
        if not name or keyword is None:
            continue
        if _has_label(stage, doc.escape):
            reason = "the stage has a label maintainer already"
            yield left(doc, instruction.start, "MAINTAINER to a label", reason)
            continue
        quote = quote_around(name)
        key = put_before(instruction, where.start, f"{KEY}=")
        inner = where._replace(start=where.start + 1, end=where.end - 1) if quote else where
        value = () if quote == "'" else double_quoted(instruction, inner, doc.escape, literal=True)
        if value is None:
            continue
        yield Change(
            title="MAINTAINER becomes a label",
            why="MAINTAINER is deprecated, and labels are what tools read",
            # A double quote around the name is there already.
            edits=(keyword, key, *(value[1:-1] if quote == '"' else value)),
            evidence="the quotes around the name are taken for quotes" if quote else "",
        )


def _has_label(stage: Stage, escape: str) -> bool:
    return any(
        pair.name.strip("\"'") == KEY
        for ancestor in stage.lineage
        for member in ancestor.members
        if member.keyword == "LABEL"
        for pair in pairs_of(member, escape)
    )
