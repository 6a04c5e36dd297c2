"""Write ENV and LABEL with an equals sign.

`ENV NAME the rest of the line` is an old form that takes whatever follows as one value, so that a
second name on the line silently becomes a part of the first. The builder warns of it.

Before:
    ENV OPTIONS -a -b
    ENV HOME /srv
After:
    ENV OPTIONS="-a -b"
    ENV HOME=/srv

Safety: safe. The value stays what the builder makes of it today: quotes and escapes are read by its
own rules, and variables expand as before.
Left alone: a value that starts with an equals sign (`ENV NAME = x`, most likely a slip), and one
whose quotes do not close.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.environment import Pair, pairs_of
from optimizer.facts.lexer import lex
from optimizer.rewrite.change import Change, Edit, Left, Phase, Safety
from optimizer.rewrite.compose import left
from optimizer.rewrite.instructions import double_quoted, put_over
from optimizer.rewrite.registry import transform
from optimizer.syntax import Instruction


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["buildkit:LegacyKeyValueFormat"],
    triggers=["env", "label"],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find ENV and LABEL in the old form."""
    for outer in doc.instructions("ENV", "LABEL", "ONBUILD"):
        instruction = outer.onbuild or outer
        if instruction.keyword not in ("ENV", "LABEL"):
            continue
        for pair in pairs_of(instruction, doc.escape):
            if not pair.legacy:
                continue
            edits = _edits(instruction, pair, doc.escape)
            title = f"{instruction.keyword} {pair.name} with an equals sign"
            if isinstance(edits, str):
                yield left(doc, instruction.start, title, edits)
                continue
            stripped = len(edits) > 1 and any(q in pair.raw for q in "'\"")
            yield Change(
                title=title,
                why="the form without one takes the rest of the line as the value, whatever it is",
                edits=edits,
                evidence="the builder takes the quotes in the value away today as well" if stripped else "",
            )


def _edits(instruction: Instruction, pair: Pair, escape: str) -> tuple[Edit, ...] | str:
    if pair.raw.startswith("="):
        return "the value starts with an equals sign, which is most likely a slip"
    if pair.raw.endswith(escape) or any(c in pair.name for c in "'\""):
        return "the name or the value is not clear"
    between = pair.name_span._replace(start=pair.name_span.end, end=pair.value_span.start)
    equals = put_over(instruction, between, "=")
    if equals is None:
        return "a comment stands between name and value"
    if lex(pair.raw, escape) is None:
        return "the quotes of the value do not close"
    if _is_one_word(pair.raw, escape):
        return (equals,)
    quoted = double_quoted(instruction, pair.value_span, escape)
    return (equals, *quoted) if quoted else "a variable in the value holds quotes"


def _is_one_word(raw: str, escape: str) -> bool:
    """Whether the new form takes a value as it stands: no blank in it is outside of quotes."""
    quote, at = "", 0
    while at < len(raw):
        char = raw[at]
        if char == escape and quote != "'":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char.isspace():
            return False
        at += 1
    return True
