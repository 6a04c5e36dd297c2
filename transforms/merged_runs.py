"""Steps that belong together share one layer.

A layer keeps what it wrote, even if the next one deletes it: `apt-get update` in a RUN of its own
goes stale in the build cache, and a clean-up in a RUN of its own saves nothing. Every RUN is one
more layer. RUNs are joined only where the joined script does the same, command by command.

Before:
    RUN apt-get update
    # the tools
    RUN apt-get install -y --no-install-recommends curl
    RUN rm -rf /var/lib/apt/lists/*
After:
    RUN apt-get update \\
        # the tools
        && apt-get install -y --no-install-recommends curl \\
        && rm -rf /var/lib/apt/lists/*

Safety: safe. The commands are the same, in the same order, with the same exit status; what is lost
is one place where the build cache could stop. So at -O1 RUNs are joined only where that lets an
update or a clean-up take effect, at -O2 also neighbours of one package manager and cheap file work,
at -O3 (or with `merge = "all"`) whatever joins faithfully, in a subshell where that is needed.
Left alone: stages that are only copied from, but for an update above its install; RUNs with different
flags, heredocs, or a pragma; what leaves `cd`, variables or options behind in its shell, where no
subshell can hold it.
"""

from collections.abc import Iterator
from itertools import pairwise

from optimizer.facts.apt import is_update, lists_after, unfed
from optimizer.facts.document import Document
from optimizer.facts.runs import Run
from optimizer.facts.work import is_cleanup, is_file_work, managers_of
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import layers
from optimizer.rewrite.compose import left
from optimizer.rewrite.joining import Join, join_edits, join_of, neighbours
from optimizer.rewrite.registry import transform

NEEDED, CHEAP, ALL = 1, 2, 3
NEVER = 4
LEVELS = {
    "auto": {NEEDED: 1, CHEAP: 2, ALL: 3},
    "never": {},
    "needed": {NEEDED: 1},
    "cheap": {NEEDED: 1, CHEAP: 1},
    "all": {NEEDED: 1, CHEAP: 1, ALL: 1},
}
WHY = {
    NEEDED: "only in one layer does the update or the clean-up take effect",
    CHEAP: "steps of one kind share a layer; each RUN is one more",
    ALL: "each RUN is one more layer",
}


@transform(
    phase=Phase.LAYERS,
    safety=Safety.SAFE,
    see=["hadolint:DL3059", "binnacle:ruleAptGetUpdatePrecedesInstall"],
    triggers=["run"],
    claims=[layers],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that can join the one above them."""
    levels = LEVELS[doc.settings.merge]
    runs = doc.runs
    lists = False  # lists that the layer so far has fetched and not removed
    group: list[Run] = []  # the RUNs that share the layer so far
    wrapped = False  # the lower RUN of the last join has its subshell
    for index, (upper, lower) in enumerate(pairwise(runs)):
        lists = lists_after(upper, lists)
        group.append(upper)
        # A build stage is not shipped, but an update of its own goes stale in the cache there too.
        stale = any(map(is_update, upper.calls)) and lists and unfed(lower)
        if not neighbours(doc, upper, lower) or not (stale or doc.is_shipped(upper.stage)):
            group, lists, wrapped = [], False, False
            continue
        join = join_of(doc, upper, lower, [r for r in runs[index + 2 :] if r.stage is lower.stage])
        kind = _kind(group, lower, lists, join)
        edits = [] if join.reason else join_edits(doc, upper, lower, join, wrapped)
        if not edits or kind not in levels:
            if kind == NEEDED and levels:
                yield left(doc, lower.instruction.start, "joins the RUN above", join.reason or "what stands between")
            group, lists, wrapped = [], False, False
            continue
        wrapped = join.wrap_right
        if kind != NEEDED:
            lists = False
        yield Change(
            title="joins the RUN above",
            why=WHY[kind],
            edits=tuple(edits),
            evidence="joined with && inside ( )" if join.wrap_left or join.wrap_right else "a chain of && commands",
            saves="a layer" if kind != NEEDED else "what the later layer could only hide",
            level=levels[kind],
            at=lower.instruction.start,
        )


def _kind(group: list[Run], lower: Run, lists: bool, join: Join) -> int:
    upper = group[-1]
    if join.plain or join.reason:
        if (lists and unfed(lower)) or is_cleanup(lower, group):
            return NEEDED
        mixed = managers_of(upper) | managers_of(lower)
        if is_file_work(upper) and is_file_work(lower) and len(mixed) <= 1:
            return CHEAP
    return ALL
