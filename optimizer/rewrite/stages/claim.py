"""What a split may add to the build model: two stages are read as the one that they were.

The claim takes the block of the second stage away, from its FROM to its last `COPY --from`, if all in it
is what a split may add: that COPY, an install with apt-get, and repetitions of what the first stage holds.
What remains must be the original, in its order: nothing lost, nothing moved. The settings of the image
that the first stage holds must stand in the block too, and the state at the end must be the same but for
arguments, which end with their stage.
"""

from __future__ import annotations

from collections import Counter

from optimizer.rewrite.model import Entry
from optimizer.rewrite.stages.variables import is_build_only, used_in

_SETTINGS = ("EXPOSE", "LABEL", "VOLUME", "MAINTAINER")
_LAST_COUNTS = ("CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL")
_REPEATED = frozenset({*_SETTINGS, *_LAST_COUNTS, "ENV", "USER", "WORKDIR", "SHELL"})
_INSTALLS = (
    ("apt-get", "update"),
    ("apt-get", "install"),
    ("apk", "add"),
    ("rm", "-rf", "/var/lib/apt/lists/*"),
    ("ldconfig",),
)

# An install of the first stage may be repeated without what only development needs.
_OMITTING = frozenset({"--omit=dev", "--production"})


def as_one_stage(model: list[Entry]) -> list[Entry]:
    """Return the model of one stage for that of the two that a split makes; any other as it is."""
    heads = [n for n, entry in enumerate(model) if entry.kind == "FROM"]
    ends = [n for n, entry in enumerate(model) if entry.kind == "STAGE"]
    if len(heads) == len(ends) == 1:
        return _without_name([*model[: ends[0]], _end(model, model[ends[0]])], heads[0])
    if len(heads) != 2 or len(ends) != 2:
        return model
    name = _name(model[heads[0]])
    copies = [
        n
        for n, entry in enumerate(model)
        if n > heads[1] and entry.kind == "COPY" and name and f"--from={name}" in entry.words
    ]
    if not copies:
        return model
    edge = copies[-1] + 1
    if [e.kind for e in model[edge : edge + 2]] == ["RUN", "$"] and model[edge + 1].words == ("ldconfig",):
        edge += 2
    first, block, tail = model[: heads[1]], model[heads[1] + 1 : edge], model[edge : ends[0]]
    if not _may_be_added(block, first, name) or _lost(first, block, tail):
        return model
    whole = [*first, *tail]
    end = _end(whole, model[ends[1]])
    return _without_name([*whole, end._replace(words=("0", *end.words[1:]))], heads[0])


def _name(head: Entry) -> str:
    words = head.words
    return words[words.index("as") + 1] if "as" in words[1:-1] else ""


def _without_name(model: list[Entry], head: int) -> list[Entry]:
    words = model[head].words
    if "as" in words[1:-1]:
        at = words.index("as")
        model[head] = model[head]._replace(words=(*words[:at], *words[at + 2 :]))
    return model


def _end(model: list[Entry], end: Entry) -> Entry:
    """Return the end of a stage without the variables that are arguments, or that only builds read."""
    set_here = {e.words[0] for e in model if e.kind in ("ENV", "ARG")}
    # In terms of what the base image sets a value is known only where the second stage says that plainly.
    kept = {
        e.words[0]
        for e in model
        if e.kind == "ENV" and not is_build_only(e.words[0]) and used_in(e.words[1:]) <= set_here
    }
    index, user, workdir, *rest = end.words
    if not any(e.kind == "WORKDIR" and e.words[0].startswith("/") for e in model):
        # It is the base image's own, or in terms of it: the second stage says it plainly.
        workdir = ""
    return end._replace(words=(index, user, workdir, *(w for w in rest if "=" not in w or w.partition("=")[0] in kept)))


def _may_be_added(block: list[Entry], first: list[Entry], name: str) -> bool:
    """Whether all of the block is what a split may add."""
    repeated = {(e.kind, e.words) for e in first}
    commands = {e.words for e in first if e.kind == "$"}
    for entry in block:
        if entry.kind in ("COPY", "ADD"):
            if f"--from={name}" not in entry.words and (entry.kind, entry.words) not in repeated:
                return False
        elif entry.kind == "$":
            words = tuple(w for w in entry.words if w not in _OMITTING)
            if words not in commands and not any(entry.words[: len(i)] == i for i in _INSTALLS):
                return False
        elif entry.kind == "ARG":
            if not any(e.kind == "ARG" and e.words[0] == entry.words[0] for e in first):
                return False
        elif entry.kind in _REPEATED:
            if (entry.kind, entry.words) not in repeated and not _is_inherited(entry, first):
                return False
        elif entry.kind not in ("RUN", "$end"):
            return False
    return True


def _is_inherited(entry: Entry, first: list[Entry]) -> bool:
    """Whether an entry says what only the old base image set: nothing in the first stage says something else."""
    if entry.kind == "ENV":
        return not any(e.kind == "ENV" and e.words[:1] == entry.words[:1] for e in first)
    # Where the second stage works, and for whom, its end and its RUNs tell.
    return entry.kind in ("WORKDIR", "USER") or (
        entry.kind == "STOPSIGNAL" and not any(e.kind == "STOPSIGNAL" for e in first)
    )


def _lost(first: list[Entry], block: list[Entry], tail: list[Entry]) -> bool:
    """Whether a setting of the image does not reach the second stage."""
    for kind in _SETTINGS:
        if Counter(e.words for e in first if e.kind == kind) - Counter(e.words for e in block if e.kind == kind):
            return True
    for kind in _LAST_COUNTS:
        old = [e.words for e in first if e.kind == kind]
        new = [e.words for e in [*block, *tail] if e.kind == kind]
        if old and not new:
            return True
    names = {e.words[0] for e in first if e.kind == "ENV" and not is_build_only(e.words[0])}
    if names - {e.words[0] for e in [*block, *tail] if e.kind == "ENV"}:
        return True
    return _undeclared(first, block, tail)


def _undeclared(first: list[Entry], block: list[Entry], tail: list[Entry]) -> bool:
    """Whether the second stage expands an argument that only the first declares."""
    second = [*block, *tail]
    declared = {e.words[0] for e in second if e.kind in ("ARG", "ENV")}
    used = used_in(
        word for e in second if not e.kind.startswith("$") for word in e.words[1 if e.kind == "ENV" else 0 :]
    )
    return any(e.kind == "ARG" and e.words[0] in used - declared for e in first)
