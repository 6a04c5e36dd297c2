"""Outcomes as JSON, for programs."""

from __future__ import annotations

import json
from typing import Any

from optimizer.report.diff import file_diff
from optimizer.report.summary import Tally
from optimizer.report.trace import Trace, trace
from optimizer.rewrite.change import Applied, Edit, Left, Outcome
from optimizer.syntax import Source

SCHEMA = 1


def head(version: str) -> str:
    """Return the start of the document: the number of its schema, the program's version, and the list of files."""
    return f'{{"schema": {SCHEMA}, "dockopt": {json.dumps(version)}, "files": ['


def entry(outcome: Outcome) -> str:
    """Return one file's object.

    Lines and columns count from 1, offsets from 0, all in characters. A change's `line` and `column`
    are those of the file as given. Its edits count in the text before its `step`, which is what the
    former steps left; a byte that is not UTF-8 stands as a lone surrogate (U+DC80 to U+DCFF).
    """
    way = trace(outcome)
    value = {
        "path": outcome.name,
        "changed": outcome.changed,
        "changes": [
            _change(item, way.place(number, item.line, item.column))
            | {"step": number, "edits": _edits(step.before, item.change.edits)}
            for number, step in enumerate(outcome.steps)
            for item in step.applied
        ],
        "left": [_left(item, way, number) for number, step in enumerate(outcome.steps) for item in step.left],
        "advice": [_change(item, way.place_of_advice(item)) for item in outcome.advice],
        "faults": list(outcome.faults),
        "new_files": outcome.new_files,
        "proven": list(outcome.proven),
        "diff": file_diff(outcome, explain=False),
    }
    return json.dumps(value)


def tail(tally: Tally, errors: list[dict[str, str]]) -> str:
    """Return the end of the document: what could not be done, and the counts."""
    return f'], "errors": {json.dumps(errors)}, "summary": {json.dumps(tally.as_dict())}}}\n'


def _change(item: Applied, place: tuple[int, int]) -> dict[str, Any]:
    change = item.change
    return {
        "transform": item.transform,
        "title": change.title,
        "why": change.why,
        "safety": item.safety.value,
        "evidence": change.evidence,
        "saves": change.saves,
        "line": place[0],
        "column": place[1],
    }


def _left(item: Left, way: Trace, step: int) -> dict[str, Any]:
    line, column = way.place(step, item.line, item.column)
    return {
        "transform": item.transform,
        "title": item.title,
        "reason": item.reason,
        "line": line,
        "column": column,
        "level": item.level,
    }


def _edits(text: str, edits: tuple[Edit, ...]) -> list[dict[str, Any]]:
    source = Source(text)
    return [
        {"start": _position(source, e.span.start), "end": _position(source, e.span.end), "text": e.text} for e in edits
    ]


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line, "column": column, "offset": offset}
