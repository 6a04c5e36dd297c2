"""Traps A3, A9, A10, C21 and C22: what emptying a cache breaks."""

from __future__ import annotations

import re

import pytest

from optimizer.facts.settings import Settings
from tests.support import fixed

LEVELS = (1, 2, 3)

MOUNTED = [
    ("alpine:3.20", "/var/cache/apk", "apk add bash"),
    ("rockylinux:9", "/var/cache/dnf", "dnf install -y gcc"),
    ("centos:7", "/var/cache/yum", "yum install -y gcc"),
    ("opensuse/leap", "/var/cache/zypp", "zypper -n install gcc"),
    ("python:3.12", "/root/.cache/pip", "pip install flask"),
    ("python:3.12", "/root/.cache", "pip install flask"),
    ("python:3.12", "/root/.cache/uv", "uv pip install --system flask"),
    ("condaforge/miniforge3", "/opt/conda/pkgs", "conda install -y numpy"),
    ("node:20", "/root/.npm", "npm ci"),
    ("node:20", "/usr/local/share/.cache/yarn", "yarn install --production"),
    ("composer:2", "/tmp/cache", "composer install"),
    ("php:8.3", "/root/.composer/cache", "composer install"),
    ("golang:1.22", "/go/pkg/mod", "go build -o /app ."),
    ("rust:1.80", "/usr/local/cargo/registry", "cargo build --release"),
    ("maven:3.9", "/root/.m2", "mvn package"),
    ("gradle:8", "/root/.gradle", "gradle --no-daemon build"),
]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("base", "target", "command"), MOUNTED, ids=lambda v: str(v).split()[0])
def test_a3_a_mount_over_a_cache_is_never_emptied(base: str, target: str, command: str, level: int) -> None:
    text = f'FROM {base}\nRUN --mount=type=cache,target={target} {command}\nCMD ["/app"]\n'
    after = fixed(text, level=level)
    assert not re.search(r"clean|rm -|prune|--no-cache", after)


@pytest.mark.parametrize("kind", ["cache,id=x", "tmpfs", "cache,sharing=locked"])
def test_a3_whatever_the_kind_of_the_mount(kind: str) -> None:
    text = f"FROM node:20\nRUN --mount=type={kind},target=/root/.npm npm ci\n"
    assert "cache clean" not in fixed(text)


def test_a3_a_cache_that_a_variable_moved_below_a_mount() -> None:
    text = "FROM node:20\nENV npm_config_cache=/c\nRUN --mount=type=cache,target=/c npm ci\n"
    assert "cache clean" not in fixed(text)


def test_a3_a_mount_over_another_cache_does_not_count() -> None:
    text = "FROM node:20\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked npm ci\n"
    assert "npm cache clean --force" in fixed(text, settings=Settings(caches="clean"))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("base", "install", "clean"),
    [
        ("centos:7", "yum install -y gcc", "yum -y clean all"),
        ("centos:7", "yum install -y gcc", "rm -rf /var/cache/yum"),
        ("rockylinux:9", "dnf install -y --setopt=install_weak_deps=False gcc", "rm -rf /var/cache/{dnf,yum}"),
        ("rockylinux:9", "dnf install -y --setopt=install_weak_deps=False gcc", "yum clean all"),
        ("opensuse/leap", "zypper -n in --no-recommends gcc", "zypper cc -a"),
        ("node:20-slim", "npm ci", "rm -rf /root/.npm/*"),
        ("node:20-slim", "npm ci", "npm cache clear --force"),
        ("node:20-slim", "npm ci", "rm -rf $HOME/.npm/_cacache"),
        ("node:20-slim", "yarn install --production", "rm -rf /usr/local/share/.cache"),
        ("condaforge/miniforge3", "conda install -y numpy", "conda clean -tipsy"),
        ("php:8.3-alpine", "composer install", "rm -rf ~/.composer ~/.cache"),
        ("ruby:3.3", "bundle install", "rm -rf /usr/local/bundle/cache/*.gem"),
    ],
)
def test_a9_a_clean_up_in_another_spelling_counts(base: str, install: str, clean: str, level: int) -> None:
    text = f"FROM {base}\nRUN {install} && {clean}\n"
    assert fixed(text, level=level) == text


