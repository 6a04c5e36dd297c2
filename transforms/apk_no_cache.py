"""apk keeps no package index in the image.

Without `--no-cache` apk stores the index of all packages in /var/cache/apk. With it the index is
fetched, used and forgotten, so that `apk update`, `--update` and a clean-up are not needed.

Before:
    FROM alpine:3.20
    RUN apk update && apk add curl git && rm -rf /var/cache/apk/*
After:
    FROM alpine:3.20
    RUN apk add --no-cache curl git

Safety: safe. The same packages are installed, from an index that is at least as new. Where a script
that can't be seen follows `apk update`, dropping the update is for review.
Left alone: RUNs with a cache mount over /var/cache/apk; files that set up a cache in /etc/apk/cache;
Alpine before 3.3, whose apk does not know the option; an update that something else still reads.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.folders import empties, keeps_cache
from optimizer.facts.later import earlier_runs, later_runs, run_time
from optimizer.facts.managers import BY_NAME
from optimizer.facts.runs import Call, Run
from optimizer.facts.scripts import hidden_programs
from optimizer.rewrite.change import Change, Edit, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like, words_of
from optimizer.rewrite.compose import insert_after, left, remove_instruction, remove_word, replace_word
from optimizer.rewrite.edits import overlaps
from optimizer.rewrite.registry import transform
from optimizer.rewrite.steps import remove_step, step_of
from optimizer.syntax.patterns import pattern

APK = BY_NAME["apk"]
CACHE = "/var/cache/apk"
TITLE = "apk {} keeps no package index"
WHY = "the index of all packages is of no use in the image"
UPDATES = ("--update", "--update-cache", "-U")
INSTALLS = ("add", "upgrade")
# What neither reads nor stores the index.
HARMLESS = (*INSTALLS, "update", "del", "info", "version", "fix", "audit", "--version", "")
# Alpine before 3.3, as an image's name or in its tag.
_OLD = pattern(r"alpine\S*:v?(2\.\d|3\.[0-2])(?!\d)|alpine-?v?(2\.\d|3\.[0-2])(?!\d)")
_SWEEP = pattern(r"/var/cache/apk/\*(\.tar\.gz)?")


@transform(
    phase=Phase.PACKAGES,
    safety=Safety.SAFE,
    see=["hadolint:DL3019", "binnacle:apkAddUseNoCache"],
    triggers=["apk"],
    claims=[
        words_of(["apk"], "--no-cache", *UPDATES),
        words_of(["rm"], _SWEEP.pattern),
        commands_like(r"(sudo )?(\S*/)?apk( -\S+)* update( [^&|;]*)?"),
        commands_like(r"(sudo )?rm( -\w+)*( \d?>\S.*)?"),
    ],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find calls of apk that store its index, and what only they need."""
    if _sets_up_cache(doc):
        return
    runs = [r for r in [*doc.runs, *doc.triggers] if r.editable and "apk" in r.script.text and not keeps_cache(r, APK)]
    fragile = _fragile(doc)
    if fragile is None:
        yield left(doc, doc.stages[0].head.start, TITLE.format("add"), "a command expects to find the index")
        return
    findings = [f for run in runs for f in _in_run(doc, run)]
    changes = [f for f in findings if isinstance(f, Change)]
    if not fragile or not changes:
        yield from findings
        return
    # A plain `rm /var/cache/apk/*` fails where nothing is stored: all of it goes, or none.
    edits = tuple(e for c in changes for e in c.edits)
    if all(any(e.span.start <= place <= e.span.end for e in edits) for place in fragile):
        safety = Safety.REVIEW if any(c.safety is Safety.REVIEW for c in changes) else None
        yield Change(TITLE.format("add"), WHY, edits, safety, saves="the package index")
    else:
        yield left(doc, changes[0].place, TITLE.format("add"), "a command expects to find the index")


def _sets_up_cache(doc: Document) -> bool:
    """Whether the file gives apk a cache of its own, which is what /etc/apk/cache is there for."""
    if "/etc/apk/cache" not in doc.text and "apkcache" not in doc.text:
        return False
    runs = [*doc.runs, *doc.triggers]
    return any(r.script.opaque for r in runs) or any(
        "apk/cache" in w.raw or "apkcache" in w.raw for r in runs for c in r.calls if c.program != "rm" for w in c.words
    )


def _in_run(doc: Document, run: Run) -> Iterator[Change | Left]:
    storing = [c for c in run.calls if _stores(c)]
    if _is_old(run):
        if storing:
            yield left(doc, run.instruction.start, TITLE.format("add"), "apk before Alpine 3.3 has no --no-cache")
        return
    for call in storing:
        yield Change(TITLE.format(call.action), WHY, _flag(call), saves="the package index")
    updates, reason, safety = _useless_updates(doc, run)
    if reason:
        yield left(doc, run.instruction.start, "no apk update", reason)
    kept, earlier = _keeps_none(doc, run)
    safety = safety or earlier
    sweeps = [] if reason or not kept else _sweeps(doc, run)
    if isinstance(sweeps, str):
        yield left(doc, run.instruction.start, "no clean-up of apk's cache", sweeps)
        sweeps = []
    if overlaps(updates, sweeps):
        yield left(doc, run.instruction.start, "no apk update", "it stands beside the clean-up alone")
        updates, sweeps = [], []
    if updates or sweeps:
        yield Change(
            title="no " + " and no ".join(["apk update"] * bool(updates) + ["clean-up of apk's cache"] * bool(sweeps)),
            why="with --no-cache apk fetches the index itself, and keeps nothing of it",
            edits=(*updates, *sweeps),
            safety=safety,
            saves="the package index" if updates and not sweeps else "",
        )


