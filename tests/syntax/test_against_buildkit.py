"""Our reading against that of BuildKit's own parser, instruction by instruction."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import assume, example, given, settings

pytest.importorskip("dockerfile")

from tests.syntax.oracle import Judge, differences, theirs
from tests.syntax.samples import TORTURE, dockerfiles


@pytest.mark.parametrize("text", TORTURE.values(), ids=TORTURE.keys())
def test_torture(text: str) -> None:
    assert differences(text.encode(), theirs(text.encode())) == []


def test_the_judge_accepts_most_of_the_table() -> None:
    refused = [name for name, text in TORTURE.items() if theirs(text.encode()) is None]
    assert refused == ["unterminated heredoc"]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


def _is_beyond_the_judge(text: str) -> bool:
    """Whether a newer BuildKit reads the text in another way than the judge does."""
    return bool(
        # White space between `<<` and the word, since 1.16.
        re.search(r"<<-?[ \t\r\f]", text)
        # Whatever follows a JSON array, since 1.10.
        or ("<<" in text and '["a"' in text)
        or (re.search(r"(?i)healthcheck", text) and ("[" in text or not text.isascii()))
        # Flags were read byte by byte, and always with the backslash.
        or ("--" in text and (not text.isascii() or "`" in text or '"' in text or "'" in text))
    )


@given(dockerfiles)
@settings(deadline=None, max_examples=600)
@example("FROM a\nARG b\\")
@example("# escape=`\nENV A=b `\n")
def test_generated(judge: Judge, text: str) -> None:
    assume(not _is_beyond_the_judge(text))
    data = text.encode()
    assert differences(data, judge.read(data)) == []
