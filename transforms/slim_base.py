"""Stand on the slim variant of the base image, or on a JRE where a JDK only runs.

A full image carries compilers, headers, version control and hundreds of libraries, so that anything can be
built on it. What only runs needs none of them. The slim variant is the same system with the same versions.

Before:
    FROM python:3.12
    WORKDIR /app
    RUN pip install --no-cache-dir flask
    CMD ["flask", "--version"]
After:
    FROM python:3.12-slim
    WORKDIR /app
    RUN pip install --no-cache-dir flask
    CMD ["flask", "--version"]

Safety: review. All that RUN, CMD, ENTRYPOINT, HEALTHCHECK and the scripts of the build context call was looked
up in what vanishes; a small program that is called gets its package. Where the files do not show everything
(no build context, a script that was not read, a package that may have to be compiled) it is risky, and waits for -O3.
Left alone: build stages; a base that compiles something, for that is work for a stage of its own; a base pinned by
digest, of a registry that is not known, or made of an ARG that has no default.
"""

from collections.abc import Iterator

from optimizer.catalog.siblings import No, sibling
from optimizer.catalog.tags import Tag, find_tag
from optimizer.facts.addable import ADDABLE
from optimizer.facts.bases import Base, is_distroless, renamed
from optimizer.facts.document import Document
from optimizer.facts.live import answer_about, reference_of, requirements
from optimizer.facts.needs import needs_of
from optimizer.facts.stages import Stage
from optimizer.facts.swaps import Hold, swap
from optimizer.facts.verdicts import listed
from optimizer.rewrite.added_packages import add_with_apt
from optimizer.rewrite.base_claims import added_by_apt, references, without_words
from optimizer.rewrite.base_swaps import edit_of, evidence_of, left_base, safety_of, saves, swappable_bases
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

JAVA = frozenset({"openjdk", "eclipse-temurin", "amazoncorretto", "sapmachine", "ibm-semeru-runtimes"})
# openjdk ended; its Java of every version lives on in eclipse-temurin.
JDK_TAG = pattern(
    r"(?P<version>\d+)(\.[\d.]+)?(-jdk)?(-(slim|oracle|oraclelinux\d|slim-\w+|bullseye|buster|bookworm))*\Z"
)


@transform(
    phase=Phase.BASE,
    safety=Safety.REVIEW,
    triggers=["from"],
    images=lambda doc: (reference_of(base, target) for _, base, target, _ in _candidates(doc)),
    projects=lambda doc: (
        r for stage, base, _, _ in _candidates(doc) for r in requirements(base.tag, needs_of(doc, stage).python)
    ),
    claims=[
        *references(without_words("slim", "jdk", "jre", renamed=[("openjdk", "eclipse-temurin")])),
        *added_by_apt(ADDABLE),
    ],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find shipped stages that stand on a full image."""
    for stage, base in swappable_bases(doc):
        if is_distroless(stage.image):
            continue
        if not isinstance(base, Base):
            yield left_base(doc, stage, "a slim base", base.reason)
            continue
        kind = "jre" if base.tag.image in JAVA else "slim"
        if kind in base.tag.variant.split("+") or (kind == "slim" and base.tag.distro.startswith("alpine")):
            continue
        target = _target(base.tag, kind)
        if isinstance(target, No) and target.reason.endswith(" already"):
            continue
        if isinstance(target, No):
            yield left_base(doc, stage, f"a {kind} base", target.reason)
        else:
            yield _swapped(doc, stage, base, target, kind)


def _candidates(doc: Document) -> Iterator[tuple[Stage, Base, Tag, str]]:
    """Yield the stages with a smaller variant: what it is, what it would be, and the kind of variant."""
    for stage, base in swappable_bases(doc):
        if isinstance(base, Base):
            kind = "jre" if base.tag.image in JAVA else "slim"
            if kind == "slim" and base.tag.distro.startswith("alpine"):
                continue
            target = _target(base.tag, kind) if kind not in base.tag.variant.split("+") else No("")
            if isinstance(target, Tag):
                yield stage, base, target, kind


def _target(tag: Tag, kind: str) -> Tag | No:
    match = JDK_TAG.match(tag.name) if tag.image == "openjdk" else None
    if match:
        jre = find_tag("eclipse-temurin", f"{match['version']}-jre")
        return jre if jre is not None and not jre.guessed else No(f"eclipse-temurin has no JRE {match['version']}")
    found = sibling(tag, kind)
    if kind == "jre" and isinstance(found, Tag) and "jre" not in found.variant.split("+"):
        return No(f"{found} is no JRE")
    return found


def _swapped(doc: Document, stage: Stage, base: Base, target: Tag, kind: str) -> Change | Left:
    title = f"stands on {target}"
    answer = answer_about(doc, base, target)
    if answer is not None and not answer.exists:
        return left_base(doc, stage, title, f"{answer.source} has no such image ({answer.day})")
    verdict = swap(doc, stage, target)
    if verdict.hold is Hold.NO:
        return left_base(doc, stage, title, "; ".join(verdict.reasons))
    written = renamed(doc, stage, base, target, kind)
    if isinstance(written, No):
        return left_base(doc, stage, title, written.reason)
    edits = [edit_of(written)]
    if verdict.install:
        first = min((u.at for u in verdict.because if u.at >= 0), default=len(doc.text))
        edits.append(add_with_apt(doc, stage, verdict.install, [u.command for u in verdict.because], first))
        title += f", with {listed(verdict.install, 9)} installed"
    why = (
        "it runs Java and builds none, so that a JRE is enough"
        if kind == "jre"
        else f"what {base.tag} has more is for building, and nothing here calls it"
        if verdict.lost
        else "the same packages without documentation, manual pages and translations"
    )
    return Change(
        title=title,
        why=why,
        edits=tuple(edits),
        safety=safety_of(verdict, target, answer),
        evidence=evidence_of(verdict, target, written, answer),
        saves=saves(base.tag, target, answer_about(doc, base, base.tag), answer),
    )
