"""A proof as JSON, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from optimizer.prove.proof import Image, Proof
from optimizer.report.figures import figures

SCHEMA = 1


def document(name: str, proof: Proof, version: str, diff: str = "") -> str:
    """Return the proof as one JSON document; sizes in bytes, times in seconds, `diff` as text."""
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "dockopt": version,
        "path": name,
        "verdict": proof.verdict.value,
        "holds": proof.holds,
        "reasons": list(proof.reasons),
        "engine": proof.engine,
        "seconds": round(proof.seconds, 3),
        "before": _image(proof.before),
        "after": _image(proof.after),
        "figures": _figures(proof),
        "checks": [asdict(check) for check in proof.checks],
        "findings": [asdict(finding) for finding in proof.comparison.findings],
        "vulnerabilities": _scan(proof),
        "failure": _failure(proof),
        "diff": diff,
    }
    return json.dumps(value, indent=1) + "\n"


def _image(image: Image | None) -> dict[str, Any] | None:
    if image is None:
        return None
    reading = image.reading
    return {
        "name": image.name,
        "build_seconds": round(image.seconds, 3),
        "size": reading.sizes.total,
        "visible": reading.sizes.visible,
        "wasted": reading.sizes.wasted,
        "layers": [asdict(layer) | {"wasted": layer.wasted} for layer in reading.layers],
        "packages": dict(reading.packages.by_manager),
        "surface": asdict(reading.surface),
        "config": asdict(reading.config),
    }


def _figures(proof: Proof) -> dict[str, dict[str, float]]:
    return {row.name: {"before": row.numbers[0], "after": row.numbers[1]} for row in figures(proof)}


def _scan(proof: Proof) -> dict[str, Any] | None:
    scans = proof.scans
    if scans is None:
        return None
    found = {
        name: scan.by_severity if scan else None for name, scan in (("before", scans.before), ("after", scans.after))
    }
    return {"tool": scans.tool, "reason": scans.reason, **found}


def _failure(proof: Proof) -> dict[str, Any] | None:
    failure = proof.failure
    if failure is None:
        return None
    return {
        "path": failure.name,
        "line": failure.line,
        "instruction": failure.instruction,
        "reason": failure.reason,
        "output": list(failure.output),
    }
