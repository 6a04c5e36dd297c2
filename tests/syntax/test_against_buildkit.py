"""Our reading against that of BuildKit's own parser, instruction by instruction."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

pytest.importorskip("dockerfile")

from tests.syntax.oracle import Judge, differences, theirs  # noqa: E402

TORTURE = {
    "plain": "FROM debian:12\nRUN a\nCMD b\n",
    "no final newline": "FROM a\nRUN b",
    "blank lines": "\n\n  \t\nFROM a\n\n\n",
    "crlf": "FROM a\r\nRUN b \\\r\n  c\r\n\r\nCMD d\r\n",
    "mixed newlines": "FROM a\r\nRUN b \\\n  c\r\nCMD d\n",
    "bom": "\ufeffFROM a\nRUN b\n",
    "bom and directive": "\ufeff# escape=`\nFROM a\nRUN b `\n  c\n",
    "tabs": "\tFROM\ta\n\tRUN\tb\t\\\n\t\tc\t\n",
    "lower and mixed case": "from a as B\nrUn b\ncopy --From=B x y\n",
    "unknown instruction": "FROM a\nFOO bar baz\n",
    "bare run": "FROM a\nRUN\nRUN \\\n\nCMD\n",
    "keyword glued to the fold": "FROM a\nRUN\\\n b\n",
    "fold before the keyword": "\\\n  FROM a\n\\\nRUN b\n",
    "syntax directive": "# syntax=docker/dockerfile:1\nFROM a\n",
    "escape directive": "# escape=`\nFROM a\nRUN b `\n  c \\\nCMD d\n",
    "escape behind syntax": "# syntax=x\n# escape=`\nFROM a\nRUN b `\n c\n",
    "escape below a comment": "# note\n# escape=`\nFROM a\nRUN b \\\n c\n",
    "escape below a blank line": "\n# escape=`\nFROM a\nRUN b \\\n c\n",
    "escape with blanks": "#   EsCape  =  `  \nFROM a\nRUN b `\n c\n",
    "escape below FROM": "FROM a\n# escape=`\nRUN b \\\n c\n",
    "continuation": "FROM a\nRUN b \\\n  c \\\n  d\n",
    "blanks behind the backslash": "FROM a\nRUN b \\  \t\n  c\n",
    "comment in a continuation": "FROM a\nRUN b \\\n# one\n  # two\n  c\n",
    "blank line in a continuation": "FROM a\nRUN b \\\n\n  \t\n  c\n",
    "comment behind the last backslash": "FROM a\nRUN b \\\n# end\nRUN c\n",
    "comment at the end": "FROM a\nRUN b \\\n# end\n",
    "backslash alone": "FROM a\nRUN b \\\n\\\n   \\\n c\n",
    "doubled backslash": "FROM a\nRUN b \\\\\nRUN c\n",
    "three backslashes": "FROM a\nRUN b \\\\\\\nRUN c\n",
    "backslash at the end of the file": "FROM a\nRUN b \\",
    "backslash and newline at the end": "FROM a\nRUN b \\\n",
    "backslash below its last line": "FROM a\nRUN b \\\n\n\n",
    "hash inside a line": "FROM a\nRUN b # c\nRUN d \\\n e # f\n",
    "nbsp in front": "FROM a\n\u00a0RUN b\n",
    "nbsp at the end": 'FROM a\nCMD ["b"]\u00a0\nFROM c\u00a0\n',
    "nbsp inside": "FROM a\nRUN b\u00a0c\n",
    "heredoc": "FROM a\nRUN <<EOF\nb\nRUN c\nEOF\nCMD d\n",
    "two heredocs": "FROM a\nCOPY <<ONE <<TWO /x/\n1\nONE\n2\nTWO\nCMD d\n",
    "chomped heredoc": "FROM a\nRUN <<-EOF\n\tb\n\tEOF\nCMD c\n",
    "tabs do not close": "FROM a\nRUN <<EOF\n\tEOF\nEOF\nCMD c\n",
    "quoted heredoc": "FROM a\nRUN <<'EOF' cat && <<\"TWO\" cat\n$b\nEOF\n$c\nTWO\nCMD c\n",
    "half quoted heredoc": "FROM a\nRUN <<E'O'F\nb\nEOF\nCMD c\n",
    "escaped heredoc": "FROM a\nRUN <<\\EOF\nb\nEOF\nCMD c\n",
    "quoted name with a blank": "FROM a\nRUN <<'E F'\nb\nE F\nCMD c\n",
    "empty heredoc name": "FROM a\nRUN b <<''\n\nCMD c\n",
    "empty heredoc": "FROM a\nRUN <<EOF\nEOF\n",
    "heredoc with a descriptor": "FROM a\nRUN b 3<<EOF\nc\nEOF\n",
    "heredoc below ONBUILD": "FROM a\nONBUILD RUN <<EOF\nb\nEOF\nONBUILD COPY <<X /y\nz\nX\n",
    "heredoc in continued line": "FROM a\nRUN b \\\n  <<EOF && \\\n  c\nd\nEOF\nCMD e\n",
    "heredoc with crlf": "FROM a\r\nRUN <<EOF\r\nb\r\nEOF\r\nCMD c\r\n",
    "unterminated heredoc": "FROM a\nRUN <<EOF\nb\n",
    "no heredoc in JSON": 'FROM a\nRUN ["b", "<<EOF"]\nCMD c\n',
    "no heredoc elsewhere": "FROM a\nCMD b <<EOF\nENV a=<<EOF\nLABEL b=<<EOF\n",
    "here string": "FROM a\nRUN b <<<EOF\nCMD c\n",
    "shift": "FROM a\nRUN echo $((1<<2)) && x<<y\nCMD c\n",
    "quoted marker": "FROM a\nRUN echo '<<EOF' \"<<EOF\"\nCMD c\n",
    "no marker behind an open quote": "FROM a\nRUN b <<EOF && echo it's\nCMD c\n",
    "no marker behind a bad substitution": "FROM a\nRUN b <<EOF ${}\nCMD c\n",
    "marker beside a variable": "FROM a\nRUN b ${c:-d e} $$ <<EOF\nf\nEOF\nCMD c\n",
    "flags": "FROM --platform=linux/amd64 a\nRUN --mount=type=cache,target=/x --network=none b\n",
    "flag without value": "FROM a\nCOPY --link --from=x y z\n",
    "quoted flag": "FROM a\nCOPY --chown='a b' --chmod=\"7\"55 y z\n",
    "flags end": "FROM a\nRUN -- --mount=x\nRUN --a -- b\n",
    "flags on the next line": "FROM a\nRUN \\\n  --mount=type=tmpfs,target=/x \\\n  b\n",
    "flags of a health check": 'FROM a\nHEALTHCHECK --interval=5s CMD ["b"]\nHEALTHCHECK --retries=1 CMD b c\nHEALTHCHECK NONE\n',
    "bare health check": "FROM a\nHEALTHCHECK\nHEALTHCHECK CMD\n",
    "json": 'FROM a\nRUN ["a", "b c"]\nCMD []\nENTRYPOINT [ "a" ]\nSHELL ["x", "-c"]\nVOLUME ["/a", "/b"]\nCOPY ["a b", "c"]\nADD ["a", "b"]\n',
    "json on many lines": 'FROM a\nCMD ["a", \\\n  # note\n  "b"]\n',
    "json escapes": 'FROM a\nCMD ["\\u00e9", "a\\"b", "c\\\\d"]\n',
    "single quotes are no json": "FROM a\nCMD ['a', 'b']\n",
    "broken json": 'FROM a\nCMD ["a", "b"\nRUN [ -f x ] && y\nVOLUME [/a]\n',
    "json and a note": 'FROM a\nCMD ["a"] # note\nCMD ["a"],["b"]\n',
    "json below ONBUILD": 'FROM a\nONBUILD CMD ["a"]\nonbuild run b\n',
    "no json here": 'FROM a\nUSER ["a"]\nWORKDIR ["a"]\nEXPOSE ["80"]\n',
    "env": "FROM a\nENV a=b c='d e' f=\"g h\" i=j\\ k\n",
    "old env": 'FROM a\nENV a b  c\nENV d   e=f\nLABEL g "h i"\n',
    "env with escapes": 'FROM a\nENV a="b\\"c" d=\'e\\\' f=g\\\\\n',
    "env on many lines": "FROM a\nENV a=b \\\n  # c\n  d=e \\\n\n  f=g\n",
    "env on windows": '# escape=`\nFROM a\nENV a=b\\c d=e` f g="h`"i"\n',
    "arg": 'ARG a\nARG b=c d="e f"\nFROM a\nARG g h\n',
    "words": "FROM a\nEXPOSE 80  443\t8080/tcp\nVOLUME /a /b\nCOPY a\tb  c\n",
    "windows": '# escape=`\nFROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell", "-Command"]\nRUN a `\n  ; b\nCOPY a C:\\b\\\nCMD c\n',
    "non-ascii": 'FROM a\nLABEL a="é 日本 \U0001f40b"\nRUN echo ü \\\n  ñ\n',
    "form feed and vertical tab": "FROM a\nRUN\x0bb\x0cc\n",
    "other line separators": "FROM a\nRUN b\u2028c\x85d\n",
    "merge marks": "<<<<<<< HEAD\nFROM a\n=======\nFROM b\n>>>>>>> x\n",
}


@pytest.mark.parametrize("text", TORTURE.values(), ids=TORTURE.keys())
def test_torture(text: str) -> None:
    assert differences(text.encode(), theirs(text.encode())) == []


def test_the_judge_accepts_most_of_the_table() -> None:
    refused = [name for name, text in TORTURE.items() if theirs(text.encode()) is None]
    assert refused == ["unterminated heredoc"]


PARTS = [
    "a", "b.c", "\\", " ", "  ", "\t", "\n", "\r\n", "\\\n", "\\ \t\n", "\\\n# c\n", "\\\n\n", "#", "# x\n",
    "<<EOF", "<<-E", "<<'X Y'", '<<"EOF"', "<<<", "3<<EOF", "<<E\\F", "<<''", "EOF\n", "\nEOF\n", "\n\tE\n", "X Y\n",
    '"', "'", "[", "]", '["a","b"]', '["a"', ",", "--from=x", "--mount=type=cache,target=/x", "--flag", "=",
    "A=b", 'A="b c"', "$", "$X", "${X}", "${X:-y}", "${", "}", "\u00a0", "é", "&&", "||", ";", "(", ")", "CMD", "NONE",
]  # fmt: skip
KEYWORDS = (
    "FROM RUN COPY ADD CMD ENV LABEL ARG ONBUILD HEALTHCHECK ENTRYPOINT SHELL VOLUME EXPOSE USER WORKDIR STOPSIGNAL "
    "run Onbuild FOO"
).split()
line = st.builds(
    lambda indent, keyword, gap, parts, end: indent + keyword + gap + "".join(parts) + end,
    st.sampled_from(["", "  ", "\t"]),
    st.sampled_from(KEYWORDS),
    st.sampled_from([" ", "\t", "\\\n", ""]),
    st.lists(st.sampled_from(PARTS) | st.sampled_from(PARTS).map(lambda p: p + " "), max_size=8),
    st.sampled_from(["\n", "\r\n", ""]),
)
dockerfiles = st.builds(
    lambda head, lines: head + "".join(lines),
    st.sampled_from(["", "# escape=`\n", "# syntax=a\n", "\ufeff", "\n"]),
    st.lists(line, min_size=1, max_size=5),
)


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
