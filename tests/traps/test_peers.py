"""What other fixers break on small inputs, each with all transforms at every level."""

from __future__ import annotations

import subprocess

import pytest

from optimizer.facts.document import Document
from optimizer.syntax import parse
from tests.support import fixed, run

LEVELS = (1, 2, 3)


@pytest.fixture(params=LEVELS, ids=lambda n: f"O{n}")
def level(request) -> int:
    return request.param


def instructions(text: str) -> list[str]:
    return [i.keyword for i in parse(text).instructions]


def test_a_relative_copy_keeps_its_place(level: int) -> None:
    after = fixed("FROM httpd:2.4\nCOPY index.html htdocs/index.html\n", level=level)
    assert after.splitlines()[1:] == ["COPY index.html htdocs/index.html"]


SEVERAL = """# syntax=docker/dockerfile:1
# Licence: Apache-2.0
FROM ubuntu:22.04
# first comment
RUN apt-get update
RUN apt-get install -y wget \\
    # inside
    vim
RUN apt-get install -y python3 python3-pip
RUN wget https://example.org/x # trailing note
RUN <<EOF
apt-get update
apt-get install -y git
EOF
CMD ["python3"]
"""


def test_several_apt_runs_with_comments_and_a_heredoc(level: int) -> None:
    after = fixed(SEVERAL, level=level)
    for kept in (
        "# Licence: Apache-2.0",
        "# first comment",
        "# inside",
        "# trailing note",
        "RUN <<EOF\napt-get update",
    ):
        assert kept in after
    for package in ("wget", "vim", "python3", "python3-pip", "git"):
        assert any(package in run.script.text.split() for run in Document(parse(after)).runs)
    assert after.startswith("# syntax=docker/dockerfile:1\n")
    assert after.count("EOF") == 2


def test_a_node_build_keeps_its_development_dependencies(level: int) -> None:
    text = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm run build\nCMD npm start\n"
    after = fixed(text, level=level)
    assert "NODE_ENV" not in after
    assert "--only=production" not in after
    assert "--omit=dev" not in after
    assert after.index("npm install") < after.index("npm run build")


def test_a_go_build_keeps_its_flags(level: int) -> None:
    text = 'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /server ./cmd/server\nCMD ["/server"]\n'
    after = fixed(text, level=level)
    assert "CGO_ENABLED" not in after
    assert "go build -o /server ./cmd/server" in after
    assert 'CMD ["/server"]' in after


def test_a_flask_application_keeps_update_and_port(level: int) -> None:
    text = (
        "FROM python:3.11\nRUN apt-get update && apt-get install -y gcc libpq-dev\nCOPY . .\n"
        "RUN pip install -r requirements.txt\nCMD flask run --port ${PORT}\n"
    )
    after = fixed(text, level=level)
    assert "apt-get update" in after
    assert "CMD flask run --port ${PORT}" in after
    assert "libpq-dev" in after


SORTED = """FROM debian:bookworm
RUN apt-get update && apt-get install -y \\
    zip \\
    bzip2 \\
    git \\
    && rm -rf /var/lib/apt/lists/*
"""


def test_a_package_list_in_front_of_an_operator_stays_whole(level: int) -> None:
    after = fixed(SORTED, level=level)
    assert instructions(after) == ["FROM", "RUN"]
    assert all(f"    {name} \\\n" in after for name in ("zip", "bzip2", "git"))


def test_comments_inside_a_package_list_stay_above_their_package(level: int) -> None:
    text = (
        "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y \\\n    # .NET Core dependencies\n"
        "    libicu72 \\\n    # TLS\n    libssl3\n"
    )
    after = fixed(text, level=level)
    assert "    # .NET Core dependencies\n    libicu72 \\\n    # TLS\n    libssl3" in after


def test_an_errexit_script_with_comments_stays_a_script(level: int) -> None:
    text = (
        "FROM debian:bookworm-slim\nRUN set -eux; \\\n\t# lists\n\tapt-get update; \\\n\tapt-get install -y libpq5; \\\n"
        "\t# done\n\techo done\n"
    )
    after = fixed(text, level=level)
    assert "\t# lists\n" in after and "\t# done\n" in after
    script = Document(parse(after)).runs[0].script
    assert not script.opaque
    assert subprocess.run(["bash", "-n", "-c", script.text]).returncode == 0


def test_sudo_as_a_package_is_not_a_command(level: int) -> None:
    text = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get -y install sudo && sudo -u nobody true\n"
    after = fixed(text, level=level)
    assert " sudo " in after
    assert "sudo -u nobody true" in after


def test_a_cd_does_not_become_a_workdir(level: int) -> None:
    text = "FROM debian:bookworm-slim\nRUN cd /tmp && touch a\nRUN cd x && touch b\nRUN touch c\n"
    after = fixed(text, level=level)
    assert "WORKDIR" not in after
    first = after.index("cd x")
    assert ")" in after[first : after.index("touch c")] or "\nRUN touch c" in after


