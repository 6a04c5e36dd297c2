"""Two outputs are the same but for what varies by itself."""

from __future__ import annotations

import pytest

from optimizer.prove.running.texts import same

NEVER = "never asked"


def never() -> str:
    raise AssertionError("the first image was run again without need")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\n", "a\nb\n"),
        ("a\r\nb", "a\nb\n"),
        ("a\nb", "b\na"),
        ("<obj at 0x7f00aa11bb22>", "<obj at 0x7fffaa11bb33>"),
    ],
)
def test_the_same_without_asking_again(before: str, after: str) -> None:
    assert same(before, after, never)[0]


@pytest.mark.parametrize(
    ("before", "after", "again", "holds"),
    [
        ("started at 12:00:01", "started at 12:00:09", "started at 12:00:05", True),
        ("started at 12:00:01", "stopped at 12:00:09", "started at 12:00:05", False),
        ("curl 7.88", "curl 8.1", "curl 7.88", False),
        ("token abc\nready", "token xyz\nready", "token mno\nready", True),
        ("token abc\nready", "token xyz\nfailed", "token mno\nready", False),
        ("a\nb x\nc", "c\na", "a\nc\nd", True),
        ("a\nb x\nc", "a", "a\nc\nd", False),
        ("something", "", "something", False),
        ("", "a warning", "", False),
    ],
)
def test_what_varies_in_the_first_image_is_not_held_against_the_second(before, after, again, holds) -> None:
    assert same(before, after, lambda: again)[0] is holds


def test_what_was_not_compared_is_said() -> None:
    assert same("at 1", "at 2", lambda: "at 3") == (True, "numbers vary from run to run and were not compared")
    assert same("a\nb", "b\na", never) == (True, "the lines come in another order")


def test_masks() -> None:
    assert same("id=alpha ok", "id=beta ok", never, (r"id=\w+",))[0]
    assert not same("id=alpha ok", "id=beta no", lambda: "id=alpha ok", (r"id=\w+",))[0]
