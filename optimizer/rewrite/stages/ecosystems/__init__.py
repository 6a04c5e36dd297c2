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
from optimizer.syntax.patterns import pattern

# Without one of these words in a file its ecosystem has nothing to say of it, and need not be loaded.
_COMPILERS = r"gcc|g\+\+|clang|\bcc\b|make|configure|meson|ninja|gfortran|tcc"
_WORDS = {
    "c": pattern(_COMPILERS),
    "dotnet": pattern(r"dotnet"),
    "generic": pattern(rf"{_COMPILERS}|\bgo\b|golang|cargo|rustc|javac|mvn|gradle|build-essential|build-base"),
    "go": pattern(r"golang"),
    "java": pattern(r"maven|gradle|jdk|java|temurin|corretto|semeru|sapmachine"),
    "node": pattern(r"node|npm|yarn|pnpm|bun"),
    "php": pattern(r"php|composer"),
    "python": pattern(r"python|pypy|pip|conda|poetry|\buv\b"),
    "ruby": pattern(r"ruby|bundle|\bgem\b|rails"),
    "rust": pattern(r"rust"),
}


@cache
def names() -> tuple[str, ...]:
    """Return the names of the ecosystems in the order in which they are asked."""
    found = sorted(info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_"))
    return (*(n for n in found if n != "generic"), *(n for n in found if n == "generic"))


def verdict_of(doc: Document, stage: Stage) -> Verdict:
    """Return what the first ecosystem says that knows the stage, None where none does."""
    for name in names():
        words = _WORDS.get(name)
        if words is not None and not words.search(doc.lowered):
            continue
        module = importlib.import_module(f"{__name__}.{name}")
        verdict: Verdict = module.split_of(doc, stage)
        if verdict is not None:
            return verdict
    return None