def test_a_copy_heredoc_with_instructions_in_it_is_text(level: int) -> None:
    body = "FROM alpine\nRUN apt-get update\nMAINTAINER nobody\nADD a b\n"
    text = f"# syntax=docker/dockerfile:1\nFROM debian:bookworm-slim\nCOPY <<EOF /Dockerfile\n{body}EOF\n"
    assert fixed(text, level=level) == text


def test_a_base_from_an_argument_stays(level: int) -> None:
    text = "ARG BASE=debian:bookworm\nFROM ${BASE} AS base\nARG BASE\nRUN echo ${BASE}\n"
    assert fixed(text, level=level) == text


def test_stage_names_match_in_any_case(level: int) -> None:
    text = "FROM debian:bookworm-slim AS Build\nRUN make\nFROM debian:bookworm-slim\nCOPY --from=BUILD /a /a\n"
    after = fixed(text, level=level)
    stages = Document(parse(after)).stages
    assert stages[0].copied_from == [stages[1]]


def test_two_heredocs_in_one_run_stay(level: int) -> None:
    text = (
        '# syntax=docker/dockerfile:1\nFROM debian:bookworm-slim\nRUN cat <<A > /a && cat <<-"B" > /b\none\nA\n'
        "\ttwo $X\n\tB\nRUN echo\n"
    )
    after = fixed(text, level=level)
    assert text.partition("\n")[2].rpartition("RUN echo")[0] in after


def test_a_healthcheck_keeps_its_tool(level: int) -> None:
    text = (
        "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl\n"
        "HEALTHCHECK --interval=5s CMD curl -f http://localhost/ || exit 1\n"
    )
    after = fixed(text, level=level)
    assert "HEALTHCHECK --interval=5s CMD curl -f http://localhost/ || exit 1" in after
    assert " curl" in after.partition("HEALTHCHECK")[0]


def test_a_repository_between_installs_keeps_its_place(level: int) -> None:
    text = (
        "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y gnupg\n"
        'RUN echo "deb http://deb.example.org x main" > /etc/apt/sources.list.d/x.list\n'
        "RUN apt-get update && apt-get install -y x\n"
    )
    script = " ".join(run.script.text for run in Document(parse(fixed(text, level=level))).runs)
    assert script.count("apt-get update") == 2
    assert script.index("gnupg") < script.index("x.list") < script.rindex("apt-get update") < script.rindex(" x")


def test_a_licence_header_stays_on_top(level: int) -> None:
    header = "# Copyright 2024 Jane\n#\n# Licensed under the Apache License\n\n"
    text = f"{header}FROM debian:bookworm-slim\nMAINTAINER Jane\nRUN apt-get update\nRUN apt-get install -y git\n"
    assert fixed(text, level=level).startswith(header)


def test_an_unterminated_heredoc_is_left_alone(level: int) -> None:
    text = "FROM debian:bookworm-slim\nRUN <<EOF\napt-get update\n"
    assert fixed(text, level=level) == text


def test_a_mount_or_an_exec_form_is_not_glued(level: int) -> None:
    text = (
        "# syntax=docker/dockerfile:1\nFROM debian:bookworm-slim\nRUN echo a\nRUN --mount=type=tmpfs,target=/t echo b\n"
        'RUN ["echo", "c"]\n'
    )
    assert instructions(fixed(text, level=level)).count("RUN") == 3


def test_a_windows_file_keeps_its_shell(level: int) -> None:
    text = (
        '# escape=`\nFROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell", "-Command"]\n'
        "RUN Write-Host a; `\n    Write-Host b\nRUN Write-Host c\n"
    )
    assert fixed(text, level=level) == text


def test_crlf_and_a_missing_last_newline_stay(level: int) -> None:
    text = "FROM debian:bookworm\r\nMAINTAINER Jane\r\nRUN apt-get update\r\nRUN apt-get install -y git"
    after = fixed(text, level=level)
    assert after.count("\n") == after.count("\r\n")
    assert not after.endswith("\n")


def test_a_second_url_is_not_made_a_copy(level: int) -> None:
    text = "FROM debian:bookworm-slim\nADD https://example.org/a.txt /a.txt\nADD x.tar.gz /x\nADD git@github.com:a/b.git /b\n"
    assert fixed(text, level=level) == text


def test_pipefail_never_reaches_a_shell_without_it(level: int) -> None:
    text = "FROM debian:bookworm-slim\nRUN curl -s http://x | sh\n"
    assert "pipefail" not in fixed(text, level=level)


def test_nothing_is_reported_as_our_own_fault(level: int) -> None:
    assert run(SEVERAL, level=level).faults == ()
