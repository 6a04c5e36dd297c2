"""Stand on the Alpine variant of the base image.

Alpine is a system of a few megabytes: musl for a C library, BusyBox for the usual tools, apk for packages.

Before:
    FROM httpd:2.4
    RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
    COPY index.html htdocs/index.html
    HEALTHCHECK CMD curl -f http://localhost/ || exit 1
After:
    FROM httpd:2.4-alpine
    RUN apk add --no-cache curl
    COPY index.html htdocs/index.html
    HEALTHCHECK CMD curl -f http://localhost/ || exit 1

Safety: risky. Programs that were built for glibc do not start on musl; musl resolves names otherwise, sorts by bytes
and gives threads smaller stacks; users such as www-data have other numbers. What the files show was checked: each
command, each option of a tool that BusyBox has instead of GNU's, each package's name on Alpine (only names that are
proven), the wheels of each Python project, what is copied from other stages. What they do not show, only a run can.
Left alone: anything of which that can't be said; databases, whose indexes depend on the sorting of the C library;
images without an Alpine variant, such as debian and ubuntu.
"""

from collections.abc import Iterator

from optimizer.catalog.alpine import AlpineName, alpine_names
from optimizer.catalog.recommends import companion_names
from optimizer.catalog.siblings import No, sibling
from optimizer.catalog.tags import Tag
from optimizer.facts.alpine_swap import raw_words
from optimizer.facts.apk import Refusal, groups_by_number, translated
from optimizer.facts.bases import Base, renamed
from optimizer.facts.document import Document
from optimizer.facts.later import family
from optimizer.facts.live import answer_about, reference_of, requirements
from optimizer.facts.needs import needs_of
from optimizer.facts.runs import Run
from optimizer.facts.stages import Stage
from optimizer.facts.swaps import Hold, swap
from optimizer.facts.verdicts import listed
from optimizer.rewrite.added_packages import add_with_apk
from optimizer.rewrite.apk_claims import said_for_alpine
from optimizer.rewrite.base_claims import added_by_apk, references, without_system
from optimizer.rewrite.base_swaps import edit_of, evidence_of, left_base, saves, swappable_bases
from optimizer.rewrite.change import Change, Edit, Left, Phase, Safety
from optimizer.rewrite.registry import transform
from optimizer.rewrite.replaced_steps import replace_steps
from optimizer.syntax.shell import Step

ADDED = (
    "bash curl git gnupg imagemagick make mercurial openssh-client openssl perl procps-ng python3 subversion tzdata "
    "unzip wget xz zip jq tini gettext ca-certificates rsync file coreutils"
).split()
# What apt-no-recommends may have named before: over the whole way these are its business.
COMPANIONS = sorted({name for c in companion_names() for name in (alpine_names(c) or AlpineName((), "")).names})


@transform(
    phase=Phase.BASE,
    safety=Safety.RISKY,
    triggers=["from"],
    images=lambda doc: (reference_of(base, target) for _, base, target in _candidates(doc)),
    projects=lambda doc: (
        r for stage, base, _ in _candidates(doc) for r in requirements(base.tag, needs_of(doc, stage).python)
    ),
    claims=[*references(without_system), said_for_alpine, *added_by_apk([*ADDED, *COMPANIONS])],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find shipped stages whose image has an Alpine variant."""
    for stage, base in swappable_bases(doc):
        if not isinstance(base, Base):
            continue  # slim-base says why
        target = sibling(base.tag, "alpine")
        if isinstance(target, No):
            # An image that never had such a variant is what it is.
            if not base.tag.distro.startswith("alpine") and "there is no alpine" not in target.reason:
                yield left_base(doc, stage, "an Alpine base", target.reason)
        else:
            yield _swapped(doc, stage, base, target)


def _candidates(doc: Document) -> Iterator[tuple[Stage, Base, Tag]]:
    for stage, base in swappable_bases(doc):
        target = sibling(base.tag, "alpine") if isinstance(base, Base) else base
        if isinstance(base, Base) and isinstance(target, Tag):
            yield stage, base, target


def _swapped(doc: Document, stage: Stage, base: Base, target: Tag) -> Change | Left:
    title = f"stands on {target}"
    answer = answer_about(doc, base, target)
    if answer is not None and not answer.exists:
        return left_base(doc, stage, title, f"{answer.source} has no such image ({answer.day})")
    verdict = swap(doc, stage, target)
    if verdict.hold is Hold.NO:
        return left_base(doc, stage, title, "; ".join(verdict.reasons))
    unknown = [name for name in verdict.install if name not in ADDED]
    if unknown:
        return left_base(doc, stage, title, f"{unknown[0]} would have to be installed")
    written = renamed(doc, stage, base, target, "alpine")
    if isinstance(written, No):
        return left_base(doc, stage, title, written.reason)
    edits = [edit_of(written)]
    added = list(verdict.install)
    first = min((u.at for u in verdict.because if u.at >= 0), default=len(doc.text))
    for inside in family(stage):
        for run in doc.runs_of(inside):
            joins = inside is stage and run.instruction.start < first
            found, joined = _said(doc, stage, run, added if joins else [])
            if isinstance(found, str):
                return left_base(doc, stage, title, found)
            edits += found
            if joined:
                added = []
    if added:
        edits.append(add_with_apk(doc, stage, added))
    if verdict.install:
        title += f", with {listed(verdict.install, 9)} installed"
    return Change(
        title=title,
        why="Alpine carries a tenth of what Debian does, for an attacker too",
        edits=tuple(edits),
        safety=Safety.RISKY,
        evidence=evidence_of(verdict, target, written, answer),
        saves=saves(base.tag, target, answer_about(doc, base, base.tag), answer),
    )


def _said(doc: Document, stage: Stage, run: Run, added: list[str]) -> tuple[list[Edit] | str, bool]:
    """Return the edits that say a RUN's commands in Alpine's words, and whether the packages to add are among them."""
    groups = groups_by_number([w.raw for w in c.words] for s in family(stage) for r in doc.runs_of(s) for c in r.calls)
    texts: dict[int, str] = {}
    joined = False
    for number, step in enumerate(run.script.steps):
        for call in run.calls:
            said = translated(raw_words(call), groups) if call.command in step.commands else None
            if said is None:
                continue
            if isinstance(said, Refusal) or step.kind != "simple" or not run.editable:
                return f"{call.program} stands inside another construct of the shell", False
            if said and said[0][:2] == ("apk", "add") and added and not joined:
                joined = True
                said = ((*said[0], *(name for name in added if name not in said[0])),)
            texts[number] = " && ".join(_laid_out(doc, run, step, words) for words in said)
    return (replace_steps(doc, run, texts) if texts else []), joined


def _laid_out(doc: Document, run: Run, step: Step, words: tuple[str, ...]) -> str:
    """Return a call as text, its packages on lines of their own where the old call's were."""
    old = run.reach(step.start, step.end).of(doc.text)
    lines = [line for line in old.splitlines()[1:] if line.strip()]
    if words[:2] != ("apk", "add") or len(lines) < 2 or run.heredoc_script:
        return " ".join(words)
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return f" {doc.escape}{doc.newline}{indent}".join([" ".join(words[:3]), *words[3:]])
