"""Traps A1 to A11: what rewriting apt's calls breaks."""

from __future__ import annotations

import pytest

from optimizer.facts.settings import Settings
from optimizer.rewrite.change import Safety
from tests.support import fixed, run

UPDATE = "RUN apt-get update && apt-get install -y --no-install-recommends "
CLEAN = " && rm -rf /var/lib/apt/lists/*"


@pytest.mark.parametrize(
    ("package", "companion"),
    [
        ("curl", "ca-certificates"),
        ("wget", "ca-certificates"),
        ("git", "ca-certificates"),
        ("gcc", "libc6-dev"),
        ("xvfb", "xauth"),
        ("cmake", "make"),
    ],
)
def test_a1_known_companions_are_named(package: str, companion: str) -> None:
    outcome = run(f"FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y {package}\n", level=2)
    assert companion in outcome.after
    change = next(a for a in outcome.applied if a.transform == "apt-no-recommends")
    assert change.safety is Safety.REVIEW
    assert companion in change.change.title


def test_a1_npm_stays_next_to_nodejs_where_it_is_used() -> None:
    text = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y nodejs\nRUN npm install -g yarn\n"
    assert " npm " in fixed(text, level=2).replace("\n", " ")


def test_a1_what_leans_on_recommendations_is_left() -> None:
    text = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y texlive-latex-extra\n"
    assert "--no-install-recommends" not in fixed(text, level=3)


def test_a2_lists_stay_for_a_child_stage() -> None:
    text = (
        "FROM debian:bookworm-slim AS base\nRUN apt-get update\n"
        "FROM base\nRUN set -x || apt-get install -y --no-install-recommends git\n"
    )
    assert "rm -rf" not in fixed(text, level=3)


def test_a2_a_child_stage_gets_lists_of_its_own() -> None:
    text = f"FROM debian:bookworm-slim AS base\n{UPDATE}curl\nFROM base\nRUN apt-get install -y --no-install-recommends git\n"
    after = fixed(text, level=2)
    assert after.count("apt-get update") == 2
    assert after.count("rm -rf /var/lib/apt/lists") == 2


def test_a2_lists_stay_for_an_onbuild() -> None:
    text = f"FROM debian:bookworm-slim\n{UPDATE}curl\nONBUILD RUN apt-get install -y --no-install-recommends git\n"
    assert "rm -rf" not in fixed(text, level=3)


@pytest.mark.parametrize("start", ['CMD ["sh", "-c", "apt-get install -y vim"]', "ENTRYPOINT apt-get install -y vim"])
def test_a2_lists_stay_for_an_image_that_installs_when_it_runs(start: str) -> None:
    text = f"FROM debian:bookworm-slim\n{UPDATE}curl\n{start}\n"
    assert "rm -rf" not in fixed(text, level=3)


def test_a2_lists_stay_for_an_install_in_a_string() -> None:
    text = f'FROM debian:bookworm-slim\n{UPDATE}curl\nCOPY a /a\nRUN bash -c "apt-get install -y vim"\n'
    assert "rm -rf" not in fixed(text, level=3)


def test_a2_every_install_is_fed_before_the_lists_go() -> None:
    text = f"FROM debian:bookworm-slim\n{UPDATE}curl\nCOPY a /a\nRUN apt-get install -y --no-install-recommends git\n"
    assert fixed(text, level=1) == (f"FROM debian:bookworm-slim\n{UPDATE}curl{CLEAN}\nCOPY a /a\n{UPDATE}git{CLEAN}\n")


def test_a2_a_script_that_cannot_be_seen_makes_it_a_review() -> None:
    text = f"FROM debian:bookworm-slim\n{UPDATE}curl\nCOPY setup.sh /setup.sh\nRUN bash /setup.sh\n"
    change = next(a for a in run(text, level=2).applied if a.transform == "apt-clean-lists")
    assert change.safety is Safety.REVIEW


