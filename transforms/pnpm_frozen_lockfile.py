"""pnpm installs what the lockfile says.

`pnpm install` may resolve versions anew and rewrite the lockfile, so that two builds of the same sources
differ. With `--frozen-lockfile` it installs exactly what is locked, or fails.

Before:
    FROM node:20
    WORKDIR /app
    COPY package.json pnpm-lock.yaml ./
    RUN pnpm install
After:
    FROM node:20
    WORKDIR /app
    COPY package.json pnpm-lock.yaml ./
    RUN pnpm install --frozen-lockfile

Safety: review. The build fails once the lockfile does not fit package.json any more.
Left alone: installs of named packages, files without a build context to look into, a lockfile that is
not copied in front of the install, and one that does not fit package.json.
"""

from collections.abc import Iterator

from optimizer.facts.copied import found_in_workdir
from optimizer.facts.document import Document
from optimizer.facts.node import pnpm_lock_problem
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after, left
from optimizer.rewrite.registry import transform

FLAG = "--frozen-lockfile"
TITLE = "pnpm keeps to the lockfile"
UNFIT = (
    FLAG,
    "--no-frozen-lockfile",
    "--lockfile-only",
    "--fix-lockfile",
    "--no-lockfile",
    "-C",
    "--dir",
    "-g",
    "--global",
)


@transform(
    phase=Phase.PACKAGES,
    safety=Safety.REVIEW,
    triggers=["pnpm"],
    claims=[words_of(["pnpm"], FLAG)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find installs of a locked project that do not keep to the lock."""
    if doc.context is None:
        return
    for call in doc.calls("pnpm"):
        if call.action not in ("install", "i") or call.operands or call.has(*UNFIT) or call.verb is None:
            continue
        manifest = found_in_workdir(doc, call.run, "package.json")
        lock = found_in_workdir(doc, call.run, "pnpm-lock.yaml")
        if manifest is None or lock is None:
            continue
        problem = pnpm_lock_problem(doc.context, manifest, lock)
        if problem:
            yield left(doc, call.run.offset(call.words[0].start), TITLE, problem)
            continue
        yield Change(
            title=TITLE,
            why="without it pnpm may resolve versions anew, so that two builds of the same sources differ",
            edits=(insert_after(call, call.verb, f" {FLAG}"),),
            evidence=f"{lock} is copied before, and fits {manifest}",
        )
