"""Traps L1 to L13: what another base takes away. Nothing about Alpine is built anywhere: these are static checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.rewrite.change import Outcome, Safety
from tests.support import fixed, run

ALPINE, SLIM = "alpine-base", "slim-base"
APT = "RUN apt-get update && apt-get install -y --no-install-recommends "
CLEAN = " && rm -rf /var/lib/apt/lists/*"


def reason(outcome: Outcome) -> str:
    """Return why the one base was left alone."""
    assert outcome.after == outcome.before
    (item,) = outcome.left
    return item.reason


def why_not(text: str, name: str, context: Path | None = None) -> str:
    return reason(run(text, name, context=context))


def files(folder: Path, **contents: str) -> Path:
    for name, text in contents.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_l1_a_downloaded_program_needs_glibc() -> None:
    text = (
        "FROM python:3.12\nRUN curl -fsSL https://example.org/tool-linux-amd64 -o /usr/local/bin/tool\nCMD ['tool']\n"
    )
    assert "may need glibc" in why_not(text, ALPINE)


def test_l1_a_program_of_the_build_context_needs_glibc(tmp_path: Path) -> None:
    (tmp_path / "tool").write_bytes(b"\x7fELF\x02\x01\x01")
    assert "built for glibc" in why_not('FROM nginx:1.28\nCOPY tool /tool\nCMD ["/tool"]\n', ALPINE, tmp_path)


def test_l1_a_stage_on_glibc_brings_what_needs_it() -> None:
    text = 'FROM rust:1.90 AS build\nRUN cargo build\n\nFROM node:22\nCOPY --from=build /app /app\nCMD ["/app"]\n'
    assert "programs that need glibc" in why_not(text, ALPINE)


def test_l1_a_static_program_needs_no_c_library() -> None:
    text = (
        "FROM golang:1.26 AS build\nRUN CGO_ENABLED=0 go build -o /app .\n\n"
        'FROM httpd:2.4\nCOPY --from=build /app /app\nCMD ["/app"]\n'
    )
    assert "FROM httpd:2.4-alpine\n" in fixed(text, ALPINE)


@pytest.mark.parametrize(
    ("builder", "makes"), [("golang:1.26-alpine", "go build -o /app ."), ("rust:1.90-alpine", "cargo build")]
)
def test_l2_a_program_of_alpine_does_not_run_on_glibc(builder: str, makes: str) -> None:
    text = (
        f'FROM {builder} AS build\nRUN {makes}\n\nFROM debian:trixie-slim\nCOPY --from=build /app /app\nCMD ["/app"]\n'
    )
    assert why_not(text, "distroless-base") == "a program of Alpine does not run on glibc"


@pytest.mark.parametrize("project", ["torch", "psycopg2", "some-project-that-nobody-knows"])
def test_l3_a_project_without_a_wheel_for_musl_stays_on_glibc(project: str) -> None:
    assert "musl" in why_not(f'FROM python:3.12\nRUN pip install {project}\nCMD ["python"]\n', ALPINE)


def test_l3_a_project_with_a_wheel_for_musl_does_not_stop_it() -> None:
    text = 'FROM python:3.12\nRUN pip install numpy\nCMD ["python", "-c", "import numpy"]\n'
    assert fixed(text, ALPINE).startswith("FROM python:3.12-alpine\n")


def test_l3_an_old_version_has_no_wheel_for_musl() -> None:
    text = 'FROM python:3.12\nRUN pip install numpy==1.19.0\nCMD ["python", "-V"]\n'
    assert why_not(text, ALPINE) == "numpy is not known to have a wheel for musl"


def test_l3_requirements_that_were_not_read_stop_it() -> None:
    text = 'FROM python:3.12\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCMD ["python"]\n'
    assert "requirements.txt was not read" in why_not(text, ALPINE)


def test_l3_requirements_are_read_from_the_build_context(tmp_path: Path) -> None:
    files(tmp_path, requirements__txt="flask\ntorch\n")
    text = 'FROM python:3.12\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCMD ["python"]\n'
    assert why_not(text, ALPINE, tmp_path) == "torch must be compiled on musl"


@pytest.mark.parametrize("wish", ["psycopg2", "psycopg2==2.9.9", "mysqlclient>=2"])
def test_l4_what_must_be_compiled_finds_no_headers_on_slim(wish: str) -> None:
    assert "must be compiled" in why_not(f'FROM python:3.12\nRUN pip install "{wish}"\nCMD ["python"]\n', SLIM)


def test_l4_a_file_that_installs_the_compiler_itself_can_do_without_the_full_image() -> None:
    text = (
        f"FROM python:3.12\n{APT}gcc libc6-dev libpq-dev{CLEAN}\nRUN pip install psycopg2\n"
        'CMD ["python", "-c", "import psycopg2"]\n'
    )
    assert fixed(text, SLIM).startswith("FROM python:3.12-slim\n")


@pytest.mark.parametrize("command", ["gcc -o a a.c", "make", "pkg-config --libs libpq", "pg_config"])
def test_l4_a_build_that_is_seen_keeps_the_full_image(command: str) -> None:
    assert "in python:3.12 only" in why_not(f'FROM python:3.12\nRUN {command}\nCMD ["python"]\n', SLIM)


@pytest.mark.parametrize("command", ["cpanm Mojolicious", "carton install", "cpan Moose"])
def test_l4_modules_of_perl_may_be_compiled(command: str) -> None:
    (change,) = run(f'FROM perl:5.40\nRUN {command}\nCMD ["perl", "-v"]\n', SLIM).applied
    assert change.safety is Safety.RISKY
    assert "compiles native code is not known" in change.change.evidence


def test_l4_unknown_projects_are_a_risk() -> None:
    (change,) = run('FROM python:3.12\nRUN pip install nobody-knows\nCMD ["python", "-V"]\n', SLIM).applied
    assert change.safety is Safety.RISKY
    assert "whether nobody-knows must be compiled is not known" in change.change.evidence


def test_l4_an_exact_old_version_may_have_no_wheel() -> None:
    (change,) = run('FROM python:3.12\nRUN pip install numpy==1.19.0\nCMD ["python", "-V"]\n', SLIM).applied
    assert change.safety is Safety.RISKY
    assert "numpy==1.19.0 has a wheel" in change.change.evidence


LOCK = """{"name": "a", "version": "1.0.0", "lockfileVersion": 3, "packages": {
"": {"dependencies": {"robotjs": "9"}}, "node_modules/robotjs": {"version": "9.0.0", "hasInstallScript": true}}}
"""


def test_l5_node_gyp_finds_no_python_and_no_compiler(tmp_path: Path) -> None:
    files(tmp_path, package__json='{"dependencies": {"robotjs": "9"}}', **{"package-lock__json": LOCK})
    text = 'FROM node:20\nCOPY package*.json ./\nRUN npm ci\nCMD ["node", "-v"]\n'
    assert "robotjs must be compiled" in why_not(text, SLIM, tmp_path)
    assert "robotjs may have to be compiled on musl" in why_not(text, ALPINE, tmp_path)


def test_l5_a_tree_that_is_not_locked_is_a_risk() -> None:
    text = 'FROM node:20\nCOPY package.json .\nRUN npm install\nCMD ["node", "-v"]\n'
    (change,) = run(text, SLIM).applied
    assert change.safety is Safety.RISKY
    assert "not locked" in change.change.evidence
    assert "not locked" in why_not(text, ALPINE)


@pytest.mark.parametrize("word", ["resolves names", "threads"])
def test_l6_l13_the_reader_is_told_what_musl_does_otherwise(word: str) -> None:
    (change,) = run("FROM nginx:1.28\nCOPY index.html /usr/share/nginx/html/\n", ALPINE).applied
    assert change.safety is Safety.RISKY
    assert word in change.change.evidence
    assert "not proven by a build" in change.change.evidence


@pytest.mark.parametrize("line", ["ENV LANG=de_DE.UTF-8", "ENV LC_ALL=en_US.UTF-8", "RUN locale-gen de_DE.UTF-8"])
def test_l7_a_locale_stays_on_glibc(line: str) -> None:
    assert why_not(f"FROM ruby:3.3\n{line}\nCMD ['ruby', '-v']\n", ALPINE)


def test_l7_c_utf_8_is_there_everywhere() -> None:
    assert fixed('FROM ruby:3.3\nENV LANG=C.UTF-8\nCMD ["ruby", "-v"]\n', ALPINE).startswith("FROM ruby:3.3-alpine")


@pytest.mark.parametrize("image", ["postgres:16", "mariadb:11", "mysql:8"])
def test_l7_databases_sort_by_their_c_library(image: str) -> None:
    assert fixed(f"FROM {image}\nCOPY init.sql /docker-entrypoint-initdb.d/\n", ALPINE).startswith(f"FROM {image}\n")


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("date -d yesterday", "-d"),
        ("grep -P '\\d' /etc/passwd", "-P"),
        ("find / -name a -printf '%p'", "-printf"),
        ("sort --unique /etc/motd", "--unique"),
        ("tar --transform s/a/b/ -cf a.tar /etc", "--transform"),
        ("ps -ef", "-ef"),
        ("wget --tries=3 https://example.org/a", "--tries=3"),
        ("xargs -d a echo", "-d"),
    ],
)
def test_l8_options_that_busybox_does_not_know(command: str, option: str) -> None:
    text = f'FROM ruby:3.3\nRUN {command}\nCMD ["ruby", "-v"]\n'
    assert f"{option}, which BusyBox does not know" in why_not(text, ALPINE)


@pytest.mark.parametrize("command", ["usermod -u 1001 node", "chpasswd-like", "groupmod -g 1001 node"])
def test_l8_tools_that_alpine_has_not(command: str) -> None:
    text = f'FROM node:22\nRUN {command}\nCMD ["node", "-v"]\n'
    after = fixed(text, ALPINE)
    assert after == text or "chpasswd-like" in command


@pytest.mark.parametrize(
    ("debian", "alpine"),
    [
        ("useradd app", "adduser -D -H app"),
        ("useradd -m -u 1001 app", "adduser -D -u 1001 app"),
        ("useradd -r -u 1001 -g www app", "adduser -D -S -H -u 1001 -s /bin/sh -G www app"),
        ("useradd -r app", "addgroup -S app && adduser -D -S -H -s /bin/sh -G app app"),
        ("useradd -ms /bin/false app", "adduser -D -s /bin/false app"),
        ("groupadd --system --gid 1001 app", "addgroup -S -g 1001 app"),
        ("adduser --disabled-password --gecos '' app", "adduser -D app"),
        ("adduser --system --group app", "addgroup -S app && adduser -D -S -G app app"),
        ("adduser -D app", "adduser -D app"),
    ],
)
def test_l8_users_are_made_in_busyboxs_words(debian: str, alpine: str) -> None:
    after = fixed(f'FROM node:22\nRUN {debian}\nCMD ["node", "-v"]\n', ALPINE)
    assert after == f'FROM node:22-alpine\nRUN {alpine}\nCMD ["node", "-v"]\n'


@pytest.mark.parametrize("options", ["-p secret", "-k /etc/skel", "-G audio", "-N", "-o"])
def test_l8_an_option_without_a_counterpart_stops_it(options: str) -> None:
    assert "has no counterpart" in why_not(f'FROM node:22\nRUN useradd {options} app\nCMD ["node"]\n', ALPINE)


def test_l8_a_script_that_wants_bash_gets_it(tmp_path: Path) -> None:
    files(tmp_path, run__sh="#!/bin/bash\necho hello\n")
    after = fixed('FROM ruby:3.3\nCOPY run.sh /run.sh\nCMD ["/run.sh"]\n', ALPINE, context=tmp_path)
    assert "RUN apk add --no-cache bash\n" in after


def test_l8_what_a_script_calls_comes_along(tmp_path: Path) -> None:
    files(tmp_path, run__sh="#!/bin/sh\nset -e\nif git --version; then ps aux; fi\nexec node -v\n")
    after = fixed('FROM node:22\nCOPY run.sh /run.sh\nCMD ["/run.sh"]\n', SLIM, context=tmp_path)
    assert "git procps" in after


def test_l8_a_health_check_keeps_its_curl() -> None:
    text = 'FROM node:22\nHEALTHCHECK CMD curl -f http://localhost/ || exit 1\nCMD ["node", "-v"]\n'
    assert "--no-install-recommends ca-certificates curl" in fixed(text, SLIM)
    assert "apk add --no-cache curl" in fixed(text, ALPINE)


def test_l8_certificates_come_with_what_reads_them() -> None:
    text = 'FROM node:22\nRUN curl -fsSL https://example.org/a -o /a\nCMD ["node", "-v"]\n'
    assert "ca-certificates curl" in fixed(text, SLIM)


def test_l8_a_packed_archive_needs_its_packer() -> None:
    assert "xz-utils" in fixed('FROM node:22\nADD a.tar.xz /\nRUN tar xf /b.tar.xz\nCMD ["node", "-v"]\n', SLIM)


def test_l8_what_the_application_calls_comes_along(tmp_path: Path) -> None:
    files(tmp_path, app__py='import subprocess\nsubprocess.run(["git", "log"])\n')
    after = fixed('FROM python:3.12\nCOPY app.py /app.py\nCMD ["python", "/app.py"]\n', SLIM, context=tmp_path)
    assert "apt-get install -y --no-install-recommends git" in after


def test_l8_what_a_script_of_package_json_calls_comes_along(tmp_path: Path) -> None:
    manifest = '{"scripts": {"prestart": "git describe > version", "start": "node -v"}}'
    files(tmp_path, package__json=manifest)
    after = fixed('FROM node:22\nCOPY package.json .\nCMD ["npm", "start"]\n', SLIM, context=tmp_path)
    assert "ca-certificates git" in after


def test_l8_a_file_of_the_system_that_is_opened_is_a_risk(tmp_path: Path) -> None:
    files(tmp_path, app__py='print(open("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").read())\n')
    text = 'FROM python:3.12\nCOPY app.py /app.py\nCMD ["python", "/app.py"]\n'
    (change,) = run(text, SLIM, context=tmp_path).applied
    assert change.safety is Safety.RISKY
    assert "opens /usr/share/fonts" in change.change.evidence


def test_l8_a_library_that_a_project_loads_comes_along() -> None:
    after = fixed('FROM python:3.12\nRUN pip install lightgbm gitpython\nCMD ["python", "-V"]\n', SLIM)
    assert "git libgomp1" in after


def test_l9_a_user_with_another_number_is_named() -> None:
    (change,) = run("FROM httpd:2.4\nCOPY --chown=www-data:www-data index.html htdocs/\n", ALPINE).applied
    assert "www-data has another number on Alpine" in change.change.evidence


def test_l9_a_user_that_is_not_there_stops_it() -> None:
    assert "has no user or group backup" in why_not("FROM httpd:2.4\nUSER backup\n", ALPINE)


def test_l10_a_sibling_stays_on_its_release() -> None:
    assert fixed('FROM node:22-bookworm\nCMD ["node"]\n', SLIM) == 'FROM node:22-bookworm-slim\nCMD ["node"]\n'
    assert "oraclelinux" not in fixed('FROM openjdk:17-slim\nRUN apt-get update\nCMD ["java"]\n', SLIM)


def test_l10_another_system_is_no_swap_where_its_programs_are_called() -> None:
    text = 'FROM openjdk:17\nRUN microdnf install -y curl\nCMD ["java", "-jar", "/app.jar"]\n'
    assert "stands on ubuntu" in why_not(text, SLIM)


def test_l10_a_newer_c_library_does_not_go_to_an_older_one() -> None:
    text = (
        "FROM gcc:16-forky AS build\nRUN g++ -o /app a.cc\n\n"
        'FROM debian:forky-slim\nCOPY --from=build /app /app\nCMD ["/app"]\n'
    )
    assert "distroless" not in fixed(text, "distroless-base")


def test_l11_a_stale_sibling_is_refused() -> None:
    assert "has not been renewed since" in why_not('FROM openjdk:8\nCMD ["java"]\n', ALPINE)


@pytest.mark.parametrize("image", ["httpd:2.4", "nginx:1.28", "redis:8"])
def test_l11_the_configuration_of_a_server_stays_its_own(image: str) -> None:
    after = fixed(f"FROM {image}\nCOPY a.conf /etc/a.conf\n", ALPINE)
    assert after == f"FROM {image}-alpine\nCOPY a.conf /etc/a.conf\n"


def test_l11_an_onbuild_runs_where_nobody_can_see_it() -> None:
    text = 'FROM python:3.12\nONBUILD RUN pip install -r requirements.txt\nCMD ["python", "-V"]\n'
    (change,) = run(text, SLIM).applied
    assert change.safety is Safety.RISKY
    assert "ONBUILD" in why_not(text, ALPINE)


def test_l12_a_library_that_is_looked_up_by_name_is_a_risk(tmp_path: Path) -> None:
    files(tmp_path, app__py='import ctypes.util\nctypes.CDLL(ctypes.util.find_library("magic"))\n')
    text = 'FROM python:3.12\nCOPY app.py /app.py\nCMD ["python", "/app.py"]\n'
    (change,) = run(text, SLIM, context=tmp_path).applied
    assert change.safety is Safety.RISKY
    assert "loads the library magic" in change.change.evidence


def test_nothing_is_swapped_in_a_build_stage() -> None:
    text = 'FROM python:3.12 AS build\nRUN pip wheel flask\n\nFROM python:3.12-slim\nCOPY --from=build /a /a\nCMD ["python"]\n'
    assert fixed(text, SLIM) == text


def test_a_comment_among_the_packages_stops_the_translation() -> None:
    text = f"FROM node:22\n{APT[:-1]} \\\n    curl \\\n    # for the checks\n    git{CLEAN}\nCMD ['node']\n"
    assert fixed(text, ALPINE) == text


def test_a_failure_that_is_handled_stops_the_translation() -> None:
    text = 'FROM node:22\nRUN apt-get update || true; apt-get install -y curl\nCMD ["node", "-v"]\n'
    assert fixed(text, ALPINE) == text


@pytest.mark.parametrize(
    "origin", ["git+ssh://git@github.com/example/native.git#abc", "https://registry.example.com/n"]
)
def test_l1_a_package_from_git_may_hold_programs_for_glibc(tmp_path: Path, origin: str) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"native": "1.0.0"}}')
    (tmp_path / "package-lock.json").write_text(
        '{"lockfileVersion": 3, "packages": {"": {"dependencies": {"native": "1.0.0"}}, '
        f'"node_modules/native": {{"version": "1.0.0", "resolved": "{origin}"}}}}}}'
    )
    text = 'FROM node:22-slim\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCMD ["node", "-e", "0"]\n'
    assert ("alpine" in fixed(text, level=3, context=tmp_path)) is not origin.startswith("git")
