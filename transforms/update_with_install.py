"""Package lists are fetched in the layer that installs from them.

Lists from an earlier layer are as old as that layer is in the build cache: the install fails, or
brings versions that were replaced long ago. And as long as a later RUN needs them, the earlier one
must ship them.

Before:
    RUN apt-get update && apt-get install -y --no-install-recommends curl
    COPY app /app
    RUN apt-get install -y --no-install-recommends git
After:
    RUN apt-get update && apt-get install -y --no-install-recommends curl
    COPY app /app
    RUN apt-get update && apt-get install -y --no-install-recommends git

Safety: safe. The same packages are asked for, from lists that are at least as new. Where the sources
of packages change between the two RUNs, the change is for review.
Left alone: an install that runs only where another command failed; images that bring their own lists.
"""

from collections.abc import Iterator

from optimizer.facts.apt import installs_out_of_sight, is_update, removes_lists, unfed
from optimizer.facts.document import Document
from optimizer.facts.runs import Call, Run
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.compose import left, prepend_to_call, remove_instruction
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

UPDATE = "apt-get update"
PLAIN = pattern(r"(sudo )?apt(-get)?( -[yq]+| --[a-z-]+)* update( -[yq]+| --[a-z-]+)*")


@transform(
    phase=Phase.LAYERS,
    safety=Safety.SAFE,
    see=["binnacle:ruleAptGetUpdatePrecedesInstall"],
    triggers=["apt"],
    claims=[commands_like(rf"(\w+=\S+ )*{PLAIN.pattern}")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find installs that live on lists of an earlier layer."""
    sources: dict[int, Run | None] = {}
    fed: dict[int, Safety] = {}
    for stage in doc.stages:
        source = sources.get(stage.parent.index) if stage.parent else None
        for run in doc.runs_of(stage):
            if source is not None and not run.mounts:
                for finding in _feed(doc, source, run):
                    if isinstance(finding, Change):
                        fed[run.instruction.start] = finding.safety or Safety.SAFE
                    yield finding
            source = _source_after(run, source)
        sources[stage.index] = source
    yield from _useless(doc, fed)


def _feed(doc: Document, source: Run, run: Run) -> Iterator[Change | Left]:
    hungry = unfed(run)
    if not hungry:
        return
    edit = prepend_to_call(run, hungry[0], UPDATE)
    if isinstance(edit, str):
        yield left(doc, run.instruction.start, "lists fetched where they are used", edit)
        return
    touched = _sources_touched(doc, source, run)
    yield Change(
        title="fetches the package lists that it installs from",
        why="lists from an earlier layer go stale in the build cache, and must be shipped for this RUN",
        edits=(edit,),
        safety=Safety.REVIEW if touched else Safety.SAFE,
        evidence="the sources of packages may change in between" if touched else "no own update in this RUN",
    )


def _source_after(run: Run, source: Run | None) -> Run | None:
    for call in run.calls:
        if is_update(call):
            source = run
        elif removes_lists(call):
            source = None
    return source


def _sources_touched(doc: Document, first: Run, last: Run) -> bool:
    """Whether anything between two RUNs may change where packages come from."""
    text = doc.text[first.instruction.start : last.instruction.end]
    return any(
        s in text
        for s in ("/etc/apt", "add-apt-repository", "apt-add-repository", "dpkg --add-architecture", "sources.list")
    )


def _useless(doc: Document, fed: dict[int, Safety]) -> Iterator[Change | Left]:
    """Find RUNs that only update, where nothing needs their lists: not those that are `fed` now."""
    for run in doc.runs:
        if not run.editable or run.mounts or not run.calls or not all(_plain_update(c) for c in run.calls):
            continue
        if not doc.is_shipped(run.stage) or _consumer(doc, run, fed) or len(run.script.steps) != len(run.calls):
            continue
        if run.instruction.comments or run.script.comments:
            yield left(doc, run.instruction.start, "no RUN that only fetches package lists", "it holds comments")
            continue
        yield Change(
            title="no RUN that only fetches package lists",
            why="every install fetches its own lists; these would only be shipped",
            edits=(remove_instruction(doc, run.instruction),),
            safety=_safety_of_removal(doc, run, fed),
            evidence="no later instruction of the file reads them",
            saves="the package lists",
        )


def _plain_update(call: Call) -> bool:
    words = " ".join(w.raw for w in call.command.words)
    assigned = all(a.value is not None for a in call.command.assignments)
    return is_update(call) and assigned and not call.command.redirects and PLAIN.fullmatch(words) is not None


def _safety_of_removal(doc: Document, run: Run, fed: dict[int, Safety]) -> Safety:
    """Review where the stage installs nothing later, or where that waits for a review itself."""
    later = [r for r in doc.runs_of(run.stage) if r.index > run.index]
    if any(fed.get(r.instruction.start) is Safety.REVIEW for r in later):
        return Safety.REVIEW
    updated = any(r.instruction.start in fed or any(is_update(c) for c in r.calls) for r in later)
    return Safety.SAFE if updated else Safety.REVIEW


def _consumer(doc: Document, run: Run, fed: dict[int, Safety]) -> bool:
    """Whether anything later may read the lists of a RUN."""
    stage = run.stage
    if any(r.index > run.index and _reads(r, fed) for r in doc.runs_of(stage)):
        return True
    return any(_stage_reads(doc, child, fed) for child in stage.children) or any(
        "apt" in t.script.text for t in doc.triggers if t.stage is stage
    )


def _stage_reads(doc: Document, stage: Stage, fed: dict[int, Safety]) -> bool:
    return any(_reads(r, fed) for r in doc.runs_of(stage)) or any(_stage_reads(doc, c, fed) for c in stage.children)


def _reads(run: Run, fed: dict[int, Safety]) -> bool:
    return installs_out_of_sight(run) or (bool(unfed(run)) and run.instruction.start not in fed)
