"""End the target of several sources with a slash.

COPY of several sources needs a folder. Without a slash at its end the classic builder refuses the
line, and BuildKit writes the sources over each other if the folder is not there yet.

Before:
    WORKDIR /srv
    COPY package.json package-lock.json /srv
After:
    WORKDIR /srv
    COPY package.json package-lock.json /srv/

Safety: safe. Where the folder is known to be there both mean the same. Where it is not known, BuildKit may
have made one file of all sources until now: that is for review.
Left alone: a target that only the build knows.
"""

import posixpath
from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.environment import evaluate
from optimizer.facts.stages import Stage, State, join_path
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import entries_as
from optimizer.rewrite.compose import left
from optimizer.rewrite.instructions import arguments, put_behind, words
from optimizer.rewrite.model import Entry
from optimizer.rewrite.registry import transform

# Folders that every base image but scratch has.
STANDARD = frozenset(
    "/ /bin /etc /home /opt /root /srv /tmp /usr /usr/bin /usr/lib /usr/local /usr/local/bin /var /var/lib".split()
)


def as_folder(entry: Entry) -> Entry:
    """Return a COPY of several sources with its target as a folder."""
    plain = [w for w in entry.words if not w.startswith("--")]
    if len(plain) < 3:
        return entry
    flags = entry.words[len(plain) :]
    return entry._replace(words=(*plain[:-1], posixpath.normpath(plain[-1]), *flags))


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["hadolint:DL3021"],
    triggers=["copy", "add"],
    claims=[entries_as([f"{b}{k}" for k in ("COPY", "ADD") for b in ("", "ONBUILD ")], as_folder)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find several sources with a target that does not end with a slash."""
    for outer, stage, state, index in doc.located:
        instruction = outer.onbuild or outer
        if instruction.keyword not in ("COPY", "ADD") or state.windows:
            continue
        names = arguments(instruction)
        if len(names) < 3 or names[-1].rstrip("\"'").endswith("/"):
            continue
        target, known = evaluate(names[-1], state.env, doc.escape)
        if not known or not target:
            yield left(doc, instruction.start, "a slash behind the target", "only the build knows the target")
            continue
        if target.endswith("/"):
            continue
        end = words(instruction)[-1].end
        quoted = instruction.json is not None or names[-1][-1:] in ("'", '"')
        sure = _is_there(target, stage, state, index, doc.escape)
        yield Change(
            title=f"a slash behind {names[-1]}",
            why="several sources need a folder, and the slash says that it is one",
            edits=(put_behind(instruction, end - 1 if quoted else end, "/"),),
            safety=None if sure else Safety.REVIEW,
            evidence=sure or "if the folder is not there, BuildKit has written the sources over each other until now",
        )


def _is_there(target: str, stage: Stage, state: State, index: int, escape: str) -> str:
    """Return how a folder is known to be there, "" where it is not."""
    if posixpath.normpath(target) == ".":
        return "it is the working directory"
    path = join_path(state.workdir, (target, True))
    if path is None:
        return ""
    path = posixpath.normpath(path)
    if path in STANDARD and stage.root_image.resolved != "scratch":
        return "it is there in every base image"
    for ancestor in stage.lineage:
        last = index if ancestor is stage else len(ancestor.members)
        for member, before in zip(ancestor.members[:last], ancestor.states, strict=False):
            if member.keyword == "WORKDIR":
                made = join_path(before.workdir, evaluate(member.args.strip(), before.env, escape))
            elif member.keyword in ("COPY", "ADD"):
                name = (arguments(member) or ("",))[-1]
                made = join_path(before.workdir, evaluate(name, before.env, escape)) if name.endswith("/") else None
            else:
                made = None
            if made and f"{posixpath.normpath(made)}/".startswith(f"{path}/"):
                return f"an earlier {member.keyword} has made it"
    return ""
