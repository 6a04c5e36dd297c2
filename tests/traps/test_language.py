"""The traps of the Dockerfile language itself; every test runs all transforms at every level."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer.facts.environment import evaluate, pairs_of
from optimizer.syntax import parse
from tests.support import fixed

LEVELS = pytest.mark.parametrize("level", [1, 2, 3])
BUILDKIT_ONLY = re.compile(r"--(mount|link|chmod|parents|exclude|checksum|network|security)\b|<<")


def lines_of(text: str, keyword: str) -> list[str]:
    return [line for line in text.splitlines() if line.upper().startswith(keyword + " ")]


def environment(text: str) -> dict[str, str]:
    """Return the variables as the builder sets them, each instruction seeing those before it."""
    values: dict[str, str | None] = {}
    for instruction in parse(text).instructions:
        if instruction.keyword == "ENV":
            values |= {p.name: evaluate(p.raw, values)[0] for p in pairs_of(instruction)}
    return {name: value or "" for name, value in values.items()}


@LEVELS
@pytest.mark.parametrize(
    "command",
    [
        "serve $PORT",
        "serve ${PORT:-80}",
        "migrate && serve",
        "serve | tee /log",
        "serve > /log 2>&1",
        "serve *.conf",
        "serve ~/conf",
        "serve {a,b}",
        "PORT=80 serve",
        "serve &",
        "serve; exit 0",
        "cd /srv && exec serve",
        "source /env",
        "exec -a name serve",
        "serve `cat /args`",
        'serve "$(cat /args)"',
        "ulimit -n 4096",
        "if true; then serve; fi",
        "# nothing",
    ],
)
@pytest.mark.parametrize("keyword", ["CMD", "ENTRYPOINT"])
def test_c1_what_needs_a_shell_keeps_it(keyword: str, command: str, level: int) -> None:
    line = f"{keyword} {command}"
    assert fixed(f"FROM debian:bookworm-slim\n{line}\n", level=level).splitlines()[-1] == line


@LEVELS
def test_c1_exec_form_means_the_same_words(level: int) -> None:
    text = 'FROM debian:bookworm-slim\nCMD exec serve --name \'a b\' "c d" e\\ f --x="1"\n'
    after = fixed(text, level=level).splitlines()[-1]
    assert after in (text.splitlines()[-1], 'CMD ["serve", "--name", "a b", "c d", "e f", "--x=1"]')


@LEVELS
@pytest.mark.parametrize("cmd", ['CMD ["--help"]', "CMD --help", "CMD help me"])
def test_c2_ignored_cmd_is_not_activated(cmd: str, level: int) -> None:
    after = fixed(f"FROM debian:bookworm-slim\nENTRYPOINT serve --all\n{cmd}\n", level=level)
    assert "ENTRYPOINT serve --all" in after.splitlines()


@LEVELS
def test_c2_cmd_of_a_child_stage_counts(level: int) -> None:
    text = 'FROM debian:bookworm-slim AS base\nENTRYPOINT serve --all\nFROM base\nCMD ["--help"]\n'
    assert "ENTRYPOINT serve --all" in fixed(text, level=level).splitlines()


@LEVELS
def test_c2_entrypoint_keeps_receiving_the_shell(level: int) -> None:
    text = 'FROM debian:bookworm-slim\nENTRYPOINT ["/entry"]\nCMD serve --all\n'
    assert "CMD serve --all" in fixed(text, level=level).splitlines()


@LEVELS
def test_c2_only_the_last_of_the_same_stage_counts(level: int) -> None:
    text = 'FROM debian:bookworm-slim AS a\nCMD ["a"]\nFROM a\nCMD ["b"]\nENTRYPOINT ["c"]\n'
    assert fixed(text, level=level) == text


@LEVELS
def test_c3_no_syntax_that_the_file_does_not_speak(level: int) -> None:
    text = (
        "FROM python:3.12 AS build\nMAINTAINER Jane\nWORKDIR /srv\nADD . /srv\n"
        "RUN apt update && apt install -y gcc wget && wget https://example.org/a.tar.gz && tar xf a.tar.gz\n"
        "RUN pip install -r requirements.txt\nRUN chmod +x run.sh\nRUN chown -R app:app /srv\n"
        "FROM python:3.12\nCOPY --from=build /srv /srv\nRUN chmod -R 755 /srv\nUSER app\nCMD python run.py\n"
    )
    assert not BUILDKIT_ONLY.search(fixed(text, level=level))


@LEVELS
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_c4_directives_stay_on_top(newline: str, level: int) -> None:
    head = ["# syntax=docker/dockerfile:1", "# escape=`", "# check=skip=all"]
    body = [
        "# about",
        "MAINTAINER",
        "FROM debian:bookworm",
        "MAINTAINER Jane",
        "RUN apt install `",
        "  curl",
        "CMD a b",
        "",
    ]
    after = fixed(newline.join([*head, *body]), level=level)
    assert after.split(newline)[:3] == head


@LEVELS
def test_c4_escape_decides_what_goes_on(level: int) -> None:
    text = (
        "# escape=`\nFROM mcr.microsoft.com/windows/servercore:ltsc2022\nWORKDIR C:\\\nENV A C:\\\nRUN dir `\n  C:\\\n"
    )
    after = fixed(text, level=level)
    assert [i.keyword for i in parse(after).instructions] == ["FROM", "WORKDIR", "ENV", "RUN"]
    assert "ENV A=C:\\\n" in after


@LEVELS
def test_c10_groups_of_a_user_stay(level: int) -> None:
    text = 'FROM debian:bookworm-slim\nRUN useradd -l -G video -u 1000650000 app\nUSER app\nRUN id\nUSER app:video\nCMD ["id"]\n'
    assert lines_of(fixed(text, level=level), "USER")[:2] == ["USER app", "USER app:video"]


@LEVELS
@pytest.mark.parametrize(
    "source",
    [
        "rootfs.tar",
        "rootfs.tar.gz",
        "rootfs.tgz",
        "rootfs.tar.zst",
        "rootfs.t?z",
        "jdk*",
        "$ARCHIVE",
        "$UNKNOWN",
        "dist/$UNKNOWN",
        "https://example.org/tool",
        '"https://example.org/tool"',
        "git@github.com:a/b.git",
        "https://github.com/a/b.git#main",
        "plain.txt rootfs.tar.xz",
    ],
)
def test_c11_add_that_does_more_than_copy_stays(source: str, level: int) -> None:
    text = f"FROM debian:bookworm-slim\nARG UNKNOWN\nENV ARCHIVE=rootfs.tar.xz\nADD {source} /srv/\n"
    assert f"ADD {source} /srv/" in fixed(text, level=level).splitlines()


@LEVELS
@pytest.mark.parametrize("flags", ["--checksum=sha256:abc", "--keep-git-dir=true", "--unpack=true"])
def test_c11_flags_of_add_stay(flags: str, level: int) -> None:
    text = f"FROM debian:bookworm-slim\nADD {flags} file /srv/\n"
    assert fixed(text, level=level) == text


@LEVELS
def test_c11_content_decides_not_the_name(level: int, tmp_path: Path) -> None:
    import gzip

    (tmp_path / "data").write_bytes(gzip.compress(b"x"))
    (tmp_path / "plain").write_text("x")
    after = fixed("FROM debian:bookworm-slim\nADD data /srv/\nADD plain /srv/\n", level=level, context=tmp_path)
    assert after == "FROM debian:bookworm-slim\nADD data /srv/\nCOPY plain /srv/\n"


@LEVELS
@pytest.mark.parametrize(
    "body",
    [
        "ENV A=1\nENV A=2 B=$A\nENV C=$A\n",
        "ENV A 1\nENV A 2 $A\nENV B $A x\n",
        "ENV A=1 B=$A\nENV B=${B:-none}\n",
        "ENV A '$B'\nENV B \"x y\"\nENV C \\$A $B\n",
    ],
)
def test_c12_one_env_sees_the_values_before_it(body: str, level: int) -> None:
    text = f"FROM debian:bookworm-slim\n{body}"
    after = fixed(text, level=level)
    assert environment(after) == environment(text)


@LEVELS
@pytest.mark.parametrize("keyword", ["ENV", "LABEL"])
@pytest.mark.parametrize(
    ("rest", "value"),
    [
        ("b c=d e", "b c=d e"),
        ('"b c" d', "b c d"),
        ("'b  c'", "b  c"),
        ('b\\ c \\\\ \\"d\\"', 'b c \\ "d"'),
        ("b \\\n  c", "b   c"),
        ("b=c", "b=c"),
        ("$ 5", "$ 5"),
    ],
)
def test_c13_old_form_takes_the_rest_of_the_line(keyword: str, rest: str, value: str, level: int) -> None:
    after = fixed(f"FROM debian:bookworm-slim\n{keyword} a {rest}\n", level=level)
    found = [i for i in parse(after).instructions if i.keyword == keyword]
    pairs = [pair for i in found for pair in pairs_of(i)]
    assert [(p.name, evaluate(p.raw, {})[0], p.legacy) for p in pairs] == [("a", value, False)]


@LEVELS
@pytest.mark.parametrize("mark", ["<<EOF", "<<'EOF'", '<<"EOF"', "<<-EOF"])
@pytest.mark.parametrize(
    "line", ["RUN cat {} > /x && apt clean", "COPY {} /x", "RUN {} cat", "RUN python3 {}", "ADD --chmod=644 {} /x"]
)
def test_c14_heredocs_keep_delimiter_and_text(line: str, mark: str, level: int) -> None:
    body = "MAINTAINER $me\n\n# no comment \\\n\nADD a b\napt install x"
    text = f'FROM debian:bookworm-slim\n{line.format(mark)}\n{body}\nEOF\nCMD ["x"]\n'
    after = fixed(text, level=level)
    assert f"{mark}" in after
    assert f"\n{body}\nEOF\n" in after


@LEVELS
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["", "\n", " \\", " \\\n", "\n# end"])
def test_c15_odd_lines(newline: str, bom: str, end: str, level: int) -> None:
    text = (
        "from debian:bookworm\nMAINTAINER Jane \\\n# her name\n\n\tDoe\nENV a \\\n  b \\\n# c\n\n  d\n"
        "RUN apt update && \\\n\t# tools\n\n\tapt install \\\n# one\n\tlibxml2\nAdd a \\\n# from\n /b/\nCMD serve \\\n# all\n --all"
    )
    before = bom + (text + end).replace("\n", newline)
    after = fixed(before, level=level)
    comments = re.findall(r"^\s*#.*?$", before, re.MULTILINE)
    assert sorted(c.strip() for c in comments) == sorted(
        c.strip() for c in re.findall(r"^\s*#.*?$", after, re.MULTILINE)
    )
    assert after.startswith(bom) and after.count("\n") == after.count(newline)
    assert after.endswith("\n") == before.endswith("\n")
    assert environment(after) == environment(before)


@LEVELS
@pytest.mark.parametrize("platform", ["$BUILDPLATFORM", "${BUILDPLATFORM}", "linux/amd64", '"$BUILDPLATFORM"'])
def test_c16_platform_stays(platform: str, level: int) -> None:
    text = f"FROM --platform={platform} golang:1.24 AS build\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /app\n"
    assert lines_of(fixed(text, level=level), "FROM") == [f"FROM --platform={platform} golang:1.24 AS build"]


@LEVELS
def test_c16_platform_with_a_default_of_its_own_stays(level: int) -> None:
    text = 'ARG TARGETPLATFORM=linux/arm64\nFROM --platform=$TARGETPLATFORM debian:bookworm-slim\nCMD ["x"]\n'
    assert fixed(text, level=level) == text


@LEVELS
@pytest.mark.parametrize("image", ["debian:stable-slim", "python:alpine", "example.org/base", "$IMAGE", "base:$TAG"])
def test_c17_nothing_is_assumed_of_an_unknown_image(image: str, level: int) -> None:
    text = f'FROM {image}\nCMD ["x"]\n'
    assert fixed(text, level=level) == text


@LEVELS
def test_c17_tools_of_an_unknown_image_may_be_busybox(level: int) -> None:
    text = "FROM example.org/base\nRUN wget https://example.org/a\nRUN sudo make\n"
    after = fixed(text, level=level)
    assert "wget https://example.org/a" in after
    assert "sudo make" in after


@LEVELS
def test_c18_digest_stays_with_its_image(level: int) -> None:
    digest = f"sha256:{'0123456789abcdef' * 4}"
    text = f"FROM python:3.12@{digest} AS build\nRUN make\nFROM debian@{digest}\nCOPY --from=build /a /a\n"
    assert lines_of(fixed(text, level=level), "FROM") == lines_of(text, "FROM")
