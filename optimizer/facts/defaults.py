"""The values that variables have when nobody passes a --build-arg."""

from __future__ import annotations

from optimizer.facts.document import Document
from optimizer.facts.environment import evaluate, pairs_of
from optimizer.facts.stages import Stage


def defaults(document: Document, stage: Stage, index: int) -> dict[str, str | None]:
    """Return the variables that member number `index` of a stage sees; None where a value is not known.

    ENV wins over ARG, as in a build.
    """
    values: dict[str, str | None] = {}
    for member in stage.members[:index]:
        if member.keyword == "ARG":
            for pair in pairs_of(member, document.escape):
                given = pair.name_span.end < pair.value_span.start
                value, known = evaluate(pair.raw, values, document.escape)
                values[pair.name] = (value if known else None) if given else document.global_args.get(pair.name)
    env = stage.states[index].env if index < len(stage.states) else stage.last.env
    return values | {name: value for name, value in env.items() if value is not None}
