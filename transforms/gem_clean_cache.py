"""Downloaded gems are removed in the layer that installed them.

RubyGems unpacks a gem and keeps the archive beside it, in the `cache` folder of its home; `gem update
--system` leaves indexes in /root/.gem. Nothing reads them after the install.

Before:
    FROM ruby:3.3
    RUN gem install bundler
After:
    FROM ruby:3.3
    RUN gem install bundler && rm -rf "$(gem env gemdir)"/cache/*.gem

Safety: safe. Only `gem pristine` reads the archives, and downloads them where they are missing.
Left alone: users other than root, gems that are put to a folder of their own, files that speak of
`gem pristine` or keep something in /root/.gem, and stages that are only copied from.
"""

import re
from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.folders import runs_as_root
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import Due, cleaned, dues
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

PLACED = ("-i", "--install-dir", "--user-install", "-n", "--help")
_OWN_HOME = pattern(r"(~|\$HOME|\$\{HOME\}|/root)/\.gem\b(?!rc)")


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    see=["binnacle:gemUpdateSystemRmRootGem"],
    triggers=["gem install", "gem i ", "gem update"],
    claims=[commands_like(r'rm -rf( /root/\.gem)?( "\$\(.\)"/cache/\*\.gem)?|\S*gem env gemdir')],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave the archives or indexes of RubyGems in their layer."""
    if "pristine" in doc.text:
        return
    for due in dues(doc, "gem", fills=lambda call: _installs(call) or _updates_itself(call), cleans=_cleans):
        if due.call.shell.wrappers or due.call.command.assignments or not runs_as_root(due.run):
            continue
        paths = _leftovers(doc, due)
        if paths:
            yield cleaned(
                doc,
                due,
                f"rm -rf {' '.join(paths)}",
                title="what gem downloaded is removed",
                why="RubyGems does not read it again once the gems are unpacked",
                saves="the archives of the gems",
            )


def _leftovers(doc: Document, due: Due) -> list[str]:
    calls = [c for c in due.run.calls if c.is_("gem")]
    paths = []
    if any(_updates_itself(c) for c in calls) and not _OWN_HOME.search(doc.text):
        paths.append("/root/.gem")
    if any(_installs(c) for c in calls):
        paths.append(f'"$({due.call.words[0].raw} env gemdir)"/cache/*.gem')
    return paths


def _updates_itself(call: Call) -> bool:
    return call.action == "update" and call.has("--system")


def _installs(call: Call) -> bool:
    return call.action in ("install", "i", "update") and not call.has(*PLACED) and not _updates_itself(call)


def _cleans(call: Call) -> bool:
    text = " ".join(w.raw for w in call.words)
    return call.program in ("rm", "find") and re.search(r"cache\b|\.gem\b", text) is not None
