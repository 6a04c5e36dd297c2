"""Each sample below fixtures/images: the image is the same but for what the changes claim."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.engine.cases import Case, all_cases
from tests.engine.docker import Engine
from tests.engine.proof import prove
from tests.engine.table import PROPERTY

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("case", all_cases(), ids=lambda c: c.name)
def test_image_holds(case: Case, engine: Engine, tmp_path: Path, record_property) -> None:
    missing = [base for base in case.bases if not engine.has(base)]
    if missing and os.environ.get("DOCKOPT_REQUIRE_ENGINE") != "1":
        pytest.skip(f"no base image {missing[0]}")
    assert not missing, f"no base image {missing}"
    proof = prove(engine, case, tmp_path)
    record_property(PROPERTY, (case.name, proof.sizes))
    assert not proof.problems, "\n".join(proof.problems)
