"""pip keeps no copies of what it downloads.

pip stores every download, and every wheel that it builds, in its cache. In an image nothing installs
the same package a second time, so that the copies are weight only.

Before:
    FROM python:3.12
    RUN pip install -r requirements.txt
After:
    FROM python:3.12
    RUN pip install --no-cache-dir -r requirements.txt

Safety: safe. The same packages are installed.
Left alone: RUNs with a cache mount over the cache, a cache in a place of its own (`PIP_CACHE_DIR`,
`--cache-dir`), PIP_NO_CACHE_DIR in the environment, and a pip that may be older than 6.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.folders import keeps_cache
from optimizer.facts.python import PIP, caches, has_old_pip, moved_cache
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after, left
from optimizer.rewrite.registry import transform

PROGRAMS = ["pip", "pip2", "pip3", *(f"pip{major}.{minor}" for major in (2, 3) for minor in range(30))]
FLAG = "--no-cache-dir"
TITLE = "pip {} without a cache"


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    see=["hadolint:DL3042", "binnacle:pipUseNoCacheDir"],
    triggers=["pip"],
    claims=[words_of(PROGRAMS, FLAG)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find calls of pip that fill its cache."""
    for run in [*doc.runs, *doc.triggers]:
        if not run.editable or keeps_cache(run, PIP):
            continue
        for call in run.calls:
            if not call.is_("pip", *PIP.install) or call.verb is None or not caches(doc, call):
                continue
            at = run.offset(call.words[0].start)
            if moved_cache(run, call):
                yield left(doc, at, TITLE.format(call.action), "its cache is put to a place of its own")
            elif has_old_pip(doc, call):
                yield left(
                    doc, at, TITLE.format(call.action), "this pip may be older than pip 6, which brought the option"
                )
            else:
                yield Change(
                    title=TITLE.format(call.action),
                    why="nothing installs from its cache a second time",
                    edits=(insert_after(call, call.verb, f" {FLAG}"),),
                    saves="pip's cache",
                )
