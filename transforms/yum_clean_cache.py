"""The cache of yum, dnf or microdnf is emptied in the layer that filled it.

Every install leaves the lists of packages, and often the packages themselves, in /var/cache. A later
layer can only hide them.

Before:
    FROM rockylinux:9
    RUN dnf install -y gcc make
After:
    FROM rockylinux:9
    RUN dnf install -y gcc make && dnf clean all

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
    see=["hadolint:DL3032", "hadolint:DL3040", "binnacle:yumInstallRmVarCacheYum"],
    triggers=["yum", "dnf"],
    claims=[commands_like(r"(.* )?\S*(yum|dnf|dnf5|tdnf|microdnf) clean all")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave the cache of yum, dnf or microdnf in their layer."""
    for due in dues(doc, "yum", "dnf", "microdnf"):
        if due.call.has("--installroot"):
            yield left(doc, due.run.offset(due.call.words[0].start), TITLE, "it installs into another root")
            continue
        yield cleaned(
            doc,
            due,
            due.spelled("clean all"),
            title=TITLE,
            why="nothing reads it after the install, and a later layer could only hide it",
            saves="the lists of packages",
        )
