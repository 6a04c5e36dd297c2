"""The engine of a test run; what was built there is removed at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.engine.docker import Engine, answers


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Give a docker engine, and remove what the test built there."""
    if not answers():
        reason = "no Docker Engine answers"
        if os.environ.get("DOCKOPT_REQUIRE_ENGINE") == "1":
            pytest.fail(f"{reason}, and DOCKOPT_REQUIRE_ENGINE asks for one")
        pytest.skip(reason)
    found = Engine()
    try:
        yield found
    finally:
        found.clean()
