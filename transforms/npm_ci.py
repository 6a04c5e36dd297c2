"""npm installs what the lockfile says.

`npm install` may resolve versions anew and rewrite the lockfile, so that two builds of the same
sources differ. `npm ci` installs exactly what is locked, and is faster.

Before:
    FROM node:20
    WORKDIR /app
    COPY package.json package-lock.json ./
    RUN npm install --omit=dev
After:
    FROM node:20
    WORKDIR /app
    COPY package.json package-lock.json ./
    RUN npm ci --omit=dev

Safety: review. `npm ci` refuses a lockfile that does not fit package.json, and removes a node_modules
that is already there.
Left alone: installs of named or global packages, files without a build context to look into, a lockfile
that is not copied in front of the install, and one that does not fit package.json.
"""

import re
from collections.abc import Iterator

from optimizer.facts.copied import found_in_workdir
from optimizer.facts.document import Document
from optimizer.facts.node import npm_lock_problem
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import verbs_of
from optimizer.rewrite.compose import left, replace_word
from optimizer.rewrite.registry import transform

TITLE = "npm ci where there is a lockfile"
LOCKS = ("npm-shrinkwrap.json", "package-lock.json")
UNFIT = ("-g", "--global", "--prefix", "-C", "--location", "--no-package-lock", "--package-lock", "--no-shrinkwrap",
         "--save", "-S", "--save-dev", "-D", "--package-lock-only", "--dry-run")  # fmt: skip


@transform(
    phase=Phase.PACKAGES,
    safety=Safety.REVIEW,
    triggers=["npm"],
    claims=[verbs_of(["npm"], "install|i|in|ins|inst|add", "ci")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find installs of a locked project that do not keep to the lock."""
    if doc.context is None:
        return
    for call in doc.calls("npm"):
        if call.action not in ("install", "i") or call.operands or call.has(*UNFIT) or call.verb is None:
            continue
        manifest = found_in_workdir(doc, call.run, "package.json")
        lock = next((path for name in LOCKS if (path := found_in_workdir(doc, call.run, name))), None)
        edit = replace_word(call.run, call.verb, "ci")
        if manifest is None or lock is None or edit is None:
            continue
        problem = "npm before 5.7 has no npm ci" if _is_old(call) else npm_lock_problem(doc.context, manifest, lock)
        if problem:
            yield left(doc, edit.span.start, TITLE, problem)
            continue
        yield Change(
            title=TITLE,
            why="npm install may resolve versions anew, so that two builds of the same sources differ",
            edits=(edit,),
            evidence=f"{lock} is copied before, and fits {manifest}",
        )


def _is_old(call: Call) -> bool:
    """Whether an official image brings a Node older than 8.12, whose npm has no `npm ci`."""
    image = call.run.stage.root_image
    return image.official == "node" and re.match(r"(0|[4-7])(\D|\Z)", image.tag or "") is not None
