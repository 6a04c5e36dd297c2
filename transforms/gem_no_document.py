"""Gems come without their documentation.

`gem install` builds and stores the documentation of every gem, in two formats, unless told not to.

Before:
    RUN gem install rake
After:
    RUN gem install --no-document rake

Safety: review. `ri` finds no pages about these gems in the image.
Left alone: calls that say something about documentation, files that write a gemrc, official Ruby images
(their gemrc says it), and a RubyGems that may be older than 2.0, which does not know the option.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.runs import Run
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after, left
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

FLAG = "--no-document"
TITLE = "gem {} without documentation"
SAID = (FLAG, "-N", "--document", "--no-ri", "--no-rdoc", "--ri", "--rdoc", "--help")
_GEMRC = pattern(r"gemrc\b")
# Distributions whose own RubyGems is older than 2.0, and Rubies that bring such a one.
_OLD_BASE = pattern(
    r"(ubuntu\S*[:\-]?(1[0-3]\.\d\d|14\.04)|:(1[0-3]\.\d\d|14\.04)\b|\b(precise|trusty|wheezy|squeeze)\b|debian:[67]\b|"
    r"centos:?[56]\b|phusion/baseimage:0\.9\.(\d|1[0-8])\b|alpine:2\.\d|phusion/passenger)"
)
_OLD_RUBY = pattern(r"ruby-?(1\.[89]|18|19)|\b1\.[89]\.\d(-p\d+)?\b")


@transform(
    phase=Phase.PACKAGES,
    safety=Safety.REVIEW,
    see=["binnacle:gemUpdateNoDocument"],
    triggers=["gem"],
    claims=[words_of(["gem"], FLAG)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find calls of gem that store documentation."""
    if _GEMRC.search(doc.text):
        return
    for run in [*doc.runs, *doc.triggers]:
        if not run.editable or run.stage.root_image.official in ("ruby", "jruby"):
            continue
        for call in run.calls:
            if not call.is_("gem", "install", "i", "update") or call.verb is None or call.has(*SAID):
                continue
            title = TITLE.format(call.action)
            if _is_old(doc, run):
                yield left(doc, run.offset(call.verb.start), title, "RubyGems may be older than 2.0 here")
                continue
            yield Change(
                title=title,
                why="nobody reads the documentation of gems in an image",
                edits=(insert_after(call, call.verb, f" {FLAG}"),),
                saves="the documentation of the gems",
            )


def _is_old(doc: Document, run: Run) -> bool:
    return _OLD_BASE.search(run.stage.root_image.resolved) is not None or _OLD_RUBY.search(doc.text) is not None
