"""yarn's cache is emptied in the layer that filled it.

yarn 1 keeps every package that it downloads a second time, in its cache. Nothing reads it after the
install, and a later layer can only hide it.

Before:
    FROM node:20
    COPY package.json yarn.lock ./
    RUN yarn install --frozen-lockfile
After:
    FROM node:20
    COPY package.json yarn.lock ./
    RUN yarn install --frozen-lockfile && yarn cache clean

Safety: safe. A later install downloads what it needs again. Where the files do not show whether it is
yarn 1, the change is for review: later ones can run the application out of their cache.
Left alone: yarn 2 and later (`.yarnrc.yml`, corepack, `yarn set version`), RUNs with a cache mount over
the cache, files that install with `--offline`, and stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.node import is_classic_yarn
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import cleaned, dues
from optimizer.rewrite.registry import transform


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    see=["hadolint:DL3060", "parfum:yarnCacheCleanAfterInstall"],
    triggers=["yarn"],
    claims=[commands_like(r"(.* )?\S*yarn(pkg)? cache clean")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave yarn's cache in their layer."""
    if any(call.has("--offline") for call in doc.calls("yarn")):
        return
    for due in dues(doc, "yarn", fills=_fills):
        classic = is_classic_yarn(doc, due.call)
        if classic is False:
            continue
        yield cleaned(
            doc,
            due,
            due.spelled("cache clean"),
            title="yarn's cache emptied",
            why="yarn keeps a second copy of each package, which nothing reads after the install",
            saves="yarn's cache",
            safety=None if classic else Safety.REVIEW,
            evidence="yarn 1" if classic else "the files do not show whether it is yarn 1",
        )


def _fills(call: Call) -> bool:
    if call.verb is None:
        return not call.has("-v", "-h")
    if call.action == "global":
        return bool(call.operands) and call.operands[0].value in ("add", "upgrade")
    return call.action in ("install", "add", "upgrade")
