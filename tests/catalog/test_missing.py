"""What a smaller image has not."""

from __future__ import annotations

import pytest

from optimizer.catalog.busybox import ALPINE_COMMANDS
from optimizer.catalog.distroless import Distroless, distroless, read_distroless
from optimizer.catalog.missing import Lost, lost
from optimizer.catalog.siblings import No, sibling
from optimizer.catalog.sizes import Size, size_of
from optimizer.catalog.tags import Tag, find_tag


def missing(reference: str, kind: str) -> Lost:
    tag = find_tag(*reference.split(":"))
    assert tag is not None
    other = sibling(tag, kind)
    assert isinstance(other, Tag), other
    found = lost(tag, other)
    assert found is not None
    return found


def test_slim_lacks_what_buildpack_deps_has() -> None:
    found = missing("node:20", "slim")
    assert {
        "curl",
        "wget",
        "git",
        "ssh",
        "gcc",
        "cc",
        "make",
        "python3",
        "convert",
        "pg_config",
        "ps",
    } <= found.commands
    assert {"libpq-dev", "ca-certificates", "mercurial"} <= found.packages
    assert {c: found.providers[c] for c in ("cc", "convert", "ssh")} == {
        "cc": "gcc", "convert": "imagemagick", "ssh": "openssh-client",
    }  # fmt: skip
    assert not {"node", "npm", "bash", "apt-get", "perl", "useradd"} & found.commands


def test_slim_keeps_what_it_installs_itself() -> None:
    assert "ca-certificates" not in missing("python:3.12", "slim").packages
    assert "python3" not in missing("python:3.12", "slim").commands
    assert not {"gcc", "cc", "ld"} & missing("rust:1.80", "slim").commands
    assert "make" in missing("rust:1.80", "slim").commands
    assert "make" not in missing("perl:5", "slim").commands


def test_debian_slim_lacks_nothing() -> None:
    found = missing("debian:12", "slim")
    assert (found.packages, found.commands) == (frozenset(), frozenset())


def test_l8_alpine_lacks_the_tools_of_debian() -> None:
    found = missing("python:3.12-slim", "alpine")
    assert {"bash", "apt-get", "useradd", "groupadd", "usermod", "perl"} <= found.commands
    assert not found.commands & ALPINE_COMMANDS
    assert found.packages == frozenset()
    assert {"adduser", "addgroup", "wget", "nc", "unzip"} <= ALPINE_COMMANDS


def test_the_slimmest_nginx_has_no_curl() -> None:
    assert "curl" not in missing("nginx:latest", "alpine").commands
    assert "curl" in missing("nginx:latest", "alpine-slim").commands


def test_a_jre_lacks_the_tools_of_the_jdk() -> None:
    found = missing("eclipse-temurin:21", "jre")
    assert {"javac", "jar", "jlink", "jcmd", "jstack", "jmap"} <= found.commands
    assert not {"java", "keytool"} & found.commands
    assert {"git", "javac"} <= missing("openjdk:8", "jre").commands


@pytest.mark.parametrize(("source", "target"), [("node:14", "node:14-slim"), ("python:3.12", "node:22"), ("swift:5.10", "swift:5.10-slim")])  # fmt: skip
def test_what_is_not_known_is_none(source: str, target: str) -> None:
    one, other = (find_tag(*reference.split(":")) for reference in (source, target))
    assert one is not None and other is not None
    assert lost(one, other) is None


def test_sizes_are_only_told_where_they_were_read() -> None:
    assert size_of("python", "3.12") == Size(410908459, "2026-08-13", "amd64")
    # Another name of the same image.
    assert size_of("python", "3.12-trixie") == size_of("python", "3.12")
    assert size_of("python", "3.11") is None
    assert size_of("nothing", "1") is None


@pytest.mark.parametrize(
    ("kind", "version", "name"),
    [
        ("static", "", "gcr.io/distroless/static-debian13"),
        ("cc", "", "gcr.io/distroless/cc-debian13"),
        ("python3", "3.13.5", "gcr.io/distroless/python3-debian13"),
        ("nodejs", "22", "gcr.io/distroless/nodejs22-debian13"),
        ("java", "21.0.2", "gcr.io/distroless/java21-debian13"),
    ],
)
def test_distroless_by_runtime(kind: str, version: str, name: str) -> None:
    found = distroless(kind, version)
    assert isinstance(found, Distroless)
    assert (found.name, found.retired) == (name, "")
    assert dict(found.users) == {"root": 0, "nobody": 65534, "nonroot": 65532}


@pytest.mark.parametrize(
    ("kind", "version", "reason"),
    [
        ("python3", "3.12", "the distroless Python is 3.13, not 3.12"),
        ("python3", "", "the distroless Python is 3.13, not of any version"),
        ("nodejs", "20", "there is no maintained distroless image of nodejs 20"),
        ("java", "11", "there is no maintained distroless image of java 11"),
        ("ruby", "3.4", "there is no distroless image for ruby"),
    ],
)
def test_distroless_refusals(kind: str, version: str, reason: str) -> None:
    assert distroless(kind, version) == No(reason)


def test_d3_entrypoints_of_distroless() -> None:
    entrypoints = [distroless(k, v).entrypoint for k, v in (("nodejs", "22"), ("python3", "3.13"), ("java", "21"), ("cc", ""))]  # type: ignore[union-attr]  # fmt: skip
    assert entrypoints == [("/nodejs/bin/node",), ("/usr/bin/python3.13",), ("/usr/bin/java", "-jar"), ()]


def test_d5_static_has_certificates_and_zones() -> None:
    assert {"ca-certificates", "tzdata"} <= distroless("static").packages  # type: ignore[union-attr]
    assert distroless("static").libc == ""  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("repository", "retired"),
    [
        ("gcr.io/distroless/static", ""),
        ("gcr.io/distroless/nodejs22-debian13", ""),
        ("gcr.io/distroless/base-debian11", "2024-09-03"),
        ("gcr.io/distroless/nodejs18-debian12", "2025-04-30"),
        ("gcr.io/distroless/nodejs20", "2026-05-01"),
        ("gcr.io/distroless/java", "2024-09-03"),
        ("gcr.io/distroless/nodejs16-debian11", "2024-09-03"),
        ("gcr.io/distroless/python3-debian12", "2026-05-12"),
        ("gcr.io/distroless/java17-debian12", "2026-02-27"),
        ("gcr.io/distroless/cc-debian12", "2026-09-30"),
    ],
)
def test_reading_a_distroless_name(repository: str, retired: str) -> None:
    found = read_distroless(repository)
    assert found is not None
    assert (found.name, found.retired) == (repository, retired)


@pytest.mark.parametrize("repository", ["gcr.io/distroless/other", "docker.io/library/debian", "gcr.io/x/static", ""])
def test_other_names_are_not_distroless(repository: str) -> None:
    assert read_distroless(repository) is None