@pytest.mark.parametrize("target", ["/var/lib/apt", "/var/lib/apt/lists"])
@pytest.mark.parametrize("kind", ["cache", "tmpfs"])
def test_a3_a_mount_over_the_lists_is_never_emptied(target: str, kind: str) -> None:
    text = (
        f"FROM debian:bookworm-slim\nRUN --mount=type={kind},target={target} "
        "apt-get update && apt-get install -y --no-install-recommends curl\n"
    )
    assert fixed(text, level=3) == text


def test_a4_an_apt_cache_mount_comes_with_its_three_parts() -> None:
    text = f"# syntax=docker/dockerfile:1\nFROM debian:bookworm-slim\n{UPDATE}libpq5\n"
    after = fixed(text, level=2)
    assert "target=/var/cache/apt,sharing=locked" in after
    assert "target=/var/lib/apt/lists,sharing=locked" in after
    assert "rm -f /etc/apt/apt.conf.d/docker-clean" in after
    assert "Keep-Downloaded-Packages" in after
    assert "rm -rf /var/lib/apt/lists" not in after


def test_a4_mounts_can_be_asked_for_and_refused() -> None:
    plain = f"FROM debian:bookworm-slim\n{UPDATE}libpq5\n"
    modern = f"# syntax=docker/dockerfile:1\n{plain}"
    assert "--mount" in fixed(plain, level=2, settings=Settings(caches="mounts"))
    assert "--mount" not in fixed(modern, level=2, settings=Settings(caches="clean"))


def test_a5_no_version_is_ever_pinned() -> None:
    after = fixed("FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y curl=7.88.1-10 git\n", level=3)
    assert "curl=7.88.1-10 git" in after.replace("ca-certificates ", "")


def test_a6_update_and_install_share_a_layer() -> None:
    text = "FROM debian:bookworm-slim\nRUN apt-get update\nRUN apt-get install -y --no-install-recommends libpq5\n"
    assert fixed(text, level=1) == (
        "FROM debian:bookworm-slim\nRUN apt-get update \\\n"
        "    && apt-get install -y --no-install-recommends libpq5 \\\n    && rm -rf /var/lib/apt/lists/*\n"
    )


def test_a6_a_later_install_does_not_lose_its_update() -> None:
    text = (
        "FROM debian:bookworm-slim\nRUN apt-get update\nENV A=1\nRUN apt-get install -y --no-install-recommends libpq5\n"
        "COPY a /a\nRUN apt-get install -y --no-install-recommends libxml2\n"
    )
    after = fixed(text, level=1)
    assert after.count("apt-get update && apt-get install") == 2
    assert "RUN apt-get update\n" not in after


def test_a7_nothing_is_purged_that_another_layer_installed() -> None:
    text = f"FROM debian:bookworm-slim\n{UPDATE}gcc libc6-dev{CLEAN}\nCOPY a /a\nRUN make\nRUN apt-get purge -y gcc\n"
    assert fixed(text, level=3).count("purge") == 1


@pytest.mark.parametrize("verb", ["upgrade", "dist-upgrade"])
def test_a8_an_upgrade_stays(verb: str) -> None:
    text = f"FROM debian:bookworm-slim\nRUN apt-get update && apt-get {verb} -y && apt-get install -y libpq5\n"
    assert f"apt-get {verb} -y" in fixed(text, level=3)


@pytest.mark.parametrize(
    "clean",
    [
        "apt-get dist-clean",
        "rm -r /var/lib/apt/lists/*",
        "rm -rf /var/lib/apt/lists",
        "rm -rf /var/cache/apt /var/lib/apt/*",
    ],
)
def test_a9_a_clean_up_in_another_spelling_counts(clean: str) -> None:
    text = f"FROM debian:bookworm-slim\n{UPDATE}libpq5 && {clean}\n"
    assert fixed(text, level=3) == text


def test_a11_no_frontend_is_put_into_the_environment() -> None:
    after = fixed("FROM debian:bookworm-slim\nRUN apt-get update && apt-get install tzdata\n", level=3)
    assert "ENV" not in after
    assert "apt-get install -y" in after
