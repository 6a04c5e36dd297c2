"""A Split as the edits of one Change."""

from __future__ import annotations

import json
import re

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Edit
from optimizer.rewrite.compose import insert
from optimizer.rewrite.instructions import cased, put_behind
from optimizer.rewrite.manner import DEFAULT_INDENT, WIDTH
from optimizer.rewrite.stages.split import Copied, Split
from optimizer.syntax import Comment, Instruction, Span
from optimizer.syntax.lines import content_size

_PLAIN = re.compile(r"[^\s\"'$\\\[\]]+\Z")


def change_of(doc: Document, split: Split) -> Change:
    """Return the Change that makes two stages of one: `FROM ... AS build`, and a block in front of the tail."""
    title = f"{split.stage.image.raw} only builds; the image stands on {split.base}"
    return Change(
        title=title,
        why=split.why,
        edits=(*_head_edits(split), _block_edit(doc, split)),
        safety=split.safety,
        evidence="; ".join((*split.evidence, _parts(doc, split))),
        saves=split.saves,
        at=split.stage.head.start,
    )


def _parts(doc: Document, split: Split) -> str:
    """Return which lines of the original are for the build, for the run time, and for both."""
    found = []
    for part, name in (("build", "for the build"), ("both", "for both"), ("run", "for the run time")):
        lines = [doc.source.position(r.instruction.start)[0] for r in split.roles if r.part == part]
        if lines:
            found.append(f"{name}: line{'s' if len(lines) > 1 else ''} {_ranges(lines, doc)}")
    return ", ".join(found)


def _ranges(lines: list[int], doc: Document) -> str:
    """Return numbers with those that follow each other, of instruction after instruction, as from and to."""
    order = [doc.source.position(i.start)[0] for i in doc.tree.instructions]
    runs: list[list[int]] = []
    for line in lines:
        if runs and order.index(line) == order.index(runs[-1][-1]) + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _head_edits(split: Split) -> list[Edit]:
    head = split.stage.head
    if split.stage.name is not None:
        return []
    return [put_behind(head, content_size(head.folded.text), f" {cased(head, 'AS')} {split.name}")]


def _block_edit(doc: Document, split: Split) -> Edit:
    """Insert the head of the final stage behind the last instruction that only builds."""
    members = split.stage.members
    last = members[split.cut - 1] if split.cut else split.stage.head
    newline = doc.newline
    block = newline.join(_lines(doc, split))
    ended = doc.text[: last.end].endswith("\n")
    following = next((n for n in doc.tree.nodes if n.start >= last.end), None)
    gap = newline if isinstance(following, Comment) else ""
    if not ended:
        return insert(last.end, f"{newline}{newline}{block}")
    return insert(last.end, f"{newline}{block}{newline}{gap}")


def _lines(doc: Document, split: Split) -> list[str]:
    head = split.stage.head
    name = split.stage.name or split.name
    platform = f"--platform={split.stage.platform} " if split.stage.platform else ""
    lines = [f"{cased(head, 'FROM')} {platform}{split.base}", *split.arguments]
    if split.packages:
        lines.append(_install(doc, split))
    lines += split.replayed
    lines += [_copy(doc, head, name, copied) for copied in split.copies]
    return [*lines, *split.finish]


def _install(doc: Document, split: Split) -> str:
    keyword, names = cased(split.stage.head, "RUN"), " ".join(sorted(split.packages))
    if split.manager == "apk":
        return f"{keyword} apk add --no-cache {names}"
    fold = f" {doc.escape}{doc.newline}{DEFAULT_INDENT}"
    return (
        f"{keyword} apt-get update{fold}&& apt-get install -y --no-install-recommends {names}"
        f"{fold}&& rm -rf /var/lib/apt/lists/*"
    )


def _copy(doc: Document, head: Instruction, name: str, copied: Copied) -> str:
    words = (*copied.sources, copied.target)
    owner = f" --chown={copied.owner}" if copied.owner else ""
    start = f"{cased(head, 'COPY')} --from={name}{owner}"
    if not all(_PLAIN.match(word) for word in words):
        return f"{start} {json.dumps(words, ensure_ascii=False)}"
    line = f"{start} {' '.join(words)}"
    if len(line) <= WIDTH:
        return line
    return f" {doc.escape}{doc.newline}{DEFAULT_INDENT}".join([start, *words])


def text_of(doc: Document, instruction: Instruction) -> str:
    """Return an instruction as it stands in the file, without its last newline, to be replayed."""
    return Span(instruction.start, instruction.end).of(doc.text).strip("\r\n").strip()
