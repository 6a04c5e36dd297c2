"""uv keeps no copies of what it downloads.

uv stores every package in its cache. In an image nothing installs the same package a second time.

Before:
    FROM python:3.12
    RUN uv pip install --system -r requirements.txt
After:
    FROM python:3.12
    RUN uv pip install --no-cache --system -r requirements.txt

Safety: safe. The same packages are installed.
Left alone: RUNs with a mount over the cache, a cache in a place of its own (`UV_CACHE_DIR`,
`--cache-dir`), and UV_NO_CACHE in the environment.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.folders import keeps_cache
from optimizer.facts.managers import BY_NAME
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after
from optimizer.rewrite.registry import transform
from optimizer.syntax.shell import Word

UV = BY_NAME["uv"]
FLAG = "--no-cache"
# Verbs that install, and those of them that stand in front of another one.
INSTALLS = {"sync": (), "add": (), "pip": ("install", "sync"), "tool": ("install",)}


@transform(phase=Phase.CLEAN, safety=Safety.SAFE, triggers=["uv"], claims=[words_of(["uv"], FLAG)])
def find(doc: Document) -> Iterator[Change]:
    """Find calls of uv that fill its cache."""
    for run in [*doc.runs, *doc.triggers]:
        env = run.state.env
        if not run.editable or keeps_cache(run, UV) or "UV_NO_CACHE" in env or "UV_CACHE_DIR" in env:
            continue
        for call in run.calls:
            verb = _verb(call)
            if verb is None or call.has(FLAG, "-n", "--no-cache-dir", "--cache-dir", "--offline"):
                continue
            if any(a.raw.startswith(("UV_NO_CACHE=", "UV_CACHE_DIR=")) for a in call.command.assignments):
                continue
            yield Change(
                title="uv without a cache",
                why="nothing installs from its cache a second time",
                edits=(insert_after(call, verb, f" {FLAG}"),),
                saves="uv's cache",
            )


def _verb(call: Call) -> Word | None:
    """Return the word behind which options of the install stand."""
    if not call.is_("uv", *INSTALLS):
        return None
    inner = INSTALLS[call.action]
    if not inner:
        return call.verb
    first = call.operands[0] if call.operands else None
    return first if first is not None and first.value in inner else None
