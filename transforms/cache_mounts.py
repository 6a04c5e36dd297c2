"""Package caches are kept in cache mounts, beside the image.

A cache mount outlives the build and never reaches a layer: the next build downloads only what is
new. It takes the place of cleaning up, and is used where the file already speaks BuildKit (a syntax
line, a mount, a heredoc) or the configuration asks for it.

Before:
    # syntax=docker/dockerfile:1
    FROM python:3.12-slim
    COPY requirements.txt .
    RUN pip install -r requirements.txt
After:
    # syntax=docker/dockerfile:1
    FROM python:3.12-slim
    COPY requirements.txt .
    RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt

Safety: review. The image is the same but for the cache; builders without BuildKit do not know the
flag. For apt, the image's own habit of deleting downloads has to be switched off, in /etc/apt.
Left alone: RUNs that clean the cache themselves, have a mount over it or switch it off; other users
than root; caches that a later instruction or the running program reads; apt, where a later RUN installs
without a mount.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.later import later_runs
from optimizer.facts.mounts import mountable, targets_of
from optimizer.facts.runs import Run
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.claims import commands_like, flags_of
from optimizer.rewrite.compose import insert, insert_flags
from optimizer.rewrite.manner import manner_of
from optimizer.rewrite.registry import transform

KEEP = "/etc/apt/apt.conf.d/keep-cache"
KEEP_DOWNLOADS = (
    "rm -f /etc/apt/apt.conf.d/docker-clean",
    f"echo 'Binary::apt::APT::Keep-Downloaded-Packages \"true\";' > {KEEP}",
)


@transform(
    phase=Phase.CACHE,
    safety=Safety.REVIEW,
    claims=[
        flags_of("RUN", r"--mount=type=cache,target=\S+"),
        commands_like(r"rm -f /etc/apt/apt\.conf\.d/docker-clean"),
        commands_like(r"echo 'Binary::apt::APT::Keep-Downloaded-Packages \"true\";' >/etc/apt/apt\.conf\.d/keep-cache"),
    ],
)
def find(doc: Document) -> Iterator[Change]:
    """Find RUNs whose package manager would fill a cache."""
    if not doc.uses_mounts:
        return
    told = {s.index for s in doc.stages if KEEP in doc.text}
    for run in doc.runs:
        names = [n for n in mountable(doc, run) if n != "apt" or not _installs_without_mount(doc, run)]
        if not names:
            continue
        edits = [insert_flags(doc, run, [_flag(t, sharing) for name in names for t, sharing in targets_of(name)])]
        if "apt" in names and told.isdisjoint(s.index for s in run.stage.lineage):
            link = manner_of(doc, run).link()
            edits.append(insert(run.offset(run.script.steps[0].start), link.join((*KEEP_DOWNLOADS, ""))))
            told.add(run.stage.index)
        yield Change(
            title=f"the {_list(names)} cache is kept in a mount",
            why="the next build downloads only what is new, and no layer holds the cache",
            edits=tuple(edits),
            evidence="the file speaks BuildKit"
            if doc.settings.caches == "auto"
            else "the configuration asks for mounts",
            saves="the downloads, from the layer and from the next build",
        )


def _installs_without_mount(doc: Document, run: Run) -> bool:
    """Whether a later RUN has no mount, so that the downloads that apt is told to keep would stay in its layer."""
    for later in later_runs(doc, run):
        installs = any(c.is_("apt") and c.installs for c in later.calls)
        if installs and not later.mounted("/var/cache/apt") and "apt" not in mountable(doc, later):
            return True
    return False


def _flag(target: str, sharing: str) -> str:
    return f"--mount=type=cache,target={target}" + (f",sharing={sharing}" if sharing else "")


def _list(names: list[str]) -> str:
    return " and ".join(names)
