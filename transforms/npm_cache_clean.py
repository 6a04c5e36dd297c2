"""npm's cache is emptied in the layer that filled it.

npm keeps every package that it downloads a second time, in its cache. Nothing reads it after the
install, and a later layer can only hide it.

Before:
    FROM node:20
    RUN npm ci
After:
    FROM node:20
    RUN npm ci && npm cache clean --force

Safety: safe. A later install downloads what it needs again. `npm cache clean` gets the `--force`
without which npm refuses since version 5.
Left alone: RUNs with a cache mount over the cache, files that install with `--offline`, installs that
run only under a condition, and stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import cleaned, dues, is_clean
from optimizer.rewrite.compose import insert
from optimizer.rewrite.registry import transform


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    see=["binnacle:npmCacheCleanAfterInstall", "binnacle:npmCacheCleanUseForce"],
    triggers=["npm"],
    claims=[commands_like(r"(.* )?\S*npm cache (clean|clear|rm)( --force)?")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave npm's cache in their layer, and clean-ups that npm refuses."""
    for call in doc.calls("npm"):
        if is_clean(call) and len(call.operands) == 1 and not call.options:
            yield Change(
                title="npm cache clean with --force",
                why="since version 5 npm refuses to clean without it",
                edits=(insert(call.run.behind(call.operands[0].end), " --force"),),
            )
    if any(call.has("--offline") for call in doc.calls("npm")):
        return
    for due in dues(doc, "npm"):
        yield cleaned(
            doc,
            due,
            due.spelled("cache clean --force"),
            title="npm cache emptied",
            why="npm keeps a second copy of each package, which nothing reads after the install",
            saves="npm's cache",
        )
