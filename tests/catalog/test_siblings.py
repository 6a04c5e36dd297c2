"""Smaller siblings: looked up, never staler, never on another system."""

from __future__ import annotations

import pytest

from optimizer.catalog.siblings import No, sibling
from optimizer.catalog.tags import Tag, find_tag
from tests.catalog.tags import listed, some


def found(reference: str, kind: str, **more: object) -> Tag | No:
    image, _, name = reference.partition(":")
    tag = find_tag(image, name or "latest")
    assert tag is not None, reference
    return sibling(tag, kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reference", "kind", "name"),
    [
        ("python", "slim", "slim"),
        ("python:latest", "slim", "slim"),
        ("python:3.11.5", "slim", "3.11.5-slim"),
        ("python:3.12-bookworm", "slim", "3.12-slim-bookworm"),
        ("python:3.12-bookworm", "alpine", "3.12-alpine"),
        ("python:3.12-slim", "alpine", "3.12-alpine"),
        ("node:20", "slim", "20-slim"),
        ("node:20-bookworm", "slim", "20-bookworm-slim"),
        ("node:lts-krypton", "slim", "krypton-slim"),
        ("ruby:3.3", "slim", "3.3-slim"),
        ("rust:1.80-bookworm", "slim", "1.80-slim-bookworm"),
        ("golang:1.22.3-bookworm", "alpine", "1.22.3-alpine"),
        ("debian", "slim", "stable-slim"),
        ("debian:12", "slim", "12-slim"),
        ("debian:bookworm-20240110", "slim", "bookworm-20240110-slim"),
        ("perl:5.44-threaded", "slim", "5.44-slim-threaded"),
        ("httpd", "alpine", "alpine"),
        ("httpd:2.4", "alpine", "2.4-alpine"),
        ("php:8.3-fpm", "alpine", "8.3-fpm-alpine"),
        ("wordpress:php8.3-fpm", "alpine", "php8.3-fpm-alpine"),
        ("nginx:stable", "alpine", "stable-alpine"),
        ("nginx:stable-perl", "alpine", "stable-alpine-perl"),
        ("nginx", "alpine-slim", "alpine-slim"),
        ("nginx:1.31-alpine3.24", "alpine-slim", "1.31-alpine3.24-slim"),
        ("maven:3.9-eclipse-temurin-21", "alpine", "3.9-eclipse-temurin-21-alpine"),
        ("gradle:9-jdk21", "alpine", "9-jdk21-alpine"),
        ("eclipse-temurin:21", "jre", "21-jre"),
        ("eclipse-temurin:21-jdk", "jre", "21-jre"),
        ("eclipse-temurin:21-jdk-jammy", "jre", "21-jre-jammy"),
        ("eclipse-temurin:21-jdk-alpine-3.24", "jre", "21-jre-alpine-3.24"),
        ("eclipse-temurin", "jre", "25-jre"),
        ("openjdk:8-jdk-slim", "jre", "8-jre-slim"),
        ("amazoncorretto:21", "jre", "21-headless"),
        ("amazoncorretto:8-alpine3.24", "jre", "8-alpine3.24-jre"),
        ("tomcat:9-jdk17", "jre", "9-jre17"),
        ("tomcat:9", "jre", "9-jre25"),
    ],
)
def test_named_forms(reference: str, kind: str, name: str) -> None:
    other = found(reference, kind)
    assert isinstance(other, Tag), other
    assert (other.name, other.guessed) == (name, False)


