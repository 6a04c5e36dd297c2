"""Moving whole instructions, with the comments above them."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.facts.document import Document
from optimizer.rewrite.change import Edit
from optimizer.syntax import Blank, Instruction, Span


def block_of(doc: Document, instruction: Instruction) -> Span:
    """Return the range of an instruction and of the comments directly above it, the last newline included."""
    comments = doc.comments_above(instruction)
    return Span(comments[0].start if comments else instruction.start, instruction.end)


def move_behind(doc: Document, moved: Sequence[tuple[Instruction, str]], landing: Instruction) -> list[Edit]:
    """Move instructions behind a later one; each leaves a text, of whole lines, in its place."""
    text, newline = doc.text, doc.newline
    spans = [block_of(doc, instruction) for instruction, _ in moved]
    edits = [
        Edit(_with_blank(doc, span) if not left else span, left) for span, (_, left) in zip(spans, moved, strict=True)
    ]
    blank = newline if any(isinstance(node, Blank) for node in doc.before(landing)[:1]) else ""
    blocks = [span.of(text) for span in spans]
    joined = "".join(block if block.endswith("\n") else block + newline for block in blocks)
    if text.endswith("\n") or landing.end < len(text):
        return [*edits, Edit(Span(landing.end, landing.end), blank + joined)]
    return [*edits, Edit(Span(landing.end, landing.end), newline + blank + joined.removesuffix(newline))]


def _with_blank(doc: Document, span: Span) -> Span:
    """Return a range that goes away with the blank line behind it, where one stands in front of it too."""
    nodes = {node.start: node for node in doc.tree.nodes}
    behind = nodes.get(span.end)
    ahead = next((node for node in doc.tree.nodes if node.end == span.start), None)
    if isinstance(behind, Blank) and isinstance(ahead, Blank):
        return Span(span.start, behind.end)
    return span
