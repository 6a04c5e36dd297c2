"""The chain of a base down to scratch, and what it brings along."""

from __future__ import annotations

import pytest

from optimizer.catalog.configs import config_of
from optimizer.catalog.lineage import chain
from optimizer.catalog.parents import SYSTEMS
from optimizer.catalog.tags import find_tag, official_names
from tests.catalog.tags import listed

BUILDPACK = ("buildpack-deps:trixie", "buildpack-deps:trixie-scm", "buildpack-deps:trixie-curl", "debian:trixie")


@pytest.mark.parametrize(
    ("reference", "above"),
    [
        ("httpd:2.4", ("debian:trixie-slim",)),
        ("python:3.12", BUILDPACK),
        ("python:3.12-slim", ("debian:trixie-slim",)),
        ("python:3.12-alpine", ("alpine:3.24",)),
        ("golang:1.26", BUILDPACK[1:]),
        ("openjdk:8-jre", ("buildpack-deps:bullseye-curl", "debian:bullseye")),
        ("openjdk:17", ("oraclelinux:8-slim",)),
        ("eclipse-temurin:21-jre-noble", ("ubuntu:noble",)),
        ("eclipse-temurin:21-ubi9-minimal", ("redhat/ubi9-minimal",)),
        ("tomcat:10-jre17", ("eclipse-temurin:17-jre-noble", "ubuntu:noble")),
        ("maven:3-eclipse-temurin-17", ("eclipse-temurin:17-jdk-noble", "ubuntu:noble")),
        ("gradle:8-jdk17-alpine", ("eclipse-temurin:17-jdk-alpine", "alpine:3.24")),
        ("nginx:alpine", ("nginx:alpine-slim", "alpine:3.24")),
        ("nginx:1.19-alpine", ("alpine:3.13",)),
        ("nginx:stable-perl", ("nginx:stable", "debian:trixie-slim")),
        ("docker:dind-rootless", ("docker:dind", "docker:cli", "alpine:3.24")),
        ("wordpress:fpm-alpine", ("php:8.3-fpm-alpine", "alpine:3.24")),
        ("rabbitmq:management", ("rabbitmq:latest", "ubuntu:noble")),
        ("elixir:1.17-alpine", ("erlang:27-alpine", "alpine:3.24")),
        ("mysql:8", ("oraclelinux:9-slim",)),
        ("debian:bookworm-slim", ()),
        ("caddy:2", ("alpine",)),
    ],
)
def test_chains(reference: str, above: tuple[str, ...]) -> None:
    assert chain(*reference.split(":")) == (reference, *above, "scratch")


@pytest.mark.parametrize("reference", ["python:nonsense", "nothing:1", "clojure:latest", "node:0.10", ":"])
def test_a_chain_with_an_unknown_link_is_empty(reference: str) -> None:
    assert chain(*reference.split(":")) == ()


@pytest.mark.parametrize("image", official_names())
def test_every_known_chain_of_a_listed_tag_ends_in_scratch(image: str) -> None:
    for tag in listed(image):
        links = chain(image, tag.name)
        if not links:
            continue
        assert links[0] == str(tag)
        assert links[-1] == "scratch"
        assert len(set(links)) == len(links)
        root = links[-2].partition(":")[0]
        assert root in SYSTEMS or root.startswith("redhat/")


@pytest.mark.parametrize(
    "image",
    "python node golang rust ruby php httpd nginx eclipse-temurin openjdk amazoncorretto maven gradle tomcat debian ubuntu "
    "alpine busybox buildpack-deps gcc perl redis postgres mysql mariadb mongo memcached rabbitmq caddy traefik composer "
    "haproxy wordpress".split(),
)
def test_what_every_listed_tag_of_the_usual_images_brings_is_known(image: str) -> None:
    unknown = [tag for tag in listed(image) if config_of(tag) is None]
    # maven on other vendors' Java, and gradle on GraalVM.
    assert all(image in ("maven", "gradle") for _ in unknown), unknown
    assert len(unknown) < 0.5 * len(listed(image))


def test_configuration_is_inherited_link_by_link() -> None:
    config = config_of(find_tag("wordpress", "latest"))  # type: ignore[arg-type]
    assert config is not None
    assert (config.entrypoint, config.cmd) == (("docker-entrypoint.sh",), ("apache2-foreground",))
    assert (config.workdir, config.stop_signal, config.exposed) == ("/var/www/html", "SIGWINCH", ("80/tcp",))
    assert config.env["APACHE_CONFDIR"] == "/etc/apache2"


@pytest.mark.parametrize(
    ("reference", "field", "value"),
    [
        ("nginx:latest", "stop_signal", "SIGQUIT"),
        ("httpd:2.4", "stop_signal", "SIGWINCH"),
        ("php:8.3-fpm", "stop_signal", "SIGQUIT"),
        ("haproxy:lts", "user", "haproxy"),
        ("memcached:1", "user", "memcache"),
        ("golang:1.26", "workdir", "/go"),
        ("node:22", "entrypoint", ("docker-entrypoint.sh",)),
        ("eclipse-temurin:21", "cmd", ("jshell",)),
        ("eclipse-temurin:21-jre", "cmd", ()),
        ("postgres:17", "volumes", ("/var/lib/postgresql/data",)),
        ("postgres:18", "volumes", ("/var/lib/postgresql",)),
        ("rabbitmq:management", "exposed", tuple(f"{p}/tcp" for p in (4369, 5671, 5672, 15691, 15692, 25672, 15671, 15672))),
        ("debian:bookworm", "cmd", ("bash",)),
    ],
)  # fmt: skip
def test_what_images_bring_along(reference: str, field: str, value: object) -> None:
    config = config_of(find_tag(*reference.split(":")))  # type: ignore[arg-type]
    assert getattr(config, field) == value


def test_values_that_differ_between_releases_are_empty() -> None:
    env = {v: config_of(find_tag("python", v)).env for v in ("3.12", "3.13", "3.14")}  # type: ignore[union-attr, arg-type]
    assert env["3.12"]["PYTHON_VERSION"] == ""
    assert [env[v].get("LANG") for v in ("3.12", "3.13")] == ["C.UTF-8", None]
    assert ["GPG_KEY" in env[v] for v in ("3.13", "3.14")] == [True, False]


def test_l9_uids_differ_between_systems() -> None:
    uids = {r: config_of(find_tag(*r.split(":"))).users for r in ("httpd:2.4", "httpd:2.4-alpine", "node:22", "node:22-alpine",
            "nginx:latest", "nginx:alpine", "postgres:16", "postgres:16-alpine")}  # type: ignore[union-attr, arg-type]  # fmt: skip
    assert (uids["httpd:2.4"]["www-data"], uids["httpd:2.4-alpine"]["www-data"]) == (33, 82)
    assert (uids["node:22"]["node"], uids["node:22-alpine"]["node"]) == (1000, 1000)
    assert (uids["nginx:latest"]["nginx"], uids["nginx:alpine"]["nginx"]) == (101, 101)
    assert (uids["postgres:16"]["postgres"], uids["postgres:16-alpine"]["postgres"]) == (999, 70)


def test_onbuild_variants_are_marked() -> None:
    tag = find_tag("node", "8-onbuild")
    assert tag is not None
    assert config_of(tag).onbuild  # type: ignore[union-attr]
