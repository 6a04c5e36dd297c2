"""dockerfile-parse as the second reader: where it agrees, and that its knowledge ends somewhere."""

from __future__ import annotations

import pytest

from optimizer.rewrite.second_reader import agrees
from optimizer.syntax import parse


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN b && c\n",
        "FROM a AS b\nCOPY --from=b c d\nENV e=f g='h i'\n",
        "FROM a\nRUN b \\\n  # note\n  && c\n",
        "FROM a\r\nRUN b \\\r\n  c\r\n",
        "# escape=`\nFROM a\nRUN b `\n  c\n",
        "# note\n\nfrom a\nrun b",
        'FROM a\nCMD ["b", "c"]\nONBUILD RUN d\n',
        'FROM a\nLABEL b="é"\n',
        "",
    ],
)
def test_agrees(text: str) -> None:
    assert agrees(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN <<EOF\nb\nEOF\n",
        "\ufeffFROM a\n",
        "FROM a\nRUN b \\\n\n  c\n",
        "FROM a\nRUN b \\",
        "FROM a\nRUN\\\n b\n",
    ],
)
def test_what_it_does_not_know(text: str) -> None:
    assert not agrees(parse(text))


def test_odd_text_is_no_error() -> None:
    for text in ("\udcff", "FROM a\nRUN \udcff\n", "ENV a\n", "FROM\n", "LABEL a\nFROM a\n", "\x0c\x0b\u2028"):
        assert agrees(parse(text)) in (True, False)
