"""yarn installs what the lockfile says.

`yarn install` may resolve versions anew and rewrite the lockfile, so that two builds of the same sources
differ. With `--frozen-lockfile` it installs exactly what is locked, or fails.

Before:
    FROM node:20
    WORKDIR /app
    COPY package.json yarn.lock ./
    RUN yarn install
After:
    FROM node:20
    WORKDIR /app
    COPY package.json yarn.lock ./
    RUN yarn install --frozen-lockfile

Safety: review. The build fails once the lockfile does not fit package.json any more.
Left alone: yarn 2 and later, installs of named packages, files without a build context to look into, a lockfile that is
not copied in front of the install, and one that does not fit package.json.
"""

from collections.abc import Iterator

from optimizer.facts.copied import found_in_workdir
from optimizer.facts.document import Document
from optimizer.facts.node import is_classic_yarn, yarn_lock_problem
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after, left
from optimizer.rewrite.registry import transform

FLAG = "--frozen-lockfile"
TITLE = "yarn keeps to the lockfile"
UNFIT = (FLAG, "--pure-lockfile", "--no-lockfile", "--immutable", "--cwd", "--version", "-v", "--help", "-h")


@transform(
    phase=Phase.PACKAGES,
    safety=Safety.REVIEW,
    triggers=["yarn"],
    claims=[words_of(["yarn", "yarnpkg"], FLAG)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find installs of a locked project that do not keep to the lock."""
    if doc.context is None:
        return
    for call in doc.calls("yarn"):
        if call.action not in ("install", "") or call.operands or call.has(*UNFIT):
            continue
        manifest = found_in_workdir(doc, call.run, "package.json")
        lock = found_in_workdir(doc, call.run, "yarn.lock")
        if manifest is None or lock is None or is_classic_yarn(doc, call) is False:
            continue
        problem = yarn_lock_problem(doc.context, manifest, lock)
        if problem:
            yield left(doc, call.run.offset(call.words[0].start), TITLE, problem)
            continue
        yield Change(
            title=TITLE,
            why="without it yarn may resolve versions anew, so that two builds of the same sources differ",
            edits=(insert_after(call, call.verb or call.words[0], f" {FLAG}"),),
            evidence=f"{lock} is copied before, and fits {manifest}",
        )
