"""conda's package cache is emptied in the layer that filled it.

conda keeps every downloaded archive, and the unpacked packages that no environment uses, in its
`pkgs` folder. A later layer can only hide them.

Before:
    FROM condaforge/miniforge3:24.11.0-0
    RUN conda install -y numpy
After:
    FROM condaforge/miniforge3:24.11.0-0
    RUN conda install -y numpy && conda clean --all --yes

Safety: safe. `conda clean --all` leaves what an environment uses.
Left alone: RUNs with a cache mount over the cache, installs that run only under a condition, and
stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import cleaned, dues
from optimizer.rewrite.registry import transform

INSTALLS = ("install", "create", "update", "upgrade")


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    triggers=["conda", "mamba"],
    claims=[commands_like(r"(.* )?\S*(conda|mamba|micromamba) clean --all --yes")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave conda's package cache in their layer."""
    for due in dues(doc, "conda", fills=_fills):
        yield cleaned(
            doc,
            due,
            due.spelled("clean --all --yes"),
            title="conda's package cache emptied",
            why="the archives are not read again after the install, and a later layer could only hide them",
            saves="conda's package cache",
        )


def _fills(call: Call) -> bool:
    if call.action == "env":
        return bool(call.operands) and call.operands[0].value in INSTALLS
    return call.action in INSTALLS and not call.has("--dry-run", "-d", "--offline")
