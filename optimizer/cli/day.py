"""The day by which support is over or not."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from optimizer.cli.errors import InputError

today_option = click.option(
    "--today", metavar="DAY", help="Tell what is out of support on this day (YYYY-MM-DD); default: today."
)


def day_of(text: str | None) -> str:
    """Return the ISO day that is given, or today's (UTC)."""
    if text is None:
        return datetime.now(UTC).date().isoformat()
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()
    except ValueError:
        raise InputError(f"--today: {text!r} is not a day like 2026-11-24") from None
