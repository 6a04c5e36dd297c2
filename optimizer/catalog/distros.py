"""The systems below the images: their family, package manager, C library and shell.

Sources: /etc/os-release and the package manager of the official images of each system, read 2026-08.
"""

from __future__ import annotations

from typing import NamedTuple

from optimizer.catalog.naming import DEBIAN_RELEASES, UBUNTU_RELEASES
from optimizer.catalog.tags import Tag


class Distro(NamedTuple):
    """A distribution: `name` as in "debian:trixie", `release` the part behind the colon, "" where it is not known.

    `family` is "debian", "ubuntu", "alpine", "rhel", "fedora", "amazon" or "busybox"; `manager` the command that
    installs packages, "" for none; `libc` "glibc", "musl" or "" where it is neither or not known; `shell` the program
    that /bin/sh is.
    """

    name: str
    release: str
    family: str
    manager: str
    libc: str
    shell: str


_SYSTEMS = {
    "debian": ("debian", "apt", "glibc", "dash"),
    "ubuntu": ("ubuntu", "apt", "glibc", "dash"),
    "alpine": ("alpine", "apk", "musl", "busybox"),
    "almalinux": ("rhel", "dnf", "glibc", "bash"),
    "centos": ("rhel", "yum", "glibc", "bash"),
    "rockylinux": ("rhel", "dnf", "glibc", "bash"),
    "oraclelinux": ("rhel", "dnf", "glibc", "bash"),
    "ubi": ("rhel", "dnf", "glibc", "bash"),
    "fedora": ("fedora", "dnf", "glibc", "bash"),
    "amazonlinux": ("amazon", "dnf", "glibc", "bash"),
}
_BUSYBOX = {"glibc": "glibc", "musl": "musl"}
_YUM = frozenset({"amazonlinux:1", "amazonlinux:2", "oraclelinux:6", "oraclelinux:7"})


def distro_of(tag: Tag) -> Distro | None:
    """Return the system that an image of this tag stands on; None where it is not known."""
    found = read_distro(tag.distro)
    if found is None:
        return None
    minimal = "minimal" in tag.variant.split("+") or "minimal" in tag.name or _is_slim(tag.distro, tag.name)
    if found.family == "rhel" and minimal:
        return found._replace(manager="microdnf")
    return found


def _is_slim(distro: str, name: str) -> bool:
    return distro.startswith("oraclelinux:") and "slim" in name


def read_distro(name: str) -> Distro | None:
    """Return the system of a name such as "debian:trixie"; None for an unknown one."""
    system, _, release = name.partition(":")
    if release == "?":
        release = ""
    if system == "busybox":
        return Distro(name, release, "busybox", "", _BUSYBOX.get(release, ""), "busybox")
    if system not in _SYSTEMS:
        return None
    family, manager, libc, shell = _SYSTEMS[system]
    return Distro(name, release, family, "yum" if name in _YUM else manager, libc, shell)


def distro_tag(distro: str, slim: bool = False) -> tuple[str, str] | None:
    """Return the official image and tag of a system: ("debian", "trixie-slim"); None where there is none.

    Red Hat's universal base images are not official images of Docker Hub.
    """
    system, _, release = distro.partition(":")
    if not release or release == "?" or system not in _SYSTEMS or system == "ubi":
        return None
    if system == "debian" and release in DEBIAN_RELEASES:
        return system, f"{release}-slim" if slim else release
    if system == "ubuntu" and release not in UBUNTU_RELEASES:
        return None
    return system, release
