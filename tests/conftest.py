"""What all tests share with pytest: the table of image sizes at the end."""

from __future__ import annotations

from tests.engine.table import PROPERTY, lines


def pytest_terminal_summary(terminalreporter) -> None:
    """Print the sizes of the images that were built."""
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.getreports(kind) if r.when == "call"]
    rows = [value for report in reports for name, value in report.user_properties if name == PROPERTY]
    if rows:
        terminalreporter.section("images")
        for line in lines(rows):
            terminalreporter.write_line(line)
