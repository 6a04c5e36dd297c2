"""Traps D1 to D9: what is not in an image without a shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.rewrite.change import Safety
from tests.support import fixed, run

NAME = "distroless-base"
GO = "FROM golang:1.26 AS build\nENV CGO_ENABLED=0\nRUN go build -o /app .\n\n"
COPIED = "FROM debian:trixie-slim\nCOPY --from=build /app /app\n"
STATIC = "FROM gcr.io/distroless/static-debian13\nCOPY --from=build /app /app\n"


def why_not(text: str, context: Path | None = None) -> str:
    outcome = run(text, NAME, context=context)
    assert outcome.after == outcome.before
    (item,) = outcome.left
    return item.reason


@pytest.mark.parametrize(
    "start",
    [
        "CMD /app --port $PORT",
        "ENTRYPOINT /app | tee /log",
        'ENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["/app"]',
        'ENTRYPOINT ["sh", "-c", "/app"]',
        'CMD ["tini", "--", "/app"]',
    ],
)
def test_d1_what_needs_a_shell_keeps_it(start: str) -> None:
    assert why_not(f"{GO}{COPIED}{start}\n")


@pytest.mark.parametrize("line", ["RUN chmod +x /app", "RUN ln -s /app /bin/app", 'SHELL ["/bin/bash", "-c"]'])
def test_d1_a_build_step_needs_a_shell(line: str) -> None:
    assert why_not(f'{GO}{COPIED}{line}\nCMD ["/app"]\n')


def test_d1_a_shell_form_that_needs_no_shell_becomes_one_that_has_none() -> None:
    assert 'CMD ["/app", "serve"]' in fixed(f"{GO}{COPIED}CMD /app serve\n")


def test_d1_npm_is_not_there() -> None:
    assert why_not('FROM node:22-slim\nCOPY . .\nCMD ["npm", "start"]\n') == "CMD starts npm, which is not there"


@pytest.mark.parametrize(
    "check", ["CMD curl -f http://localhost/", 'CMD ["wget", "-q", "http://localhost/"]', "CMD /app check || exit 1"]
)
def test_d2_a_health_check_needs_its_programs(check: str) -> None:
    assert why_not(f'{GO}{COPIED}HEALTHCHECK {check}\nCMD ["/app"]\n')


def test_d2_a_health_check_of_the_program_itself_stays() -> None:
    text = f'{GO}{COPIED}HEALTHCHECK CMD ["/app", "check"]\nCMD ["/app"]\n'
    assert f'{STATIC}HEALTHCHECK CMD ["/app", "check"]\n' in fixed(text, NAME)


@pytest.mark.parametrize(
    ("image", "before", "after"),
    [
        ("node:22-slim", 'CMD ["node", "app.js", "--port", "80"]', 'CMD ["app.js", "--port", "80"]'),
        ("node:22-slim", 'ENTRYPOINT ["node", "app.js"]', 'ENTRYPOINT ["/nodejs/bin/node", "app.js"]'),
        ("python:3.13-slim", 'CMD ["python3", "app.py"]', 'CMD ["app.py"]'),
        ("python:3.13-slim", 'CMD ["uvicorn", "app:app"]', 'CMD ["-m", "uvicorn", "app:app"]'),
        ("eclipse-temurin:21-jre", 'CMD ["java", "-jar", "a.jar"]', 'CMD ["a.jar"]'),
        ("eclipse-temurin:21-jre", 'ENTRYPOINT ["java", "-jar", "a.jar"]', 'ENTRYPOINT ["java", "-jar", "a.jar"]'),
    ],
)
def test_d3_the_interpreter_is_not_said_twice(image: str, before: str, after: str) -> None:
    text = f"FROM {image}\nWORKDIR /srv\nCOPY app .\n{before}\n"
    lines = fixed(text, NAME).splitlines()
    assert lines[0].startswith("FROM gcr.io/distroless/")
    assert lines[-1] == after


def test_d3_arguments_behind_an_entrypoint_are_no_program() -> None:
    text = f'{GO}{COPIED}ENTRYPOINT ["/app"]\nCMD ["serve"]\n'
    assert fixed(text, NAME) == f'{GO}{STATIC}ENTRYPOINT ["/app"]\nCMD ["serve"]\n'


def test_d3_options_of_the_machine_need_the_entrypoint_away() -> None:
    text = 'FROM eclipse-temurin:21-jre\nCOPY a.jar .\nCMD ["java", "-Xmx1g", "-jar", "a.jar"]\n'
    assert 'ENTRYPOINT []\nCMD ["java", "-Xmx1g", "-jar", "a.jar"]\n' in fixed(text, NAME)


VENV = "FROM python:3.13-slim-trixie AS build\nRUN python -m venv /venv && /venv/bin/pip install flask\n\n"


def test_d4_the_interpreter_of_a_venv_is_elsewhere() -> None:
    text = (
        f'{VENV}FROM python:3.13-slim-trixie\nCOPY --from=build /venv /venv\nCOPY app.py .\nCMD ["python", "app.py"]\n'
    )
    assert "ENV PYTHONPATH=/venv/lib/python3.13/site-packages\n" in fixed(text, NAME)


def test_d4_a_script_of_the_venv_names_the_old_interpreter() -> None:
    text = f'{VENV}FROM python:3.13-slim-trixie\nCOPY --from=build /venv /venv\nCMD ["/venv/bin/some-script"]\n'
    assert "which is not there" in why_not(text)


def test_d4_site_packages_are_not_looked_into() -> None:
    site = "/usr/local/lib/python3.13/site-packages"
    text = f'{VENV}FROM python:3.13-slim\nCOPY --from=build {site} {site}\nCOPY app.py .\nCMD ["python", "app.py"]\n'
    assert f"ENV PYTHONPATH={site}\n" in fixed(text, NAME)


@pytest.mark.parametrize("image", ["python:3.12-slim", "python:3.14-slim", "node:20-slim", "eclipse-temurin:11-jre"])
def test_d4_another_version_is_no_swap(image: str) -> None:
    text = f'FROM {image}\nCOPY app .\nCMD ["python", "app.py"]\n'
    assert fixed(text, NAME) == text


def test_d5_scratch_is_left_as_it_is() -> None:
    text = f'{GO}FROM scratch\nCOPY --from=build /app /app\nCMD ["/app"]\n'
    assert fixed(text, NAME) == text


def test_d5_certificates_and_time_zones_are_there() -> None:
    text = f'{GO}FROM alpine:3.22\nRUN apk add --no-cache ca-certificates tzdata\nCOPY --from=build /app /app\nCMD ["/app"]\n'
    assert fixed(text, NAME) == f'{GO}{STATIC}CMD ["/app"]\n'


def test_d6_time_zones_are_not_copied_from_a_build_stage() -> None:
    text = f'{GO}{COPIED}COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo\nCMD ["/app"]\n'
    assert fixed(text, NAME).count("zoneinfo") == text.count("zoneinfo")


def test_d7_a_user_by_name_becomes_a_number() -> None:
    text = (
        f"{GO}FROM debian:trixie-slim\nRUN useradd -r app\nWORKDIR /srv\n"
        'COPY --from=build --chown=app:app /app .\nUSER app\nCMD ["./app"]\n'
    )
    assert fixed(text, NAME) == (
        f"{GO}FROM gcr.io/distroless/static-debian13:nonroot\nWORKDIR /srv\n"
        'COPY --from=build --chown=65532:65532 /app .\nUSER 65532\nCMD ["./app"]\n'
    )


def test_d7_a_user_that_nobody_made_stops_it() -> None:
    text = f'{GO}{COPIED}USER www-data\nWORKDIR /srv\nCMD ["/app"]\n'
    assert why_not(text) == "the user www-data is not known there"


def test_d7_the_three_users_that_are_there_stay() -> None:
    text = f'{GO}{COPIED}WORKDIR /srv\nUSER nobody\nCMD ["/app"]\n'
    assert "\nUSER nobody\n" in fixed(text, NAME)


def test_d8_a_helper_that_the_application_calls_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text('import subprocess\nsubprocess.run(["git", "log"])\n')
    text = 'FROM python:3.13-slim\nCOPY app.py /app.py\nCMD ["python", "/app.py"]\n'
    assert "app.py:2 calls git" in why_not(text, tmp_path)


def test_l12_a_library_is_not_found_without_ldconfig(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text('import ctypes.util\nctypes.CDLL(ctypes.util.find_library("magic"))\n')
    text = 'FROM python:3.13-slim\nCOPY app.py /app.py\nCMD ["python", "/app.py"]\n'
    assert "app.py:2 loads a library" in why_not(text, tmp_path)


@pytest.mark.parametrize("package", ["git", "openssh-client", "docker.io"])
def test_d8_a_helper_that_is_installed_stops_it(package: str) -> None:
    text = f'{GO}FROM debian:trixie-slim\nRUN apt-get update && apt-get install -y {package}\nCOPY --from=build /app /app\nCMD ["/app"]\n'
    assert "RUN calls apt-get" in why_not(text)


def test_d9_it_is_never_applied_by_default() -> None:
    text = f'{GO}{COPIED}CMD ["/app"]\n'
    assert run(text, NAME, level=2).after == text
    (change,) = run(text, NAME).applied
    assert change.safety is Safety.RISKY


@pytest.mark.parametrize(
    "image", ["alpine:3.12", "docker.io/alpine:3.22", "debian:buster-slim", "docker.io/library/busybox"]
)
def test_all_transforms_together_agree_on_a_swap(image: str) -> None:
    after = fixed(f'{GO}FROM {image}\nMAINTAINER me\nCOPY --from=build /app /app\nCMD ["/app"]\n')
    assert "\nFROM gcr.io/distroless/static-debian13\n" in after
