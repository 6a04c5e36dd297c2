"""The cache of zypper is emptied in the layer that filled it.

zypper keeps the lists of packages, and downloaded packages, in /var/cache/zypp. A later layer can
only hide them.

Before:
    FROM opensuse/leap:15.6
    RUN zypper install -y gcc make
After:
    FROM opensuse/leap:15.6
    RUN zypper install -y gcc make && zypper clean --all

Safety: safe. Every later install fetches its lists again, and gets the same packages.
Left alone: RUNs with a cache mount over the cache, installs into another root, installs that run only
under a condition, and stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import cleaned, dues
from optimizer.rewrite.compose import left
from optimizer.rewrite.registry import transform

TITLE = "package cache emptied"


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    see=["hadolint:DL3036"],
    triggers=["zypper"],
    claims=[commands_like(r"(.* )?\S*zypper clean --all")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave zypper's cache in their layer."""
    for due in dues(doc, "zypper"):
        if due.call.has("-R", "--root", "--installroot"):
            yield left(doc, due.run.offset(due.call.words[0].start), TITLE, "it installs into another root")
            continue
        yield cleaned(
            doc,
            due,
            due.spelled("clean --all"),
            title=TITLE,
            why="nothing reads it after the install, and a later layer could only hide it",
            saves="the lists of packages",
        )
