"""Where a build failed: a builder's log, read back to an instruction of the Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optimizer.prove.engines.base import BuildFailed, Recipe
from optimizer.syntax import Instruction, Source, parse

_TAIL = 15
# BuildKit: `Dockerfile:4` stands below a rule, and the lines around it follow below another one.
_PLACE = re.compile(r"^\S*:(\d+)$")
_HEAD = re.compile(r"^ > \[.*\].*:$")
_TIMED = re.compile(r"^(?:#\d+ )?\d+\.\d+ ")
# podman and buildah: the instruction with its whitespace folded.
_STEP = re.compile(r'at STEP "(.*?)": (.*)$')
_WORDS = re.compile(r"\s+")


def failure(recipe: Recipe, log: Sequence[str]) -> BuildFailed:
    """Return what a builder's log says about its end."""
    line, reason = _place(log), _reason(log)
    step = next((m for text in reversed(log) if (m := _STEP.search(text))), None)
    source = Source.from_bytes(recipe.data, recipe.name)
    found = None
    for node in parse(source.text).nodes:
        if not isinstance(node, Instruction):
            continue
        first = source.position(node.start)[0]
        text = node.span.of(source.text).strip()
        if (line and first <= line) or (step and not line and _folded(text) == _folded(step[1])):
            found = (first, text)
    if step and not line:
        reason = step[2]
    place, text = found or (0, "")
    return BuildFailed(recipe.name, place, text, reason, tuple(_output(log)))


def _place(log: Sequence[str]) -> int:
    for at in range(len(log) - 1, 0, -1):
        match = _PLACE.match(log[at])
        if match and at + 1 < len(log) and log[at + 1].startswith("-----"):
            return int(match[1])
    return 0


def _reason(log: Sequence[str]) -> str:
    for text in reversed(log):
        for head in ("ERROR: ", "Error: ", "error: "):
            if text.startswith(head):
                return text.removeprefix(head).removeprefix("failed to solve: ")
    return next((text for text in reversed(log) if text.strip()), "the builder said nothing")


def _output(log: Sequence[str]) -> list[str]:
    """Return the last lines that the failing instruction printed."""
    heads = [at for at, text in enumerate(log) if _HEAD.match(text)]
    if heads:
        lines = []
        for text in log[heads[-1] + 1 :]:
            if text.startswith("------"):
                break
            lines.append(_TIMED.sub("", text))
        return lines[-_TAIL:]
    if any(re.match(r"#\d+ ", text) for text in log):
        return []  # BuildKit, which failed before it ran anything
    steps = [at for at, text in enumerate(log) if text.startswith("STEP ") or "STEP " in text[:12]]
    rest = log[steps[-1] + 1 :] if steps else log
    return [text for text in rest if text.strip() and not text.startswith(("Error: ", "error: "))][-_TAIL:]


def _folded(text: str) -> str:
    return _WORDS.sub(" ", text.replace("\\\n", " ")).strip()
