"""What the applications of the build context call when they run."""

from __future__ import annotations

import posixpath

from optimizer.context.files import BuildContext
from optimizer.context.sources.found import Found
from optimizer.context.sources.node import node_sources
from optimizer.context.sources.python import python_sources
from optimizer.facts.document import Document
from optimizer.facts.reader import Reader
from optimizer.facts.uses import Use

# What the C library itself brings.
_LIBC = frozenset({"c", "m", "dl", "rt", "pthread", "libc.so.6", "libm.so.6", "util"})
_SERVERS = {
    "python": frozenset(
        "gunicorn uvicorn hypercorn daphne waitress-serve flask celery streamlit django-admin fastapi uwsgi "
        "twistd mkdocs jupyter sanic quart locust scrapy airflow dagster rq huey granian python3".split()
    ),
    "node": frozenset("npm npx yarn pnpm pm2 pm2-runtime nodemon ts-node next nest tsx nuxt serve http-server".split()),
}


def read_applications(doc: Document, reader: Reader, images: frozenset[str]) -> list[str]:
    """Add the commands that the started applications call to a reader's uses; return what was not read.

    `images` are the official images below: an image of Python runs Python.
    """
    started = {name for name, _ in reader.applications}
    for name, servers in _SERVERS.items():
        if any(use.command in servers for use in reader.uses):
            started.add(name)
    if started:
        started |= images
    if not started:
        return []
    if doc.context is None:
        if not any(m.keyword in ("COPY", "ADD") or m.flag("mount") for s in doc.stages for m in s.members):
            return []
        return ["the application was not read, for there is no build context"]
    unread: list[str] = []
    if "python" in started:
        unread += _python(doc.context, reader)
    if "node" in started:
        unread += _node(doc.context, reader)
    unread += [f"sources of {name} are not read" for name in sorted(started & {"ruby", "perl", "php"})]
    return unread


def _python(context: BuildContext, reader: Reader) -> list[str]:
    sources = python_sources(context)
    unread = _add(reader, sources.commands)
    unread += [f"{f.place} loads the library {f.name}" for f in sources.libraries if f.name not in _LIBC]
    unread += [f"{f.path} can't be read: {f.name}" for f in sources.unreadable]
    return unread if sources.whole else [*unread, "the application is too large to be read"]


def _node(context: BuildContext, reader: Reader) -> list[str]:
    sources = node_sources(context)
    unread = _add(reader, sources.commands)
    return unread if sources.whole else [*unread, "the application is too large to be read"]


def _add(reader: Reader, commands: tuple[Found, ...]) -> list[str]:
    unread = []
    for found in commands:
        if found.name:
            reader.uses.append(Use(posixpath.basename(found.name), found.place, -1))
        else:
            unread.append(f"{found.place} runs a program that only the run can tell")
    return unread