def _is_old(run: Run) -> bool:
    return _OLD.search(run.stage.root_image.resolved) is not None


def _stores(call: Call) -> bool:
    """Whether a call stores the index and could do without."""
    return call.is_("apk", *INSTALLS) and not call.has("--no-cache", "--no-network", "--cache-dir", "--help")


def _flag(call: Call) -> tuple[Edit, ...]:
    for word in call.options:
        if word.raw in UPDATES:
            edit = replace_word(call.run, word, "--no-cache")
            if edit:
                return (edit,)
    assert call.verb is not None
    return (insert_after(call, call.verb, " --no-cache"),)


def _fragile(doc: Document) -> list[int] | None:
    """Return the places of plain removals of the index, which fail where it is missing.

    None where some other command may rely on it.
    """
    places: list[int] = []
    for run in [*doc.runs, *doc.triggers]:
        for call in run.calls:
            if not any(CACHE in w.raw for w in call.words):
                continue
            if (call.program == "rm" and call.has("-f", "--force")) or call.program in ("find", "mkdir"):
                continue
            if call.program != "rm" or not run.editable:
                return None
            places.append(run.offset(call.command.start))
    return places


def _useless_updates(doc: Document, run: Run) -> tuple[list[Edit], str, Safety | None]:
    """Return the edits that drop the RUN's updates, or the reason why they stay."""
    updates = [c for c in run.calls if c.is_("apk", "update")]
    if not updates:
        return [], "", None
    reader, hidden = _reader(doc, run, updates[0])
    if reader:
        return [], reader, None
    if all(c.is_("apk", "update") and not c.command.where for c in run.calls):
        if len(run.script.steps) != len(run.calls) or any(s.operator == "||" for s in run.script.steps):
            return [], "it stands inside another construct of the shell", None
        return [remove_instruction(doc, run.instruction)], "", Safety.REVIEW if hidden else None
    edits: list[Edit] = []
    for call in updates:
        index = step_of(run, call)
        removed = "it stands inside another construct of the shell" if index is None else remove_step(doc, run, index)
        if isinstance(removed, str):
            return [], removed, None
        edits += removed
    return edits, "", Safety.REVIEW if hidden else None


def _reader(doc: Document, run: Run, update: Call) -> tuple[str, bool]:
    """Return what reads the index that a RUN stores, and whether an unseen script might."""
    own = [c for c in run.calls if c.command.start > update.command.start]
    gone = any(empties(c, CACHE) for c in own)
    followers = [] if gone else list(later_runs(doc, run))
    calls = [*own, *(c for r in followers for c in r.calls)]
    if any(c.is_("apk") and (c.action not in HARMLESS or c.has("--no-network")) for c in calls):
        return "a later command reads the index", False
    if any(r.script.opaque and "apk" in r.script.text for r in [*followers, *(doc.triggers if not gone else [])]):
        return "a RUN that is not understood may read the index", False
    if any(_stores(c) and (not c.run.editable or keeps_cache(c.run, APK) or _is_old(c.run)) for c in calls):
        return "a later command reads the index", False
    if any("apk" in i.args for i in run_time(doc, run.stage)) and not gone:
        return "the image may install from it when it runs", False
    if not any(c.is_("apk", *INSTALLS) for c in calls):
        return "no later command of the file installs with apk: it may be meant for others", False
    names = [*hidden_programs(run), *(n for r in followers for n in hidden_programs(r))]
    return "", bool(names)


def _keeps_none(doc: Document, run: Run) -> tuple[bool, Safety | None]:
    """Whether no RUN up to this one stores the index, once its flags are there and its updates gone."""
    earlier = list(earlier_runs(doc, run))
    if not any(c.is_("apk", *INSTALLS) for r in [*earlier, run] for c in r.calls):
        return False, None
    safety: Safety | None = None
    for other in earlier:
        if other.script.opaque or any(_stores(c) and not other.editable for c in other.calls):
            return False, None
        if any(c.is_("apk", "update") for c in other.calls):
            _, reason, doubt = _useless_updates(doc, other)
            if reason or keeps_cache(other, APK):
                return False, None
            safety = safety or doubt
    return True, safety


def _sweeps(doc: Document, run: Run) -> list[Edit] | str:
    """Return the edits that drop the removal of apk's cache, or a reason why it stays."""
    edits: list[Edit] = []
    filled = any(c.is_("apk", *INSTALLS) for r in earlier_runs(doc, run) for c in r.calls)
    for call in run.calls:
        swept = [w for w in call.words[1:] if _SWEEP.fullmatch(w.raw)]
        if call.program != "rm" or not swept or not (filled or _is_behind_install(call)):
            continue
        kept = [w for w in call.words[1:] if not w.raw.startswith("-") and w not in swept]
        index = step_of(run, call)
        if index is None:
            return "it stands inside another construct of the shell"
        if kept:
            words = [remove_word(doc, run, w) for w in swept]
            if None in words:
                return "a comment stands between its words"
            edits += [e for e in words if e is not None]
            continue
        if len(run.script.steps) == 1:
            return [remove_instruction(doc, run.instruction)]
        step = remove_step(doc, run, index)
        if isinstance(step, str):
            return step
        edits += step
    return edits


def _is_behind_install(call: Call) -> bool:
    """Whether a call of the same script installs before; what was there at its start is not ours."""
    return any(c.is_("apk", *INSTALLS) and c.command.start < call.command.start for c in call.run.calls)
