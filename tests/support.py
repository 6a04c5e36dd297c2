"""What the tests share: running transforms on text, and reading fixtures."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path

from optimizer.catalog.live import Live, LiveFacts
from optimizer.context.files import BuildContext
from optimizer.facts.settings import Settings
from optimizer.rewrite.change import Outcome
from optimizer.rewrite.pipeline import Options, optimize
from optimizer.rewrite.registry import all_transforms, select
from optimizer.syntax import Source

# The day that the tests take for today: what is past its end of life must not change under them.
DAY = "2026-11-23"
ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"


def run(
    text: str | bytes,
    *names: str,
    level: int = 3,
    settings: Settings | None = None,
    context: Path | None = None,
) -> Outcome:
    """Optimize `text` with the named transforms (all of them if none is named)."""
    source = Source.from_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))
    options = Options(
        level=level,
        transforms=select(all_transforms(), names, ()),
        settings=settings or Settings(today=DAY),
        context=BuildContext(context) if context else None,
    )
    outcome = optimize(source, options)
    assert outcome.faults == ()
    return outcome


def fixed(
    text: str | bytes, *names: str, level: int = 3, settings: Settings | None = None, context: Path | None = None
) -> str:
    """Return the optimized text, and prove that a second run finds nothing more."""
    after = run(text, *names, level=level, settings=settings, context=context).after
    again = run(after, *names, level=level, settings=settings, context=context).after
    assert again == after, "the second run is not empty"
    return after


def case_options(folder: Path) -> dict[str, object]:
    """Read a fixture's `case.toml`: level, settings, and whether the folder is the build context."""
    file = folder / "case.toml"
    return tomllib.loads(file.read_text()) if file.exists() else {}


def live_of(options: dict[str, object]) -> LiveFacts | None:
    """Return what a case says that registries answered: a table of images with their platforms, [] for none."""
    answers = options.get("live")
    if not isinstance(answers, dict):
        return None
    return LiveFacts(
        {
            name: Live(
                bool(platforms),
                tuple(platforms),
                asked_at="2026-11-24T12:00:00+00:00",
                source="registry.test",
                digest="sha256:" + "ab" * 32,
            )
            for name, platforms in answers.items()
        }
    )


def plain_diff(before: str, after: str) -> str:
    """Return a unified diff without anything around it."""
    lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), "before", "after")
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)
