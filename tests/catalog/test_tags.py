"""Tags of official images: listed, given up, guessed, unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.catalog.distros import distro_of, distro_tag, read_distro
from optimizer.catalog.naming import WINDOWS, read_tag
from optimizer.catalog.tags import aliases, data_day, find_tag, is_official, moved, official_names, tag_names
from tests.catalog.tags import some


def test_a_listed_tag_has_its_system_platforms_and_days() -> None:
    tag = find_tag("python", "3.12-slim")
    assert tag is not None
    assert (tag.distro, tag.variant, tag.first, tag.last) == ("debian:trixie", "slim", "2023-10-02", "")
    assert {"amd64", "arm64", "arm/v7", "386"} <= set(tag.architectures)
    assert tag.listed
    assert str(tag) == "python:3.12-slim"


@pytest.mark.parametrize(
    ("image", "name", "distro", "last"),
    [
        ("python", "3.7", "debian:bookworm", "2023-10-02"),
        ("node", "14", "debian:buster", "2023-05-02"),
        ("openjdk", "8-jre-alpine", "alpine:3.9", "2019-05-24"),
        ("php", "7.4", "debian:bullseye", "2022-11-30"),
        ("ubuntu", "18.04", "ubuntu:bionic", "2023-06-15"),
    ],
)
def test_a_tag_that_was_given_up_keeps_the_system_it_ended_on(image: str, name: str, distro: str, last: str) -> None:
    tag = find_tag(image, name)
    assert tag is not None
    assert (tag.distro, tag.last, tag.listed, tag.architectures) == (distro, last, False, ())


def test_a_tag_that_was_never_listed_is_guessed_by_its_spelling() -> None:
    tag = find_tag("python", "3.12.99-slim-bookworm")
    assert tag is not None
    assert tag.guessed
    assert (tag.distro, tag.variant, tag.listed) == ("debian:bookworm", "slim", False)
    # The line is known, so its system is; of a new line nothing is.
    assert find_tag("python", "3.12.99") == tag._replace(name="3.12.99", distro="debian:trixie", variant="default")
    assert find_tag("python", "3.99").distro == ""  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("image", "name"),
    [("python", "nonsense"), ("python", "3.12-nonsense"), ("nothing", "1"), ("python", "3.12-windowsservercore"),
     ("python", ""), ("python", "3.12\nx"), ("../../x", "1"), ("", "")],
)  # fmt: skip
def test_what_is_not_known_is_none(image: str, name: str) -> None:
    assert find_tag(image, name) is None


@given(st.text(max_size=20), st.text(max_size=20))
def test_odd_names_never_raise(image: str, name: str) -> None:
    find_tag(image, name)
    find_tag("python", name)
    is_official(image)
    read_tag(image, name)
    read_distro(name)


def test_aliases_are_the_names_of_one_image() -> None:
    tag = find_tag("python", "latest")
    assert tag is not None
    names = aliases(tag)
    assert {"latest", "3", "trixie"} <= set(names)
    assert all(
        find_tag("python", name) == tag._replace(name=name, first=find_tag("python", name).first) for name in names
    )  # type: ignore[union-attr]
    assert aliases(find_tag("node", "14")) == ()  # type: ignore[arg-type]


def test_floating_tags_move_to_other_systems() -> None:
    tag = find_tag("python", "3.11")
    assert tag is not None
    assert moved(tag)[-2:] == (("2023-06-14", "debian:bookworm"), ("2025-08-12", "debian:trixie"))
    assert moved(find_tag("python", "3.11.5")) == ()  # type: ignore[arg-type]


def test_the_data_hold_all_images_and_say_to_which_day() -> None:
    assert data_day() == "2026-08-21"
    assert len(official_names()) == 60
    assert len(tag_names("python")) > 3000
    assert not any(WINDOWS.search(name) for name in tag_names("golang"))


@pytest.mark.parametrize("image", official_names())
def test_tags_read_back(image: str) -> None:
    for name in some(image):
        tag = find_tag(image, name)
        assert tag is not None and not tag.guessed
        assert not tag.last or tag.first <= tag.last
        system = tag.distro.partition(":")[0]
        assert tag.distro == "" or system == image or read_distro(tag.distro), tag


@pytest.mark.parametrize(
    ("name", "family", "manager", "libc", "shell"),
    [
        ("debian:trixie", "debian", "apt", "glibc", "dash"),
        ("ubuntu:noble", "ubuntu", "apt", "glibc", "dash"),
        ("alpine:3.24", "alpine", "apk", "musl", "busybox"),
        ("amazonlinux:2", "amazon", "yum", "glibc", "bash"),
        ("amazonlinux:2023", "amazon", "dnf", "glibc", "bash"),
        ("oraclelinux:9", "rhel", "dnf", "glibc", "bash"),
        ("busybox:musl", "busybox", "", "musl", "busybox"),
        ("debian:?", "debian", "apt", "glibc", "dash"),
    ],
)
def test_systems(name: str, family: str, manager: str, libc: str, shell: str) -> None:
    found = read_distro(name)
    assert found is not None
    assert (found.family, found.manager, found.libc, found.shell) == (family, manager, libc, shell)
    assert read_distro("haiku:r1") is None


def test_minimal_images_have_microdnf() -> None:
    tag = find_tag("eclipse-temurin", "21-ubi9-minimal")
    assert tag is not None
    assert distro_of(tag).manager == "microdnf"  # type: ignore[union-attr]


def test_a_system_as_an_image() -> None:
    assert distro_tag("debian:trixie", slim=True) == ("debian", "trixie-slim")
    assert distro_tag("alpine:3.24") == ("alpine", "3.24")
    assert distro_tag("debian:?") is None
    assert distro_tag("ubi:9") is None
