"""Checks of a step's text that hold whatever the transform meant to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from optimizer.facts.document import Document
from optimizer.rewrite.change import Edit
from optimizer.rewrite.edits import kept
from optimizer.syntax import Dockerfile

KEYWORDS = frozenset(
    [
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ]
)


def broken(before: Document, after: Document, edits: Iterable[Edit]) -> str:
    """Return what is wrong with the text after a step, "" where nothing is."""
    old, new = before.tree, after.tree
    if not new.tiles():
        return "the tree does not cover the text"
    if not kept(old.text, new.text, edits):
        return "text outside the edits changed"
    if before.comments - after.comments:
        return "a comment was lost"
    if _directives(old) != _directives(new):
        return "a parser directive was lost"
    if _strange(new) - _strange(old):
        return "an instruction is not known to the builder"
    if _unterminated(new) > _unterminated(old):
        return "a heredoc does not end"
    return _scripts(before, after)


def _directives(tree: Dockerfile) -> list[str | None]:
    return [tree.directive(name) for name in ("syntax", "escape", "check")]


def _strange(tree: Dockerfile) -> Counter[str]:
    return Counter(i.keyword for i in tree.instructions if i.keyword not in KEYWORDS)


def _unterminated(tree: Dockerfile) -> int:
    return sum(1 for i in tree.instructions for h in i.heredocs if h.closing.start == h.closing.end)


def _scripts(before: Document, after: Document) -> str:
    """Hold that a script that was understood still is; what an edit may do to one that was not, the gate decides."""
    old = sum(1 for run in before.runs if run.script.opaque)
    new = sum(1 for run in after.runs if run.script.opaque)
    return "a script is no longer understood" if new > old else ""
