"""Pragmas that hold a transform back: dockopt's own and hadolint's.

`# dockopt: ignore=NAME[,NAME]` above an instruction, `# dockopt: ignore-file[=NAME,...]` anywhere,
`# hadolint ignore=DL3008,...` above an instruction and `# hadolint global ignore=...`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from optimizer.facts.document import Document
from optimizer.rewrite.registry import Transform, names_of
from optimizer.syntax import Comment, Instruction, Span
from optimizer.syntax.patterns import pattern

_PRAGMA = pattern(
    r"#\s*(?:dockopt:\s*ignore(?P<file>-file)?(?![\w-])(?:\s*=\s*(?P<ours>[\w:,\s-]+))?"
    r"|hadolint\s+(?P<globally>global\s+)?ignore\s*=\s*(?P<theirs>[\w,\s]+))",
    re.IGNORECASE,
)
EVERYTHING = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Pragma:
    """Names that are held back within a span of the file, None for all of it."""

    names: frozenset[str]
    where: Span | None

    def holds(self, transform: Transform, place: Span) -> bool:
        """Tell whether this holds a transform's edit at `place` back."""
        end = max(place.end, place.start + 1)
        if self.where is not None and not (self.where.start < end and place.start < self.where.end):
            return False
        return self.names is EVERYTHING or bool(names_of(transform) & self.names)


def is_pragma(comment: str) -> bool:
    """Tell whether a comment's text is a pragma."""
    return "ignore" in comment.lower() and _PRAGMA.match(comment.strip()) is not None


def read_pragmas(document: Document) -> list[Pragma]:
    """Return the pragmas of a file."""
    tree = document.tree
    if "ignore" not in document.lowered:
        return []
    pragmas: list[Pragma] = []
    waiting: list[frozenset[str]] = []
    for node in tree.nodes:
        if isinstance(node, Comment):
            match = _PRAGMA.match(node.span.of(tree.text).strip())
            if not match:
                continue
            listed = match.group("ours") or match.group("theirs")
            names = frozenset(n for n in re.split(r"[,\s]+", listed.lower()) if n) if listed else EVERYTHING
            if match.group("file") or match.group("globally"):
                pragmas.append(Pragma(names, None))
            else:
                waiting.append(names)
        elif isinstance(node, Instruction):
            pragmas += [Pragma(names, node.span) for names in waiting]
            waiting = []
    return pragmas
