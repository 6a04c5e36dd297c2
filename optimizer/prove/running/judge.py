"""Whether two containers do the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from optimizer.prove.running.texts import same
from optimizer.prove.running.types import Answer, Check, Seen

# What equal failures prove is little.
_WEAK = "the original itself fails here; another --command, --request or --env would tell more"


def judge(before: Seen, after: Seen, again: Callable[[], Seen], masks: Sequence[str] = ()) -> tuple[Check, ...]:
    """Compare what was seen of two containers.

    `again` runs the first image once more; it is asked only where the two differ, to learn what varies by itself.
    """
    return tuple(_checks(before, after, cache(again), masks))


def _checks(before: Seen, after: Seen, again: Callable[[], Seen], masks: Sequence[str]) -> Iterator[Check]:
    problem = after.failed(before.answer is not None)
    if problem:
        name = "start" if after.refused else "HEALTHCHECK" if after.health == "unhealthy" else "run"
        yield Check(name, _how(before), False, _state(before), problem)
        return
    weak = _WEAK if not before.running and before.code else ""
    yield Check("end", _how(before), _state(before) == _state(after), _state(before), _state(after), weak)
    if before.answer is not None and after.answer is not None:
        yield from _answers(before, after, again, masks)
    if before.health:
        yield Check("HEALTHCHECK", "the image's own", before.health == after.health, before.health, after.health)
    if not before.running:
        yield from _outputs(before, after, again, masks)


def _outputs(before: Seen, after: Seen, again: Callable[[], Seen], masks: Sequence[str]) -> Iterator[Check]:
    def errors() -> str:
        return again().err

    def output() -> str:
        return again().out

    for name, old, new, third in (
        ("output", before.out, after.out, output),
        ("error output", before.err, after.err, errors),
    ):
        holds, note = same(old, new, third, masks)
        yield Check(name, "compared", holds, _short(old), _short(new), note)


def _answers(before: Seen, after: Seen, again: Callable[[], Seen], masks: Sequence[str]) -> Iterator[Check]:
    old, new = before.answer, after.answer
    assert old is not None and new is not None
    if not old.status:
        yield Check("port", f"port {before.port} takes connections", not new.status, "open", "open")
        return
    how = f"HTTP at port {before.port}"
    kinds = f"{old.status} {old.content_type}".strip(), f"{new.status} {new.content_type}".strip()
    yield Check("answer", how, kinds[0] == kinds[1], *kinds, _WEAK if old.status >= 400 else "")
    holds, note = same(old.body, new.body, lambda: (again().answer or Answer(0)).body, masks)
    yield Check("body", f"{how}, {len(old.body)} characters", holds, _short(old.body), _short(new.body), note)


def _how(seen: Seen) -> str:
    reach = {
        "none": "without a network",
        "published": "on a network of its own, its port published on this machine only",
        "host": "on the network of this machine",
    }[seen.network]
    return f"the image's container, {reach}"


def _state(seen: Seen) -> str:
    if seen.refused:
        return "does not start"
    return "runs" if seen.running else f"exit code {seen.code}"


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 400 else f"{text[:200]} ... {text[-200:]}"
