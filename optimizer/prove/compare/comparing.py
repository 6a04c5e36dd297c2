"""Compares two images with every check."""

from __future__ import annotations

from dataclasses import replace

from optimizer.facts.document import Document
from optimizer.prove.compare.causes import causes_of
from optimizer.prove.compare.config import compare_config
from optimizer.prove.compare.files import compare_files, compare_links, compare_packages
from optimizer.prove.compare.reached import Reached
from optimizer.prove.compare.running import compare_commands, compare_libraries, compare_scripts, compare_users
from optimizer.prove.compare.sides import sides_of
from optimizer.prove.compare.types import Comparison
from optimizer.prove.compare.vanished import compare_vanished
from optimizer.prove.image import ImageReading, shown
from optimizer.rewrite.change import Outcome
from optimizer.syntax import parse

_ORDER = {"broken": 0, "differs": 1, "noted": 2}


def compare(before: ImageReading, after: ImageReading, outcome: Outcome | None = None) -> Comparison:
    """Compare two images and return all that differs.

    `outcome` is the rewrite that made the second Dockerfile of the first: its Changes explain
    differences, and its texts tell which layers are the base images'. Without one nothing is explained.
    """
    causes = causes_of(outcome)
    new = Document(parse(outcome.after)) if outcome else None
    old_side, new_side = sides_of(before, after, causes.document, new)
    reached = Reached(new_side)
    findings = [
        *compare_users(old_side, new_side, causes),
        *compare_commands(old_side, new_side, reached, causes),
        *compare_scripts(old_side, new_side, reached, causes),
        *compare_libraries(old_side, new_side, reached, causes),
        *compare_links(old_side, new_side, causes),
        *compare_config(before.config, after.config, causes),
        *compare_files(old_side, new_side, causes),
        *compare_packages(old_side, new_side, causes),
        *compare_vanished(old_side, new_side, reached, causes),
    ]
    # Names in an image are anybody's: they are made fit for a terminal here, once for all reports.
    printable = (replace(f, what=shown(f.what), where=shown(f.where)) for f in findings)
    return Comparison(tuple(sorted(printable, key=lambda f: _ORDER[f.severity])))
