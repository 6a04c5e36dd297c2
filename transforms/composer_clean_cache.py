"""Composer's cache is emptied in the layer that filled it.

Composer keeps every archive that it downloads in its cache. Nothing reads it after the install, and a
later layer can only hide it.

Before:
    FROM php:8.3
    RUN composer install --no-dev
After:
    FROM php:8.3
    RUN composer install --no-dev && composer clear-cache

Safety: safe. A later install downloads what it needs again.
Left alone: RUNs with a cache mount over the cache, a Composer that is told to keep none, installs that
run only under a condition, and stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.managers import BY_NAME
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import cleaned, dues
from optimizer.rewrite.registry import transform

INSTALLS = BY_NAME["composer"].install - {"global"}


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    triggers=["composer"],
    claims=[commands_like(r"(.* )?\S*composer(\.phar)? clear-cache")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave Composer's cache in their layer."""
    for due in dues(doc, "composer", fills=_fills):
        if due.run.state.env.get("COMPOSER_CACHE_DIR") == "/dev/null":
            continue
        yield cleaned(
            doc,
            due,
            due.spelled("clear-cache"),
            title="Composer's cache emptied",
            why="the archives are not read again after the install, and a later layer could only hide them",
            saves="Composer's cache",
        )


def _fills(call: Call) -> bool:
    if call.has("--no-cache") or any(a.raw == "COMPOSER_CACHE_DIR=/dev/null" for a in call.command.assignments):
        return False
    if call.action == "global":
        return bool(call.operands) and call.operands[0].value in INSTALLS
    return call.action in INSTALLS
