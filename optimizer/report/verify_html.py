"""A proof as one HTML page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from optimizer.prove.image.types import ImageReading
from optimizer.prove.proof import Proof
from optimizer.report.figures import check_line, figures, headline, megabytes, scanner, standing, tallied
from optimizer.report.lines import split_lines
from optimizer.report.notes import plain
from optimizer.report.verify import NOT_RUN, build_failure

_SIGNS = {"+": "added", "-": "removed", "@": "place", "#": "note"}


class Bar(NamedTuple):
    """One layer as a bar: its size and what of it is wasted, in per cent of the larger image, and what made it."""

    width: float
    wasted: float
    size: str
    lost: str
    made_by: str


def page(name: str, proof: Proof, version: str, diff: str = "") -> str:
    """Return the page; `diff` is shown with its reasons."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("optimizer.report", ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("verify.html.j2").render(_values(name, proof, version, diff)) + "\n"


def _values(name: str, proof: Proof, version: str, diff: str) -> dict[str, Any]:
    readings = [image.reading for image in (proof.before, proof.after) if image is not None]
    most = max((reading.sizes.total for reading in readings), default=0) or 1
    return {
        "name": plain(name),
        "version": version,
        "engine": proof.engine,
        "seconds": f"{proof.seconds:.0f}",
        "verdict": headline(proof),
        "holds": proof.holds,
        "problem": plain(proof.problem),
        "failure": "\n".join(build_failure(proof.failure)) if proof.failure else "",
        "rows": [(r.name, r.before, r.after, r.change) for r in figures(proof)],
        "scanner": plain(scanner(proof.scans)),
        "images": [
            (title, megabytes(reading.sizes.total), list(_bars(reading, most)))
            for title, reading in zip(("before", "after"), readings, strict=False)
        ],
        "checks": [(check.holds, check_line(check)) for check in proof.checks],
        "not_run": NOT_RUN,
        "compared": tallied(proof.comparison) if proof.after is not None else "",
        "findings": [
            (standing(f), f.severity, plain(f.where), plain(f.what), f.explained_by) for f in proof.comparison.findings
        ],
        "diff": list(_diff_lines(split_lines(diff))),
    }


def _bars(reading: ImageReading, most: int) -> Iterator[Bar]:
    for layer in reading.layers:
        yield Bar(
            round(100 * (layer.size - layer.wasted) / most, 2),
            round(100 * layer.wasted / most, 2),
            megabytes(layer.size),
            megabytes(layer.wasted) if layer.wasted else "",
            plain(layer.created_by),
        )


def _diff_lines(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        kind = "head" if line.startswith(("--- ", "+++ ")) else _SIGNS.get(line[:1], "")
        yield kind, line.rstrip("\r\n").encode("utf-8", "backslashreplace").decode()
