"""Downloaded gems are removed in the layer that bundled them.

Bundler unpacks a gem and keeps the archive beside it, in the `cache` folder of the bundle. Nothing
reads it after the install, and a later layer can only hide it.

Before:
    FROM ruby:3.3
    RUN bundle install
After:
    FROM ruby:3.3
    RUN bundle install && rm -rf /usr/local/bundle/cache

Safety: safe. The installed gems stay; a later install does not read the archives.
Left alone: users other than root where BUNDLE_PATH is not set, bundles that are put to a folder of their
own, files that call `bundle cache`, and stages that are only copied from.
"""

import re
from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.folders import runs_as_root
from optimizer.facts.runs import Call, Run
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import cleaned, dues
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

# GEM_HOME of the official images.
HOME = "/usr/local/bundle"
_OWN_PLACE = pattern(
    r"bundle (config|package|cache|pack)\b.*(path|deployment|cache|package|pack)|--path\b|--deployment\b|--local\b"
)


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    triggers=["bundle"],
    claims=[
        commands_like(
            r'rm -rf (/usr/local/bundle/cache|"\$BUNDLE_PATH"/ruby/\*/cache|"\$\(.\)"/cache/\*\.gem)|gem env gemdir'
        )
    ],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave the archives of a bundle in their layer."""
    if _OWN_PLACE.search(doc.text):
        return
    for due in dues(doc, "bundler", fills=_fills, cleans=_cleans):
        command = _command(due.run)
        if command and not due.call.shell.wrappers and not due.call.command.assignments:
            yield cleaned(
                doc,
                due,
                command,
                title="downloaded gems removed",
                why="Bundler keeps the archive of each gem that it unpacked, and does not read it again",
                saves="the archives of the gems",
            )


def _fills(call: Call) -> bool:
    return call.action in ("install", "update") or (call.verb is None and not call.has("-v", "-h"))


def _cleans(call: Call) -> bool:
    return call.program in ("rm", "find") and any(re.search(r"cache\b|bundle\b", w.raw) for w in call.words)


def _command(run: Run) -> str:
    env = run.state.env
    if "BUNDLE_PATH" in env:
        return 'rm -rf "$BUNDLE_PATH"/ruby/*/cache'
    if not runs_as_root(run):
        return ""
    if run.stage.root_image.official == "ruby" and "GEM_HOME" not in env:
        return f"rm -rf {HOME}/cache"
    return 'rm -rf "$(gem env gemdir)"/cache/*.gem'
