"""The unified diff of an outcome, as `git apply` and `patch -p1` take it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from optimizer.report.hunks import Hunk, hunks_of, render
from optimizer.report.lines import split_lines
from optimizer.report.notes import notes
from optimizer.report.proof import prove
from optimizer.report.quoting import quoted
from optimizer.report.trace import trace
from optimizer.rewrite.change import Outcome


def file_diff(outcome: Outcome, explain: bool = True) -> str:
    """Return the diff of one Dockerfile and the new files beside it, "" where nothing changes.

    The text holds the bytes of the files as `Source` reads them: `encode` makes bytes of it.
    `outcome.name` is the path to show, with `/`. Each hunk's heading names the transforms that
    touched it. With `explain`, comment lines above the file's header tell what was changed and why.
    Raises ProofError if the diff, read back, does not lead to the result.
    """
    if not outcome.changed:
        return ""
    way = trace(outcome)
    out = [notes(outcome, way)] if explain else []

    def heading(hunk: Hunk) -> str:
        return ", ".join(way.transforms_of(hunk))

    if outcome.before != outcome.after:
        out.append(_proven(outcome.name, outcome.before, outcome.after, heading))
    folder = posixpath.dirname(outcome.name)
    for name, text in outcome.new_files.items():
        out.append(_proven(posixpath.normpath(posixpath.join(folder, name)), None, text, lambda _: ""))
    return "".join(out)


def _proven(name: str, before: str | None, after: str, heading: Callable[[Hunk], str]) -> str:
    old, new = split_lines(before or ""), split_lines(after)
    source = "/dev/null" if before is None else _side("a", name)
    body = "".join(render(hunk, old, new, heading) for hunk in hunks_of(old, new))
    if not body:
        return ""
    diff = f"--- {source}\n+++ {_side('b', name)}\n{body}"
    prove(diff, before or "", after)
    return diff


def _side(prefix: str, name: str) -> str:
    # An absolute path stands below the prefix, as in `git diff --no-index`; a tab ends a name with spaces.
    path = f"{prefix}/{name.lstrip('/')}"
    return quoted(path) + ("\t" if " " in path else "")