def test_a9_but_only_behind_the_install() -> None:
    text = "FROM centos:7\nRUN yum clean all && yum install -y gcc\n"
    assert fixed(text) == "FROM centos:7\nRUN yum clean all && yum install -y gcc && yum clean all\n"


@pytest.mark.parametrize("level", LEVELS)
def test_a10_virtual_packages_live_and_die_in_one_run(level: int) -> None:
    text = (
        "FROM alpine:3.20\n"
        "RUN apk add --no-cache --virtual .build-deps gcc musl-dev \\\n"
        "    && make -C /src install \\\n"
        "    && apk del .build-deps\n"
    )
    assert fixed(text, level=level) == text


@pytest.mark.parametrize("level", LEVELS)
def test_a10_a_clean_up_runs_before_its_program_goes(level: int) -> None:
    text = "FROM alpine:3.20\nRUN apk add --no-cache --virtual .b nodejs npm && npm ci && apk del .b\n"
    after = fixed(text, level=level)
    assert after.index("npm ci") < after.index("npm cache clean --force") < after.index("apk del .b")


def test_a10_upgrades_and_repositories_stay() -> None:
    text = (
        "FROM alpine:3.20\n"
        "RUN apk update && apk upgrade && apk add --repository http://example.org/edge/testing stress-ng\n"
    )
    assert fixed(text) == (
        "FROM alpine:3.20\n"
        "RUN apk upgrade --no-cache && apk add --no-cache --repository http://example.org/edge/testing stress-ng\n"
    )


def test_a10_a_plain_rm_does_not_fail_for_want_of_an_index() -> None:
    after = fixed("FROM alpine:3.20\nRUN apk add --update bash && rm /var/cache/apk/*\n")
    assert after == "FROM alpine:3.20\nRUN apk add --no-cache bash\n"


@pytest.mark.parametrize("level", LEVELS)
def test_c21_no_cache_dir_and_a_mount_never_meet(level: int) -> None:
    text = "# syntax=docker/dockerfile:1\nFROM python:3.12\nRUN pip install flask\nUSER app\nRUN pip install flask\n"
    for line in fixed(text, level=level).splitlines():
        assert not ("--no-cache-dir" in line and "--mount" in line)


@pytest.mark.parametrize("level", LEVELS)
def test_c21_the_cache_depends_on_the_user(level: int) -> None:
    text = (
        "FROM python:3.12-slim\nUSER app\nRUN --mount=type=cache,target=/home/app/.cache/pip pip install --user flask\n"
    )
    assert fixed(text, level=level) == text


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("value", ["1", "true", "off", "0"])
def test_c21_pip_is_told_once(value: str, level: int) -> None:
    text = f"FROM python:3.12-alpine\nENV PIP_NO_CACHE_DIR={value}\nRUN pip install flask\n"
    assert fixed(text, level=level) == text


def test_c21_root_owned_folders_are_not_removed_by_others() -> None:
    text = "FROM ruby:3.3\nUSER app\nRUN gem install rake && bundle install\n"
    assert "rm -" not in fixed(text)


FOLDERS = re.compile(r"rm -rf?(?: \S+)*? (~/\.cache|/root/\.cache|/tmp|/tmp/\*|/usr/share/(?:doc|locale|man)|/var/tmp)")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("base", "command"),
    [
        ("debian:bookworm", "apt-get update && apt-get install -y gcc"),
        ("alpine:3.20", "apk add gcc"),
        ("rockylinux:9", "dnf install -y gcc"),
        ("python:3.12", "pip install torch"),
        ("node:20", "npm install -g playwright && npx playwright install"),
        ("ruby:3.3", "gem install rails && bundle install"),
        ("rust:1.80", "cargo install ripgrep"),
    ],
)
def test_c22_nothing_but_the_managers_own_cache_is_removed(base: str, command: str, level: int) -> None:
    after = fixed(f'FROM {base}\nRUN {command}\nCMD ["x"]\n', level=level)
    assert not FOLDERS.search(after)
