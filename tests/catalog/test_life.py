"""End of life: of products, of systems, and what to move to."""

from __future__ import annotations

import pytest

from optimizer.catalog.cycles import is_over
from optimizer.catalog.life import Life, life_of, life_of_distro, supported

TODAY = "2026-11-24"


@pytest.mark.parametrize(
    ("reference", "cycle", "over"),
    [
        ("python:3.9-slim", "3.9", True),
        ("python:latest", "3.14", False),
        ("python:2", "2.7", True),
        ("node:20", "20", True),
        ("node:lts", "24", False),
        ("golang:1.21", "1.21", True),
        ("debian:buster-slim", "10", True),
        ("debian:bullseye", "11", True),
        ("debian:bookworm", "12", False),
        ("ubuntu:18.04", "18.04", True),
        ("alpine:3.14", "3.14", True),
        ("httpd:2.4", "2.4", False),
        ("openjdk:8-jdk", "8", True),
        ("eclipse-temurin:17-jre", "17", False),
    ],
)
def test_products(reference: str, cycle: str, over: bool) -> None:
    life = life_of(*reference.split(":"))
    assert life is not None
    assert (life.cycle, is_over(life, TODAY)) == (cycle, over)


def test_free_extended_support_counts() -> None:
    life = life_of_distro("debian:bookworm")
    assert life == Life("debian", "12", "2026-07-11", "2028-06-30", "bookworm")
    assert not is_over(life, "2026-07-12")
    assert is_over(life, "2028-07-01")
    # Ubuntu's is sold, and does not reach the images.
    assert life_of_distro("ubuntu:bionic").extended == ""  # type: ignore[union-attr]


def test_the_last_day_is_still_supported() -> None:
    life = Life("x", "1", "2026-11-24", "")
    assert [is_over(life, day) for day in ("2026-11-23", "2026-11-24", "2026-11-25")] == [False, False, True]
    assert not is_over(Life("x", "1", "never", ""), "2999-01-01")
    assert not is_over(Life("x", "1", "", ""), "2999-01-01")
    assert is_over(life_of_distro("centos:7"), TODAY)  # type: ignore[arg-type]


def test_an_image_that_was_given_up_ends_with_its_last_listing() -> None:
    life = life_of("openjdk", "8-jdk")
    assert life is not None
    assert (life.product, life.ends) == ("the official image openjdk", "2022-08-19")


@pytest.mark.parametrize(
    ("reference", "new"),
    [
        ("python:3.7", "python:3.11"),
        ("python:3.9.1-slim-buster", "python:3.11.16-slim-bookworm"),
        ("python:3.12-bullseye", "python:3.12-bookworm"),
        ("node:14.17.0-alpine", "node:22.23.2-alpine"),
        ("node:20-bullseye-slim", "node:22-bookworm-slim"),
        ("debian:buster-slim", "debian:bookworm-slim"),
        ("debian:10", "debian:12"),
        ("debian:buster-20210816-slim", "debian:bookworm-slim"),
        ("ubuntu:18.04", "ubuntu:22.04"),
        ("ubuntu:bionic", "ubuntu:jammy"),
        ("alpine:3.14.2", "alpine:3.22.5"),
        ("openjdk:8-jdk", "eclipse-temurin:8-jdk"),
        ("openjdk:11-jre-slim", "eclipse-temurin:11-jre"),
        ("openjdk:13", "eclipse-temurin:17-jdk"),
        ("openjdk:8-jdk-alpine", "eclipse-temurin:8-jdk-alpine"),
        ("golang:1.19-alpine", "golang:1.26-alpine"),
        ("php:7.4-apache-buster", "php:8.2-apache-bookworm"),
        ("ruby:2.7-slim-bullseye", "ruby:3.3-slim-bookworm"),
    ],
)
def test_the_nearest_supported_release(reference: str, new: str) -> None:
    assert str(supported(*reference.split(":"), TODAY)) == new


@pytest.mark.parametrize("reference", ["python:3.12", "debian:trixie", "centos:7", "nothing:1", "httpd:2.4"])
def test_nothing_to_move_to(reference: str) -> None:
    assert supported(*reference.split(":"), TODAY) is None


def test_the_answer_goes_by_the_day_that_is_asked() -> None:
    assert supported("python", "3.9", "2025-10-31") is None
    assert str(supported("python", "3.9", "2025-11-01")) == "python:3.10"
