"""A .dockerignore keeps from the builder what no COPY needs.

`COPY . .` takes all that lies in the folder: the history of the repository, dependencies of the host,
caches, a .env with passwords. All of it is sent to the builder, ends in the image, and changes it
where nothing that is built has changed. A .dockerignore beside the Dockerfile holds it back.

Before:
    FROM node:20-slim
    WORKDIR /app
    COPY . .
    RUN npm ci
    CMD ["node", "server.js"]
After:
    FROM node:20-slim
    WORKDIR /app
    COPY . .
    RUN npm ci
    CMD ["node", "server.js"]

The Dockerfile stays as it is; the new file names what is there and what the build makes itself:

    # made by the build
    node_modules

    # the build's own files
    .dockerignore
    Dockerfile

Safety: review. The image has fewer files. Nothing is held back that a COPY of any Dockerfile in the folder
names, that a script, a manifest or a source reads by its name, or that the build does not make itself.
Left alone: folders with a .dockerignore (it is told what that lacks); Dockerfiles that name what they copy;
.git where something asks for the history; .env where a library or a framework reads it.
"""

import os
import posixpath
from collections.abc import Iterator, Sequence

from optimizer.context.files import BuildContext
from optimizer.context.ignore import NAME
from optimizer.facts.document import Document
from optimizer.facts.unneeded import ITSELF, Unneeded, broad_copies, grouped, unneeded
from optimizer.rewrite.change import Change, Left, NewFile, Phase, Safety
from optimizer.rewrite.compose import left
from optimizer.rewrite.registry import transform

TITLE = "a .dockerignore keeps back what no COPY needs"


@transform(phase=Phase.CACHE, safety=Safety.REVIEW, triggers=["copy", "add"])
def find(doc: Document) -> Iterator[Change | Left]:
    """Find COPYs of the whole build context that take more than is needed."""
    if doc.context is None:
        return
    copies = broad_copies(doc)
    if not copies:
        return
    found = unneeded(doc)
    at = copies[0].start
    if isinstance(found, str):
        yield left(doc, at, TITLE, found)
        return
    ignore = doc.context.ignore
    lacking = [u for u in found if not ignore.ignores(u.pattern.removeprefix("**/"))]
    if ignore.name:
        there = [u for u in lacking if u.there]
        if there and not doc.context.planned:
            yield _advice(ignore.name, there, at)
        return
    if not all(u.minor for u in lacking):
        yield Change(
            title=TITLE,
            why="COPY . takes all that lies in the folder into the image, and each change of it builds anew",
            evidence="; ".join(f"{u.pattern}: {u.why}" for u in lacking if u.group != ITSELF),
            saves=_saves(lacking),
            at=at,
            files=(NewFile(_path(doc.context), _text(lacking, doc.newline)),),
        )


def _advice(name: str, lacking: Sequence[Unneeded], at: int) -> Change:
    names = ", ".join(u.pattern for u in lacking)
    return Change(
        title=f"{name} lacks {names}",
        why="COPY . takes it into the image",
        safety=Safety.ADVICE,
        evidence="; ".join(f"{u.pattern}: {u.why}" for u in lacking),
        at=at,
    )


def _path(context: BuildContext) -> str:
    """Return the place of the new file, seen from the Dockerfile's folder."""
    if context.dockerfile is None:
        return NAME
    folder = os.path.relpath(os.path.realpath(context.root), os.path.realpath(context.dockerfile.parent))
    return posixpath.normpath(posixpath.join(folder.replace(os.sep, "/"), NAME))


def _text(found: Sequence[Unneeded], newline: str) -> str:
    blocks = [
        newline.join([f"# {group}", *(u.pattern for u in listed)]) + newline for group, listed in grouped(found).items()
    ]
    return newline.join(blocks)


def _saves(found: Sequence[Unneeded]) -> str:
    there = [u.pattern for u in found if u.there]
    return f"what is there of {', '.join(there)}" if there else ""
