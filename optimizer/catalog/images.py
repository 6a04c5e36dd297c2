"""What is known of images by their names alone."""

from __future__ import annotations

from typing import Protocol

from optimizer.syntax.patterns import pattern

# Official images that are nothing but a root file system: there is no USER to set in them.
_SYSTEMS = frozenset(
    "almalinux alpine amazonlinux archlinux busybox centos clearlinux debian fedora opensuse oraclelinux photon "
    "rockylinux ubuntu".split()
)
# Official images whose Dockerfiles set no USER, or end with root. Read in August 2026 in
# docker-library/{buildpack-deps,golang,httpd,openjdk,php,postgres,python,ruby,tomcat}, nodejs/docker-node,
# nginxinc/docker-nginx, rust-lang/docker-rust, carlossg/docker-maven, adoptium/containers and
# keeganwitt/docker-gradle.
_APPLICATIONS = frozenset(
    "buildpack-deps eclipse-temurin golang gradle httpd maven nginx node openjdk php postgres python ruby rust "
    "tomcat".split()
)
# Of these every variant but Alpine's and Windows' stands on Debian, Ubuntu or a Red Hat-like system.
_GNU = (_SYSTEMS | _APPLICATIONS) - {"alpine", "busybox"}
_OTHER_TOOLS = pattern(r"alpine|busybox|musl")
_WINDOWS = pattern(r"windows|nanoserver|servercore")


class Image(Protocol):
    """What must be known of an image: its official name, its tag, and whether both are sure."""

    @property
    def official(self) -> str | None:
        """The name among the official images."""

    @property
    def tag(self) -> str | None:
        """The tag."""

    @property
    def known(self) -> bool:
        """Whether no variable is left in the name."""


def runs_as_root(image: Image) -> bool:
    """Tell whether an image is known to run as root unless told otherwise."""
    name = image.official
    return image.known and name in _SYSTEMS | _APPLICATIONS and not _WINDOWS.search(image.tag or "")


def has_gnu_tools(image: Image) -> bool:
    """Tell whether an image is known to have, or to install, GNU tools rather than BusyBox's."""
    tag = image.tag or ""
    return image.known and image.official in _GNU and not _OTHER_TOOLS.search(tag) and not _WINDOWS.search(tag)
