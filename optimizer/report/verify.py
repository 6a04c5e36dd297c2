"""A proof as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.prove.engines.base import BuildFailed
from optimizer.prove.proof import Proof
from optimizer.report.colour import PLAIN, Palette
from optimizer.report.figures import Row, check_line, figures, headline, scanner, standing, tallied
from optimizer.report.notes import harmless, plain
from optimizer.report.quoting import quoted

NOT_RUN = "Neither image was run."


def table(name: str, proof: Proof, palette: Palette = PLAIN) -> str:
    """Return the whole of a proof as text; `name` is what was proven."""
    return "\n".join(_lines(name, proof, palette)) + "\n"


def build_failure(failure: BuildFailed) -> Iterator[str]:
    """Yield lines that tell which instruction failed, where, why, and what it printed last."""
    place = f"{quoted(failure.name)}:{failure.line}" if failure.line else quoted(failure.name)
    yield f"{place}: {plain(failure.reason)}"
    yield from (f"    {harmless(line)}" for line in failure.instruction.splitlines())
    if failure.output:
        yield "its last lines:"
        yield from (f"    {harmless(line)}" for line in failure.output)


def _lines(name: str, proof: Proof, palette: Palette) -> Iterator[str]:
    yield palette.strong(f"{quoted(name)}: {headline(proof)}")
    if proof.failure is not None:
        yield ""
        yield from build_failure(proof.failure)
    if proof.problem:
        yield ""
        yield plain(proof.problem)
    found = figures(proof)
    if found:
        yield ""
        yield from _table(found)
    if proof.scans is not None:
        yield from ("", plain(scanner(proof.scans)))
    if proof.checks:
        yield ""
        yield f"Run with {proof.engine}:"
        yield from (f"  {_mark('ok' if check.holds else 'no', palette)} {check_line(check)}" for check in proof.checks)
    elif proof.after is not None:
        yield from ("", NOT_RUN)
    yield from _findings(proof, palette)


def _table(found: Sequence[Row]) -> Iterator[str]:
    width = max(10, *(len(row.before) for row in found))
    second = max(10, *(len(row.after) for row in found))
    yield f"  {'':<18}{'before':>{width}}  {'after':>{second}}"
    for row in found:
        line = f"  {row.name:<18}{row.before:>{width}}  {row.after:>{second}}  {row.change}"
        yield line.rstrip()


def _findings(proof: Proof, palette: Palette) -> Iterator[str]:
    if proof.after is None:
        return
    yield ""
    yield f"Compared file by file: {tallied(proof.comparison)}"
    for finding in proof.comparison.findings:
        if finding.severity != "noted":
            why = f" ({finding.explained_by})" if finding.explained_by else ""
            yield f"  {_mark(standing(finding), palette)} {plain(f'{finding.where}: {finding.what}{why}')}"


def _mark(word: str, palette: Palette) -> str:
    padded = f"{word:<2}"
    return palette.error(padded) if word == "no" else palette.strong(padded) if word == "?" else padded
