"""BuildKit's own parser as the judge of ours: both readings of a file in the same plain form.

The package `dockerfile` holds the parser of BuildKit v0.12.5. A crash inside it ends the process,
so that it is asked in a process of its own where the input is not known to be harmless.
"""

from __future__ import annotations

import json
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from optimizer.facts.environment import pairs_of
from optimizer.syntax import Dockerfile, Instruction, Source, parse
from optimizer.syntax.lines import strip
from optimizer.syntax.words import blank_words


class Reading(NamedTuple):
    """One instruction. `values` is None where ours does not say what the builder makes of it."""

    keyword: str
    inner: str | None
    first_line: int
    last_line: int
    text: str
    flags: tuple[str, ...]
    json: bool
    values: tuple[str, ...] | None
    heredocs: tuple[tuple[str, str], ...]


def theirs(data: bytes) -> list[Reading] | None:
    """Return BuildKit's reading of a file, None where it refuses it."""
    import dockerfile

    handle, name = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        found = dockerfile.parse_file(name)
    except (dockerfile.GoParseError, UnicodeDecodeError):
        return None
    finally:
        Path(name).unlink()
    return [
        Reading(
            (c.cmd or "").upper(),
            c.sub_cmd.upper() if c.sub_cmd else None,
            c.start_line,
            c.end_line,
            # A heredoc's lines follow the instruction's own, which hold no line feed.
            (c.original or "").partition("\n")[0] if c.heredocs else c.original or "",
            c.flags,
            c.json,
            c.value,
            tuple((h.name, h.content) for h in c.heredocs),
        )
        for c in found
    ]


def ours(data: bytes) -> list[Reading]:
    """Return our reading of a file."""
    source = Source.from_bytes(data)
    tree = parse(source.text)
    return [_reading(i, source, tree) for i in tree.instructions]


def _reading(instruction: Instruction, source: Source, tree: Dockerfile) -> Reading:
    inner = instruction.onbuild
    spoken = inner or instruction
    return Reading(
        instruction.keyword,
        inner.keyword if inner else None,
        source.position(instruction.start)[0],
        source.position(max(instruction.start, instruction.end - 1))[0],
        instruction.folded.text,
        tuple(f"--{f.name}" if f.value is None else f"--{f.name}={f.value}" for f in instruction.flags),
        spoken.json is not None,
        _values(spoken, tree.escape),
        tuple((h.name, h.body.of(source.text)) for h in instruction.heredocs),
    )


def _values(instruction: Instruction, escape: str) -> tuple[str, ...] | None:
    keyword, args = instruction.keyword, strip(instruction.args)
    head = instruction.folded.text[instruction.shape.keyword_end : instruction.shape.args_at]
    if keyword == "HEALTHCHECK":
        if instruction.json is not None:
            return ("CMD", *instruction.json)
        if strip(head).upper().endswith("CMD"):
            return ("CMD", args) if args else ("CMD",)
        return None
    if instruction.json is not None:
        return instruction.json
    if keyword in ("RUN", "CMD", "ENTRYPOINT", "USER", "WORKDIR", "MAINTAINER", "STOPSIGNAL", "SHELL"):
        return (args,) if args else ()
    if keyword in ("FROM", "COPY", "ADD", "EXPOSE", "VOLUME"):
        text = instruction.folded.text
        return tuple(s.of(text) for s in blank_words(text, instruction.shape.args_at))
    if keyword in ("ENV", "LABEL"):
        return tuple(part for p in pairs_of(instruction, escape) for part in (p.name, p.raw))
    if keyword == "ARG":
        return tuple(
            f"{p.name}={p.raw}" if p.value_span.start > p.name_span.end else p.name
            for p in pairs_of(instruction, escape)
        )
    return None


def differences(data: bytes, judge: list[Reading] | None) -> list[str]:
    """Return where our reading differs from the judge's, nothing where the judge refuses the file."""
    if judge is None:
        return []
    mine = ours(data)
    found = [] if len(mine) == len(judge) else [f"{len(mine)} instructions for {len(judge)}"]
    for left, right in zip(mine, judge, strict=False):
        if right.json and not left.json and _text_behind_json(left.text):
            # BuildKit since v0.15 no longer takes the array and forgets the rest of the line.
            right = right._replace(json=False, values=left.values)
        if left.inner:
            # The package tells of no heredocs below ONBUILD; the lines that they take are compared.
            right = right._replace(heredocs=left.heredocs)
        if left.values is None or any("\0" in v for v in left.values):
            # The package hands its values over as C strings.
            right = right._replace(values=left.values)
        for name, a, b in zip(Reading._fields, left, right, strict=True):
            if a != b:
                found.append(f"line {right.first_line}: {name} {a!r} for {b!r}")
    return found


def _text_behind_json(text: str) -> bool:
    try:
        _, end = json.JSONDecoder().raw_decode(text, text.index("["))
    except ValueError:
        return False
    return bool(text[end:].strip())


class Judge:
    """Asks BuildKit's parser in another process, which is replaced when it dies."""

    def __init__(self) -> None:
        self.pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        # A process that is forked off while Go's threads run may hang.
        return ProcessPoolExecutor(1, get_context("spawn"))

    def close(self) -> None:
        self.pool.shutdown()

    def read(self, data: bytes) -> list[Reading] | None:
        try:
            return self.pool.submit(theirs, data).result()
        except BrokenProcessPool:
            self.pool = self._new_pool()
            return None
