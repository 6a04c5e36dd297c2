"""Every transform against its cases: fixtures/transforms/<name>/<case>/Dockerfile to a diff."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from optimizer.facts.settings import Settings
from optimizer.rewrite.registry import all_transforms
from tests.support import DAY, FIXTURES, case_options, fixed, live_of, plain_diff, run

CASES = sorted(p.parent for p in (FIXTURES / "transforms").glob("*/*/Dockerfile"))


@pytest.mark.parametrize("folder", CASES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_case(folder: Path, snapshot) -> None:
    options = case_options(folder)
    name = folder.parent.name
    chosen = {k: v for k, v in options.items() if k in ("caches", "merge")}
    targets = tuple(options.get("targets", ()))
    settings = Settings(**chosen, targets=targets, live=live_of(options), today=DAY)
    context = folder if options.get("context") else None
    level = int(options.get("level", 3))
    before = (folder / "Dockerfile").read_bytes()
    names = options.get("with", [])
    fixed(before, name, *names, level=level, settings=settings, context=context)
    outcome = run(before, name, *names, level=level, settings=settings, context=context)
    lines = [f"# {a.transform} [{a.safety.value}] {a.line}:{a.column} {a.change.title}\n" for a in outcome.applied]
    lines += [f"# left {item.line}:{item.column} {item.title}: {item.reason}\n" for item in outcome.left]
    lines += [f"# advice {a.line}:{a.column} {a.change.title}\n" for a in outcome.advice]
    snapshot.snapshot_dir = os.fspath(folder)
    text = "".join(lines) + plain_diff(outcome.before, outcome.after)
    snapshot.assert_match(text.encode("utf-8", "surrogateescape"), "expected.diff")


def test_every_transform_has_cases() -> None:
    covered = {p.parent.name for p in CASES}
    assert {t.name for t in all_transforms()} <= covered
