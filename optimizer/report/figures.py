"""The figures of two images, side by side, as every report of a proof shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from optimizer.prove.compare.types import Comparison, Finding
from optimizer.prove.image.types import ImageReading
from optimizer.prove.proof import Proof, Verdict
from optimizer.prove.running.types import Check
from optimizer.prove.scan import Scans
from optimizer.report.notes import plain


class Row(NamedTuple):
    """One figure: its name, before and after as text, the numbers behind them, and what became of them."""

    name: str
    before: str
    after: str
    numbers: tuple[float, float]
    change: str = ""


def megabytes(size: float) -> str:
    """Return a size in bytes as docker shows it: in steps of a thousand."""
    for unit, least in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= least:
            return f"{size / least:.1f} {unit}"
    return f"{size:.0f} B"


def change(before: float, after: float) -> str:
    """Return what became of a size, in per cent, "" where nothing did."""
    text = f"{(after - before) / before:+.0%}" if before else ""
    return "" if text in ("+0%", "-0%") else text


def figures(proof: Proof) -> list[Row]:
    """Return all figures of a proof in the order in which they are shown, none where there are not two images."""
    if proof.before is None or proof.after is None:
        return []
    return [*rows(proof.before.reading, proof.after.reading), *vulnerabilities(proof.scans)]


def rows(before: ImageReading, after: ImageReading) -> Iterator[Row]:
    """Yield the figures of two images."""
    yield _row("size", before, after, lambda r: r.sizes.total, megabytes)
    yield _row("layers", before, after, lambda r: len(r.layers))
    yield _row("wasted", before, after, lambda r: r.sizes.wasted, megabytes)
    managers = zip(before.packages.by_manager, after.packages.by_manager, strict=True)
    for (name, old), (_, new) in managers:
        if old or new:
            numbers = len(old), len(new)
            yield Row(f"{name} packages", str(len(old)), str(len(new)), numbers, _count(*numbers))
    yield _row("executables", before, after, lambda r: len(r.surface.executables))
    yield _row("setuid files", before, after, lambda r: len(r.surface.setuid) + len(r.surface.setgid))
    first, second = before.surface, after.surface
    yield _named("shells", first.shells, second.shells)
    yield _named("package managers", first.package_managers, second.package_managers)
    yield _named("download tools", first.download_tools, second.download_tools)


def _row(
    name: str,
    before: ImageReading,
    after: ImageReading,
    number: Callable[[ImageReading], float],
    show: Callable[[float], str] = lambda n: f"{n:.0f}",
) -> Row:
    old, new = number(before), number(after)
    return Row(name, show(old), show(new), (old, new), (change if show is megabytes else _count)(old, new))


def _count(before: float, after: float) -> str:
    return f"{after - before:+.0f}" if before != after else ""


def _named(name: str, before: Sequence[str], after: Sequence[str]) -> Row:
    old, new = _names(before), _names(after)
    return Row(name, ", ".join(old) or "none", ", ".join(new) or "none", (len(old), len(new)))


def _names(paths: Sequence[str]) -> list[str]:
    return sorted({path.rpartition("/")[2] for path in paths})


def vulnerabilities(scans: Scans | None) -> Iterator[Row]:
    """Yield the known vulnerabilities by severity, those severities that one of the images has."""
    if scans is None or scans.before is None or scans.after is None:
        return
    old, new = scans.before.by_severity, scans.after.by_severity
    for severity in old:
        if old[severity] or new[severity]:
            numbers = old[severity], new[severity]
            yield Row(f"{severity} CVEs", str(numbers[0]), str(numbers[1]), numbers, _count(*numbers))


def scanner(scans: Scans | None) -> str:
    """Return a sentence without a full stop: which scanner counted, or why none did."""
    if scans is None:
        return ""
    if scans.before is None or scans.after is None:
        return scans.reason
    total = [len(scan.vulnerabilities) for scan in (scans.before, scans.after)]
    return f"known vulnerabilities by {scans.tool}: {total[0]} before, {total[1]} after"


def headline(proof: Proof) -> str:
    """Return the verdict as a sentence without a full stop."""
    said = {
        Verdict.HOLDS: "holds: the second image can stand for the first",
        Verdict.DOES_NOT_HOLD: "does not hold",
        Verdict.DOES_NOT_BUILD: "does not hold: it does not build",
        Verdict.ORIGINAL_DOES_NOT_BUILD: "not checked: the original does not build",
        Verdict.ORIGINAL_DOES_NOT_RUN: "not checked: the original does not run",
    }[proof.verdict]
    if proof.holds and proof.before and proof.after:
        old, new = (image.reading.sizes.total for image in (proof.before, proof.after))
        said += f"; {megabytes(old)} became {megabytes(new)}"
        said += f" ({change(old, new)})" if change(old, new) else ""
    return said


def standing(finding: Finding) -> str:
    """Return "ok" for a difference that a change explains or that is for the record, "no" for what broke, else "?"."""
    if finding.severity == "broken":
        return "no"
    return "ok" if finding.explained_by or finding.severity == "noted" else "?"


def tallied(comparison: Comparison) -> str:
    """Return how many differences there are of each kind, as a sentence without a full stop."""
    broken, open_ = len(comparison.broken), len(comparison.unexplained)
    explained = sum(f.severity == "differs" for f in comparison.findings) - open_
    noted = len(comparison.findings) - broken - open_ - explained
    return f"{broken} broken, {open_} unexplained, {explained} explained by a change, {noted} for the record"


def check_line(check: Check) -> str:
    """Return what came of a check, on one line."""
    if check.holds:
        seen = f": {_cut(check.before)}" if check.before else ": nothing"
    else:
        seen = f": before {_cut(check.before) or 'nothing'}, after {_cut(check.after) or 'nothing'}"
    note = f" ({check.note})" if check.note else ""
    return plain(f"{check.name}, {check.how}{seen}{note}")


def _cut(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= 100 else joined[:97] + "..."
