"""Debian's packages, their names on Alpine, and native dependencies."""

from __future__ import annotations

import pytest

from optimizer.catalog.alpine import AlpineName, alpine_names
from optimizer.catalog.packages import (
    RELEASES,
    commands_of,
    is_available,
    is_build_only,
    packages_day,
    packages_of,
    runtime_libraries,
)
from optimizer.catalog.store import DATA, table
from optimizer.catalog.wheels import node_native, node_native_on_musl, python_wheel


@pytest.mark.parametrize(
    ("command", "package"),
    [
        ("curl", "curl"),
        ("pg_config", "libpq-dev"),
        ("[", "coreutils"),
        ("Xvfb", "xvfb"),
        ("cc", "gcc"),
        ("convert", "imagemagick"),
        ("7z", "p7zip-full"),
        ("ps", "procps"),
        ("dig", "bind9-dnsutils"),
    ],
)
@pytest.mark.parametrize("release", ["bullseye", "bookworm"])
def test_commands_and_their_packages(command: str, package: str, release: str) -> None:
    assert package in packages_of(command, release)
    assert command in commands_of(package, release) or command in ("cc", "convert", "7z")


def test_what_is_not_known_is_empty() -> None:
    assert packages_of("no-such-command", "trixie") == ()
    assert packages_of("curl", "buster") == ()
    assert commands_of("", "trixie") == ()
    assert packages_of("\t", "trixie") == ()


@pytest.mark.parametrize(
    ("package", "release", "libraries"),
    [
        ("libpq-dev", "trixie", ("libpq5",)),
        ("libicu-dev", "bullseye", ("libicu67",)),
        ("libicu-dev", "bookworm", ("libicu72",)),
        ("libicu-dev", "trixie", ("libicu76",)),
        ("default-libmysqlclient-dev", "bookworm", ("libmariadb3",)),
        ("libglib2.0-dev", "trixie", ("libglib2.0-0t64",)),
        ("curl", "bookworm", None),
        ("libpq-dev", "jammy", None),
    ],
)
def test_run_time_libraries_go_by_the_release(package: str, release: str, libraries: tuple[str, ...] | None) -> None:
    found = runtime_libraries(package, release)
    assert found == libraries or (libraries and found and set(libraries) <= set(found))


@pytest.mark.parametrize("release", RELEASES)
def test_run_time_libraries_can_be_installed(release: str) -> None:
    """What a -dev package is replaced by exists in the same release."""
    wrong = []
    for path in sorted((DATA / "runtime").iterdir()):
        for package, _ in table(f"runtime/{path.name.removesuffix('.gz')}").rows():
            libraries = runtime_libraries(package, release) or ()
            wrong += [(package, name) for name in libraries if is_available(name, release) is False]
    assert not wrong


@pytest.mark.parametrize(
    ("package", "answers"),
    [
        ("libgl1-mesa-glx", (True, True, False)),
        ("netcat", (True, False, False)),
        ("libglib2.0-0", (True, True, True)),
        ("software-properties-common", (True, True, False)),
        ("no-such-package", (False, False, False)),
        ("librust-anyhow-dev", (None, None, None)),
    ],
)
def test_what_a_release_has(package: str, answers: tuple[bool | None, ...]) -> None:
    assert tuple(is_available(package, release) for release in RELEASES) == answers
    assert is_available(package, "buster") is None


@pytest.mark.parametrize(
    "package", ["gcc", "libpq-dev", "make", "cmake", "build-essential", "openjdk-17-jdk", "python3-dev"]
)
def test_build_only(package: str) -> None:
    assert is_build_only(package)


@pytest.mark.parametrize("package", ["curl", "git", "gettext", "nodejs", "libpq5", "gdb", "no-such-package"])
def test_not_build_only(package: str) -> None:
    assert not is_build_only(package)


@pytest.mark.parametrize(
    ("package", "names"),
    [
        ("libpq-dev", ("libpq-dev",)),
        ("gcc", ("gcc", "musl-dev")),
        ("build-essential", ("build-base",)),
        ("procps", ("procps-ng",)),
        ("default-libmysqlclient-dev", ("mariadb-connector-c-dev",)),
        ("zlib1g-dev", ("zlib-dev",)),
        ("gnupg2", ("gnupg",)),
        ("apt-transport-https", ()),
    ],
)
def test_names_on_alpine_with_good_evidence(package: str, names: tuple[str, ...]) -> None:
    assert alpine_names(package) == AlpineName(names, "A")


def test_weak_and_missing_names_on_alpine() -> None:
    assert alpine_names("cron") == AlpineName(("dcron",), "C")
    assert alpine_names("clang") == AlpineName(("clang21",), "C") or alpine_names("clang").level == "C"  # type: ignore[union-attr]
    assert alpine_names("wkhtmltopdf") is None
    assert alpine_names("no-such-package") is None


def test_every_alpine_name_has_a_level() -> None:
    rows = list(table("alpine").rows())
    assert len(rows) > 700
    assert {columns[1] for _, columns in rows} == {"A", "B", "C"}
    assert all(columns[0] or columns[1] == "A" for _, columns in rows)


def test_l3_wheels_by_c_library() -> None:
    assert [(w.glibc, w.musl) for w in map(python_wheel, ("NumPy", "torch", "psycopg2", "Flask", "ruamel.yaml.clib")) if w] == [
        ("wheel", "wheel"), ("wheel", "sdist"), ("sdist", "sdist"), ("pure", "pure"), ("wheel", "wheel"),
    ]  # fmt: skip
    assert python_wheel("python_ldap").needs == ("libldap2-dev", "libsasl2-dev")  # type: ignore[union-attr]
    assert python_wheel("numpy").musl_since == "1.25.0"  # type: ignore[union-attr]
    assert python_wheel("no-such-project") is None


def test_l3_every_entry_is_well_formed() -> None:
    text = (DATA / "wheels.txt").read_text()
    words = [w for line in text.splitlines() if line and line[0] not in "#[" for w in line.split()]
    names = [w.partition("@")[0].partition("(")[0] for w in words]
    assert len(names) == len(set(names))
    for name in names:
        wheel = python_wheel(name)
        assert wheel is not None
        assert {wheel.glibc, wheel.musl} <= {"pure", "wheel", "sdist", ""}
        assert all(is_available(need, "bookworm") for need in wheel.needs), wheel


def test_l5_packages_that_compile() -> None:
    assert (node_native("node-rdkafka"), node_native_on_musl("node-rdkafka")) == ("compiles", "compiles")
    assert (node_native("canvas"), node_native_on_musl("canvas")) == ("prebuilt", "compiles")
    assert (node_native("sharp"), node_native_on_musl("sharp")) == ("prebuilt", "prebuilt")
    assert node_native("express") == ""


def test_the_day_of_the_indexes() -> None:
    assert packages_day() == "2026-11-24"
