"""A proof as Markdown, for a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optimizer.prove.proof import Proof
from optimizer.report.figures import check_line, figures, headline, scanner, standing, tallied
from optimizer.report.notes import plain
from optimizer.report.verify import NOT_RUN, build_failure

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def markdown(name: str, proof: Proof, diff: str = "") -> str:
    """Return the whole of a proof as Markdown; `diff` is put in a fold."""
    return "\n".join(_lines(name, proof, diff)) + "\n"


def _lines(name: str, proof: Proof, diff: str) -> Iterator[str]:
    yield f"### {_text(name)}: {_text(headline(proof))}"
    if proof.failure is not None:
        yield ""
        yield from _fence("\n".join(build_failure(proof.failure)))
    if proof.problem:
        yield from ("", _text(proof.problem))
    found = figures(proof)
    if found:
        yield from ("", "| | before | after | |", "|---|---:|---:|---:|")
        for row in found:
            yield f"| {row.name} | {_text(row.before)} | {_text(row.after)} | {row.change} |"
    if proof.scans is not None:
        yield from ("", _text(scanner(proof.scans)))
    if proof.checks:
        yield from ("", f"Run with {_text(proof.engine)}:", "")
        yield from (f"- [{'x' if check.holds else ' '}] {_text(check_line(check))}" for check in proof.checks)
    elif proof.after is not None:
        yield from ("", NOT_RUN)
    if proof.after is not None:
        yield from _findings(proof)
    if diff:
        yield from ("", "<details><summary>The diff</summary>", "")
        yield from _fence(diff.rstrip("\n"), "diff")
        yield from ("", "</details>")


def _findings(proof: Proof) -> Iterator[str]:
    yield from ("", f"Compared file by file: {tallied(proof.comparison)}.")
    shown = [f for f in proof.comparison.findings if f.severity != "noted"]
    if shown:
        yield ""
    for finding in shown:
        why = f" ({finding.explained_by})" if finding.explained_by else ""
        mark = "x" if standing(finding) == "ok" else " "
        yield f"- [{mark}] {_text(f'{finding.where}: {finding.what}{why}')}"


def _fence(text: str, language: str = "") -> Iterator[str]:
    ticks = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, ticks + 1)
    yield f"{fence}{language}"
    yield text
    yield fence


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", plain(text))
