"""Each application below fixtures/apps: its answer is the same from two stages, or from a slim base."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.engine.apps import App, all_apps, prove_app, way_of
from tests.engine.docker import Engine
from tests.engine.table import PROPERTY

APPS = all_apps()
ECOSYSTEMS = {"c", "dotnet", "go", "java", "node", "php", "python", "ruby", "rust"}


@pytest.mark.parametrize("app", APPS, ids=lambda a: a.name)
def test_app_goes_its_way(app: App) -> None:
    outcome = app.outcome(2)
    reasons = [item.reason for item in outcome.left]
    assert way_of(outcome) == app.way, reasons
    assert not app.reason or any(app.reason in reason for reason in reasons), reasons


@pytest.mark.parametrize("app", APPS, ids=lambda a: a.name)
def test_buildkit_reads_what_comes_out(app: App, tmp_path: Path) -> None:
    parser = pytest.importorskip("dockerfile")
    for level in (2, 3):
        parsed = parser.parse_string(app.outcome(level).after)
        assert [c.cmd.lower() for c in parsed].count("from") == 1 + (way_of(app.outcome(level)) == "stages")


@pytest.mark.engine
@pytest.mark.parametrize("app", [a for a in APPS if a.ci and not a.static], ids=lambda a: a.name)
def test_app_holds(app: App, engine: Engine, tmp_path: Path, record_property) -> None:
    missing = [base for base in app.bases if not engine.has(base)]
    if missing and os.environ.get("DOCKOPT_REQUIRE_ENGINE") != "1":
        pytest.skip(f"no base image {missing[0]}")
    assert not missing, f"no base image {missing}"
    report = prove_app(engine, app, tmp_path)
    record_property(PROPERTY, (app.name, report.sizes))
    assert not report.problems, "\n".join(report.problems)


def test_every_ecosystem_has_an_application() -> None:
    assert {app.ecosystem for app in APPS} >= ECOSYSTEMS
    assert all(app.about and (app.run or app.serve) for app in APPS)
