"""Copy plain files with COPY.

ADD also unpacks archives and fetches URLs, so that a reader has to think about what it does. For
files and folders of the build context COPY does the same, and nothing else.

Before:
    ADD requirements.txt /srv/
    ADD src/ /srv/src/
After:
    COPY requirements.txt /srv/
    COPY src/ /srv/src/

Safety: review. ADD unpacks a local archive whatever its name is. Where the build context is there to
look at, and every source in it is a file that is no archive, or a folder, the change is safe.
Left alone: archives, and names that an archive could have; URLs and git repositories; flags that
only ADD has; sources that a variable without a known value decides.
"""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from optimizer.facts.document import Document
from optimizer.facts.environment import evaluate
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import same_as
from optimizer.rewrite.compose import left
from optimizer.rewrite.instructions import arguments, cased, put_keyword
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern

ONLY_ADD = ("checksum", "keep-git-dir", "unpack")
REMOTE = pattern(r"https?:|git:|ssh:|github\.com/|[\w-]+@[\w.-]+:|[\w+]+://", re.IGNORECASE)
# Alpine's packages, gems and crates are archives too; images of disks and dumps often are.
ARCHIVE = pattern(
    r".*\.(tar\W.*|tar|t[a-z]?gz|tbz2?|tb2|txz|tlz|tzst|tz2|gz|bz2?|xz|zst|lzma|lz|lz4|z|taz|apk|gem|crate|ova|box)\Z",
    re.IGNORECASE,
)
PLAIN_NAME = pattern(r"[^/]*\.[A-Za-z][A-Za-z0-9]{0,9}\Z")
WILD = pattern(r"[*?\[]")


class Kind(Enum):
    """What is known of a source."""

    SEEN = "the build context shows that ADD does not unpack it"
    PLAIN = "nothing says that ADD unpacks it"
    ADD = "ADD is right for it"
    UNSURE = "it can't be told"


class Verdict(NamedTuple):
    """What is known of a source, and how."""

    kind: Kind
    text: str = ""


@transform(
    phase=Phase.TIDY,
    safety=Safety.REVIEW,
    see=["hadolint:DL3020", "parfum:DL3020"],
    triggers=["add"],
    claims=[same_as("ADD", "COPY")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find ADD of files and folders."""
    for outer, _, state, _ in doc.located:
        instruction = outer.onbuild or outer
        if instruction.keyword != "ADD" or instruction.heredocs:
            continue
        words = arguments(instruction)
        edit = put_keyword(instruction, cased(instruction, "COPY"))
        if len(words) < 2 or edit is None or any(instruction.flag(f) is not None for f in ONLY_ADD):
            continue
        verdicts = [_look(doc, word, state.env, words[-1]) for word in words[:-1]]
        kinds = {v.kind for v in verdicts}
        if Kind.UNSURE in kinds:
            reason = next(v.text for v in verdicts if v.kind is Kind.UNSURE)
            yield left(doc, instruction.start, "COPY in place of ADD", reason)
        elif Kind.ADD not in kinds:
            seen = kinds == {Kind.SEEN}
            yield Change(
                title="COPY in place of ADD",
                why="ADD also unpacks archives and fetches URLs, and nothing of that is meant here",
                edits=(edit,),
                safety=Safety.SAFE if seen else None,
                evidence=next(v.text for v in verdicts if seen or v.kind is Kind.PLAIN),
            )


def _look(doc: Document, word: str, values: Mapping[str, str | None], target: str) -> Verdict:
    """Look at one source: by its name, and in the build context where there is one."""
    path, known = evaluate(word, values, doc.escape)
    if REMOTE.match(path) or ARCHIVE.match(path):
        return Verdict(Kind.ADD)
    if not known:
        return _look_at_variable(path, target)
    found = {doc.context.kind(p) for p in doc.context.matches(path)} if doc.context else set()
    if "archive" in found:
        return Verdict(Kind.ADD) if found == {"archive"} else Verdict(Kind.UNSURE, "its pattern matches an archive too")
    if found and "$" not in word:
        shown = "a folder" if found == {"folder"} else "no archive"
        return Verdict(Kind.SEEN, f"it is {shown} in the build context")
    name = path.rpartition("/")[2]
    if WILD.search(name) and name != "*" and not PLAIN_NAME.match(WILD.split(name)[-1]):
        return Verdict(Kind.UNSURE, "its pattern can match an archive")
    return Verdict(Kind.PLAIN, "its name is not that of an archive" + (", and it is not there" if doc.context else ""))


def _look_at_variable(path: str, target: str) -> Verdict:
    if path.startswith("$"):
        return Verdict(Kind.UNSURE, "a variable decides whether it is a file, an archive or a URL")
    name = re.sub(r"\$(\{[^}]*\}|\w+)", "*", path.rpartition("/")[2])
    if not WILD.search(name) or PLAIN_NAME.match(WILD.split(name)[-1]):
        return Verdict(Kind.PLAIN, "its name is not that of an archive, whatever the variable holds")
    if PLAIN_NAME.match(target) and not ARCHIVE.match(target):
        return Verdict(Kind.PLAIN, "it becomes a single file, so that it is meant to be no archive")
    return Verdict(Kind.UNSURE, "a variable decides whether it is an archive")