@pytest.mark.parametrize(
    ("reference", "kind", "reason"),
    [
        ("maven:3", "alpine", "maven:3-alpine has not been renewed since 2017-09-11, maven:3 to this day"),
        ("maven", "slim", "maven:slim has not been renewed since 2020-11-04, maven:latest to this day"),
        ("openjdk:8", "alpine", "openjdk:8-alpine has not been renewed since 2019-05-24, openjdk:8 until 2022-08-19"),
        ("gradle:jdk8", "alpine", "gradle:jdk8-alpine has not been renewed since 2019-05-31, gradle:jdk8 to this day"),
        ("openjdk:17", "slim", "openjdk:17-slim stands on debian:bullseye, openjdk:17 on oraclelinux:8"),
        ("eclipse-temurin:17", "alpine", "eclipse-temurin:17-alpine is not published for arm64"),
        ("httpd", "slim", "httpd:latest stands on debian:trixie-slim already"),
        ("nginx", "slim", "nginx:latest stands on debian:trixie-slim already"),
        ("golang:1.26", "slim", "there is no slim variant of golang"),
        ("ubuntu:22.04", "slim", "there is no slim variant of ubuntu"),
        ("php:8.3-apache", "alpine", "no alpine variant of php:8.3-apache was ever listed"),
        ("python:3.12-slim", "slim", "python:3.12-slim is the slim variant already"),
        ("python:3.12-alpine", "slim", "python:3.12-alpine stands on Alpine already"),
        ("docker:dind", "slim", "docker:dind stands on Alpine already"),
    ],
)
def test_refusals_say_why(reference: str, kind: str, reason: str) -> None:
    assert found(reference, kind) == No(reason)


def test_only_the_platforms_that_are_needed_count() -> None:
    other = found("eclipse-temurin:17", "alpine", platforms=("amd64",))
    assert isinstance(other, Tag)
    assert other.name == "17-alpine"


def test_an_unknown_tag_has_a_guessed_sibling() -> None:
    other = found("python:3.12.99-bookworm", "slim")
    assert isinstance(other, Tag)
    assert (other.name, other.guessed, other.distro) == ("3.12.99-slim-bookworm", True, "debian:bookworm")
    assert found("golang:1.99", "slim") == No("there is no slim variant of golang")


def test_an_unknown_tag_is_not_swapped_for_one_that_was_given_up() -> None:
    tag = find_tag("openjdk", "8.99-jdk")
    assert tag is not None and tag.guessed
    assert sibling(tag._replace(name="8-jdk"), "alpine") == No(
        "openjdk:8-jdk-alpine has not been renewed since 2019-05-24"
    )


def full_groups(image: str, variants: tuple[str, ...]) -> list[Tag]:
    return [tag for tag in listed(image) if tag.variant in variants]


@pytest.mark.parametrize("image", ["python", "ruby", "rust", "erlang", "pypy"])
def test_every_listed_full_tag_has_its_slim_sibling_on_the_same_system(image: str) -> None:
    tags = full_groups(image, ("default",))
    assert len(tags) > 10
    for tag in tags:
        other = sibling(tag, "slim")
        assert isinstance(other, Tag), (tag, other)
        assert (other.distro, other.variant, other.last) == (tag.distro, "slim", "")


def test_node_too() -> None:
    tags = full_groups("node", ("default",))
    assert all(isinstance(sibling(tag, "slim"), Tag) for tag in tags)
    assert len(tags) == 57


@pytest.mark.parametrize("image", ["python", "ruby", "golang", "node", "httpd", "redis", "postgres", "memcached"])
def test_every_listed_full_tag_has_an_alpine_sibling_that_is_not_staler(image: str) -> None:
    for tag in full_groups(image, ("default",)):
        other = sibling(tag, "alpine")
        assert isinstance(other, Tag), (tag, other)
        assert other.distro.startswith("alpine:")
        assert other.listed
        assert {"amd64", "arm64"} <= set(other.architectures)


@pytest.mark.parametrize(("image", "least"), [("python", 0.95), ("node", 0.9), ("ruby", 0.99)])
def test_history_since_2018_follows_the_rule(image: str, least: float) -> None:
    tags = [find_tag(image, name) for name in some(image)]
    old = [
        t for t in tags if t and t.variant == "default" and t.first >= "2018-01-01" and t.distro.startswith("debian")
    ]
    have = [t for t in old if isinstance(sibling(t, "slim"), Tag)]
    assert len(have) / len(old) >= least


@pytest.mark.parametrize("image", ["golang", "php", "httpd", "redis", "postgres", "gradle", "tomcat", "gcc", "julia"])
def test_images_without_slim_always_refuse(image: str) -> None:
    for tag in full_groups(image, ("default", "fpm", "apache")):
        assert isinstance(sibling(tag, "slim"), No)
