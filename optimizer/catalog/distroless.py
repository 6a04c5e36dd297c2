"""The distroless images: what runs in them, what they hold, and which are given up.

Source: GoogleContainerTools/distroless, commit cd080764af3103b2f49fb5eb23297c72c945e77a of 2026-08-21. None has a shell
or a package manager. A retired image can still be pulled; it is frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from optimizer.catalog.siblings import No
from optimizer.syntax.patterns import pattern

REGISTRY = "gcr.io/distroless"
SYSTEM = "debian13"
GLIBC = "2.41"
DAY = "2026-08-21"
WORKDIR = "/"
ENV = MappingProxyType(
    {
        "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    }
)
_USERS = MappingProxyType({"root": 0, "nobody": 65534, "nonroot": 65532})

_STATIC = frozenset("base-files netbase tzdata tzdata-legacy media-types ca-certificates".split())
_BASE = _STATIC | {"libc6", "libssl3t64", "libzstd1", "zlib1g"}
_CC = _BASE | {"libgomp1", "libstdc++6", "libgcc-s1", "gcc-14-base"}
_MAIN = ("amd64", "arm64")
_JAVA = ("/usr/bin/java", "-jar")
_NODE = ("/nodejs/bin/node",)


class Distroless(NamedTuple):
    """A distroless image.

    `name` is its repository; `libc` "glibc" or "" where it has none; `runtime` says what it runs ("Debian CPython
    3.13.5"), "" for none; `entrypoint` is what CMD is given to; `packages` are Debian's; `users` uids by name;
    `retired` is the ISO day since which it is not renewed, "" while it is; `architectures` those that a swap can
    count on.
    """

    name: str
    libc: str
    runtime: str
    entrypoint: tuple[str, ...]
    packages: frozenset[str]
    users: Mapping[str, int]
    retired: str
    architectures: tuple[str, ...]


# name without system -> libc, runtime, entrypoint, packages, architectures
_CURRENT: dict[str, tuple[str, str, tuple[str, ...], frozenset[str], tuple[str, ...]]] = {
    "static": ("", "", (), _STATIC, _MAIN),
    "base-nossl": ("glibc", "", (), _STATIC | {"libc6"}, _MAIN),
    "base": ("glibc", "", (), _BASE, _MAIN),
    "cc": ("glibc", "", (), _CC, _MAIN),
    "java-base": ("glibc", "", (), _STATIC | {"libc6"}, _MAIN),
    "java17": ("glibc", "Temurin JRE 17.0.20.1", _JAVA, _STATIC | {"libc6"}, _MAIN),
    "java21": ("glibc", "Temurin JRE 21.0.12.1", _JAVA, _STATIC | {"libc6"}, _MAIN),
    "java25": ("glibc", "Temurin JRE 25.0.4.1", _JAVA, _STATIC | {"libc6"}, _MAIN),
    "nodejs22": ("glibc", "node 22.23.2", _NODE, _CC, _MAIN),
    "nodejs24": ("glibc", "node 24", _NODE, _CC, _MAIN),
    "nodejs26": ("glibc", "node 26", _NODE, _CC | {"libatomic1"}, _MAIN),
    "python3": ("glibc", "Debian CPython 3.13.5", ("/usr/bin/python3.13",), _CC, _MAIN),
}
# Most exact pattern first: the day since which the image is frozen.
_RETIRED = (
    (pattern(r"[\w-]+-debian(9|10|11)\Z"), "2024-09-03"),
    (pattern(r"python3-debian12\Z"), "2026-05-12"),
    (pattern(r"nodejs20(-debian\d+)?\Z"), "2026-05-01"),
    (pattern(r"nodejs18(-debian\d+)?\Z"), "2025-04-30"),
    (pattern(r"(nodejs|java)\S*-debian12\Z"), "2026-02-27"),
    (pattern(r"(static|base|base-nossl|cc)-debian12\Z"), "2026-09-30"),
    # Without a version, or with one that never was on a later system: at the latest with Debian 11.
    (pattern(r"(java|java8|java11|nodejs|nodejs1[0-6])(-debian\d+)?\Z"), "2024-09-03"),
)
_OLD_PYTHON = {"debian12": "Debian CPython 3.11", "debian11": "Debian CPython 3.9"}
_NAME = pattern(r"gcr\.io/distroless/([a-z]+[a-z0-9-]*?)(?:-(debian\d+))?\Z")
_VERSIONS = {"java": ("17", "21", "25"), "nodejs": ("22", "24", "26")}


def distroless(kind: str, version: str = "") -> Distroless | No:
    """Return the image for "static", "base", "cc", "python3", "nodejs" or "java", or why there is none.

    `version` is that of the runtime: it must be the same one as in the build stage ("3.13.5" or "3.13" for Python).
    """
    if kind == "python3":
        if version.split(".")[:2] != ["3", "13"]:
            return No(f"the distroless Python is 3.13, not {version or 'of any version'}")
        return _image(kind)
    if kind in _VERSIONS:
        major = version.partition(".")[0]
        if major not in _VERSIONS[kind]:
            return No(f"there is no maintained distroless image of {kind} {version}".rstrip())
        return _image(kind + major)
    if kind in ("static", "base", "cc"):
        return _image(kind)
    return No(f"there is no distroless image for {kind}")


def read_distroless(repository: str) -> Distroless | None:
    """Return what is known of a repository such as "gcr.io/distroless/static"; None for another one.

    A name without a system means Debian 13 since 2026-01-30.
    """
    match = _NAME.match(repository)
    if match is None:
        return None
    name, system = match.group(1), match.group(2) or SYSTEM
    last = repository.rpartition("/")[2]
    retired = next((day for named, day in _RETIRED if named.match(last)), "")
    if system == SYSTEM and not retired:
        return _image(name)._replace(name=repository) if name in _CURRENT else None
    libc = "" if name == "static" else "glibc"
    runtime = _OLD_PYTHON.get(system, "") if name == "python3" else ""
    return Distroless(repository, libc, runtime, _old_entrypoint(name), frozenset(), _USERS, retired, _MAIN)


def _image(name: str) -> Distroless:
    libc, runtime, entrypoint, packages, architectures = _CURRENT[name]
    return Distroless(f"{REGISTRY}/{name}-{SYSTEM}", libc, runtime, entrypoint, packages, _USERS, "", architectures)


def _old_entrypoint(name: str) -> tuple[str, ...]:
    if name.startswith("nodejs"):
        return _NODE
    return _JAVA if name.startswith("java") and name != "java-base" else ()
