"""The ecosystems: one module each, found by its name.

Each has one public function `split_of(doc, stage)`: a Split, a Refused with the reason, or None where the stage
is not its own. They are asked in the order of their names, `generic` last.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.split import Verdict


@cache
def names() -> tuple[str, ...]:
    """Return the names of the ecosystems in the order in which they are asked."""
    found = sorted(info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_"))
    return (*(n for n in found if n != "generic"), *(n for n in found if n == "generic"))


def verdict_of(doc: Document, stage: Stage) -> Verdict:
    """Return what the first ecosystem says that knows the stage, None where none does."""
    for name in names():
        module = importlib.import_module(f"{__name__}.{name}")
        verdict: Verdict = module.split_of(doc, stage)
        if verdict is not None:
            return verdict
    return None
