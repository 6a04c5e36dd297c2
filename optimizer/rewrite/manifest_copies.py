"""The COPY lines that bring some files of a bigger COPY alone."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from optimizer.facts.brought import Brought
from optimizer.facts.document import Document
from optimizer.rewrite.instructions import arguments, keyword_of


def copies_of(doc: Document, copy: Brought, places: Iterable[str]) -> str:
    """Return lines that copy files, named by their places in the image, as `copy` does; one line for each folder."""
    by_folder: dict[str, list[str]] = {}
    for place in places:
        by_folder.setdefault(posixpath.dirname(place), []).append(copy.files[place])
    instruction = copy.instruction
    head = instruction.folded.text[: instruction.shape.args_at].strip()
    flags = head[instruction.shape.keyword_end :].strip() if instruction.shape.flags else ""
    start = " ".join(word for word in (keyword_of(instruction), flags) if word)
    target = arguments(instruction)[-1]
    return "".join(
        f"{start} {' '.join(sources)} {_below(target, posixpath.relpath(folder, copy.target))}{doc.newline}"
        for folder, sources in by_folder.items()
    )


def _below(target: str, inside: str) -> str:
    """Return the folder `inside` a COPY's target, in the target's own way of writing."""
    base = target.rstrip("/") or "/"
    if base in (".", "./."):
        return "./" if inside == "." else f"./{inside}/"
    return f"{base.rstrip('/')}/" if inside == "." else f"{base.rstrip('/')}/{inside}/"
