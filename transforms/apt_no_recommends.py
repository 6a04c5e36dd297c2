"""Install only what apt-get was asked for.

Debian and Ubuntu install "recommended" packages too unless told not to. In an image they are weight
that nobody chose.

Before:
    RUN apt-get update && apt-get install -y curl
After:
    RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl

Safety: review. A program can rely on a package that came in only because another one recommended it
(`ca-certificates` next to `curl` is the usual surprise), so the known companions are added and named.
Left alone: simulated installs; a file that sets `APT::Install-Recommends` itself; packages that hang
together by recommendations, such as desktops and TeX.
"""

import re
from collections.abc import Iterator

from optimizer.catalog.recommends import LEANS_ON_RECOMMENDS, Companion, companion_names, companions
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Edit, Left, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after, insert_word_before, left
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

FLAG = "--no-install-recommends"
SAID = pattern(r"install-(recommends|suggests)\b.{0,12}?(false|0)", re.IGNORECASE)
PROGRAMS = ("apt-get", "apt")


@transform(
    phase=Phase.PACKAGES,
    safety=Safety.REVIEW,
    see=["hadolint:DL3015", "binnacle:ruleAptGetInstallUseNoRec"],
    triggers=["apt"],
    claims=[words_of(PROGRAMS, exactly=[FLAG, *companion_names()])],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find installs that bring recommended packages."""
    if SAID.search(doc.text):
        return
    named: dict[int, set[str]] = {}
    for call in doc.calls("apt"):
        if call.verb is None or call.action not in ("install", "build-dep"):
            continue
        if call.has(FLAG, "--install-recommends", "-s", "--simulate", "--dry-run", "--download-only", "-d"):
            continue
        leaning = next((n for n in _names(call) if LEANS_ON_RECOMMENDS.match(n)), "")
        if leaning:
            yield left(doc, call.run.offset(call.verb.start), FLAG, f"{leaning} leans on recommended packages")
            continue
        known = named.setdefault(call.run.stage.index, set())
        added = _missing(doc, call, known)
        known.update(c.package for _, c in added)
        edits = _edits(doc, call, added)
        names = ", ".join(f"{c.package} ({c.reason})" for _, c in added)
        yield Change(
            title=f"{call.action} without recommended packages" + (f", with {_list(added)} named" if added else ""),
            why="recommended packages are weight that nobody chose",
            edits=edits,
            evidence=f"users rely on {names}"
            if names
            else "none of the packages has a known companion that is missing",
            saves="the recommended packages",
        )


def _list(added: list[tuple[int, Companion]]) -> str:
    return " and ".join(sorted({c.package for _, c in added}))


def _edits(doc: Document, call: Call, added: list[tuple[int, Companion]]) -> tuple[Edit, ...]:
    verb = call.verb
    assert verb is not None
    words = call.words
    at = words.index(verb)
    while at + 1 < len(words) and words[at + 1].raw in (
        "-y",
        "--yes",
        "-q",
        "-qq",
        "-yq",
        "-qy",
        "-yqq",
        "-qqy",
        "--assume-yes",
    ):
        at += 1
    edits = [insert_after(call, words[at], f" {FLAG}")]
    by_place: dict[int, list[str]] = {}
    for index, companion in added:
        by_place.setdefault(index, []).append(companion.package)
    for index, packages in by_place.items():
        edits.append(insert_word_before(doc, call.run, call.operands[index], packages))
    return tuple(edits)


def _missing(doc: Document, call: Call, named: set[str]) -> list[tuple[int, Companion]]:
    """Return the companions that this call has to name, with the place of the package that needs each.

    `named` are those that earlier calls of the stage name now.
    """
    before, anywhere = set(_present(doc, call, call.run.index)), set(_present(doc, call))
    added = set(named)
    found: list[tuple[int, Companion]] = []
    for index, word in enumerate(call.operands):
        for companion in companions(_name(word.value or word.raw)):
            present = added | (anywhere if companion.needed_if else before)
            if companion.package in present or present.intersection(companion.unless):
                continue
            if companion.needed_if and not re.search(companion.needed_if, doc.text):
                continue
            added.add(companion.package)
            found.append((index, companion))
    return found


def _present(doc: Document, call: Call, until: int | None = None) -> Iterator[str]:
    """Yield the packages that the stage gets, up to its member number `until`, as the file tells."""
    for stage in call.run.stage.lineage:
        for other in doc.calls("apt"):
            if other.run.stage is stage and other.action == "install":
                if stage is not call.run.stage or until is None or other.run.index <= until:
                    yield from _names(other)


def _names(call: Call) -> list[str]:
    return [_name(w.value or w.raw) for w in call.operands]


def _name(word: str) -> str:
    return re.split(r"[=/:]", word)[0]
