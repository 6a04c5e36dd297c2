"""Whether two containers do the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.prove.running.judge import judge
from optimizer.prove.running.types import Answer, Seen

ENDED = Seen(code=0, out="hello\n")
SERVED = Seen(running=True, port=80, answer=Answer(200, "text/html", "<p>hi"), network="published")
HEALTHY = Seen(running=True, health="healthy")


def wrong(before: Seen, after: Seen) -> list[str]:
    return [check.name for check in judge(before, after, lambda: before) if not check.holds]


@pytest.mark.parametrize("seen", [ENDED, SERVED, HEALTHY, replace(ENDED, code=3), Seen(running=True)])
def test_a_container_is_like_itself(seen: Seen) -> None:
    checks = judge(seen, seen, lambda: seen)
    assert checks and all(check.holds for check in checks)


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        (ENDED, replace(ENDED, code=1), ["end"]),
        (ENDED, replace(ENDED, code=127, err="sh: x: not found"), ["run"]),
        (ENDED, replace(ENDED, out="bye"), ["output"]),
        (ENDED, replace(ENDED, err="deprecated"), ["error output"]),
        (ENDED, replace(ENDED, running=True), ["end"]),
        (ENDED, Seen(refused="no such user"), ["start"]),
        (SERVED, replace(SERVED, answer=Answer(500, "text/html", "<p>hi")), ["answer"]),
        (SERVED, replace(SERVED, answer=Answer(200, "text/plain", "<p>hi")), ["answer"]),
        (SERVED, replace(SERVED, answer=Answer(200, "text/html", "<p>ho")), ["body"]),
        (SERVED, replace(SERVED, answer=None), ["run"]),
        (SERVED, replace(SERVED, answer=None, running=False, code=1), ["run"]),
        (SERVED, replace(SERVED, answer=Answer(0)), ["answer", "body"]),
        (replace(SERVED, answer=Answer(0)), replace(SERVED, answer=Answer(0)), []),
        (HEALTHY, replace(HEALTHY, health="unhealthy"), ["HEALTHCHECK"]),
        (HEALTHY, replace(HEALTHY, health=""), ["HEALTHCHECK"]),
    ],
)
def test_differences_are_found(before: Seen, after: Seen, names: list[str]) -> None:
    assert wrong(before, after) == names


def test_the_first_image_runs_again_only_where_texts_differ() -> None:
    asked = []

    def again() -> Seen:
        asked.append(1)
        return replace(ENDED, out="at 2", err="")

    assert all(c.holds for c in judge(replace(ENDED, out="at 1"), replace(ENDED, out="at 3"), again))
    assert len(asked) == 1
    judge(ENDED, ENDED, again)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("seen", "served", "told"),
    [
        (ENDED, False, ""),
        (replace(ENDED, code=1), False, ""),
        (replace(ENDED, code=127, err="x: not found\n"), False, "it ends with exit code 127 (x: not found)"),
        (
            replace(ENDED, code=137),
            False,
            "it was killed (exit code 137), by its limit of memory as a rule: --memory raises that",
        ),
        (Seen(refused="no such file"), False, "it does not start: no such file"),
        (SERVED, True, ""),
        (replace(SERVED, answer=None), True, "nothing answers at port 80: it does not answer"),
        (replace(HEALTHY, health="unhealthy", probe="curl: (7)"), False, "its HEALTHCHECK fails: curl: (7)"),
    ],
)
def test_an_original_that_does_not_run_is_told(seen: Seen, served: bool, told: str) -> None:
    assert seen.failed(served) == told


def test_an_original_that_fails_itself_is_said_to_prove_little() -> None:
    for weak in (replace(ENDED, code=1), replace(SERVED, answer=Answer(404, "text/html", "no"))):
        checks = judge(weak, weak, lambda weak=weak: weak)
        assert all(c.holds for c in checks)
        assert [c.name for c in checks if "would tell more" in c.note] == ["answer" if weak.answer else "end"]
    assert not any(c.note for seen in (ENDED, SERVED, HEALTHY) for c in judge(seen, seen, lambda seen=seen: seen))
