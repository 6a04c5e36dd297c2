"""Debian packages that other packages only recommend, and that users rely on all the same.

Source: the Recommends fields of Debian bullseye, bookworm and trixie (November 2026), and public
reports of builds that broke without them (argoproj/argo-cd#25972, sourcegraph/lsp-adapter#73,
SkipLabs/skip#1087).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from optimizer.syntax.patterns import pattern


class Companion(NamedTuple):
    """A recommended package. `needed_if` is a pattern for the rest of the file, "" for always.

    `unless` are packages that do its work as well.
    """

    package: str
    reason: str
    needed_if: str = ""
    unless: tuple[str, ...] = ()


_CERTIFICATES = Companion("ca-certificates", "certificates for HTTPS")
_COMPILER = Companion(
    "build-essential", "a compiler for packages without wheels", r"pip\d* +install|setup\.py", ("gcc", "g++")
)
_HTTPS = Companion("ca-certificates", "certificates for HTTPS", r"https:")

_BY_PACKAGE: dict[str, tuple[Companion, ...]] = {
    "curl": (_CERTIFICATES,),
    "wget": (_CERTIFICATES,),
    "aria2": (_CERTIFICATES,),
    "lynx": (_CERTIFICATES,),
    "git": (_CERTIFICATES, Companion("openssh-client", "git over ssh", r"git@|ssh://|\.ssh\b|ssh-key")),
    "git-core": (_CERTIFICATES,),
    "subversion": (_HTTPS,),
    "mercurial": (_HTTPS,),
    "openssl": (_HTTPS,),
    "apt-transport-https": (_CERTIFICATES,),
    "nodejs": (_HTTPS, Companion("npm", "npm next to nodejs", r"\bnpm +(i|install|ci|run|start|update)\b", ("yarn",))),
    "npm": (_HTTPS, Companion("git", "npm packages from git", r"git\+|github:")),
    "python3": (_HTTPS,),
    "python": (_HTTPS,),
    "ruby": (_HTTPS,),
    "python3-pip": (
        _CERTIFICATES,
        _COMPILER,
        Companion("python3-dev", "headers for packages without wheels", r"pip\d* +install|setup\.py"),
    ),
    "python-pip": (
        _CERTIFICATES,
        _COMPILER,
        Companion(
            "python-dev", "headers for packages without wheels", r"pip\d* +install|setup\.py", ("python-all-dev",)
        ),
    ),
    "gcc": (Companion("libc6-dev", "headers of the C library", "", ("build-essential", "g++")),),
    "clang": (Companion("libc6-dev", "headers of the C library", "", ("build-essential", "g++", "gcc")),),
    "cmake": (
        Companion("make", "the build tool that cmake drives", "", ("build-essential", "ninja-build")),
        Companion("g++", "the compiler that cmake drives", "", ("build-essential", "gcc", "clang")),
    ),
    "autoconf": (Companion("automake", "autoreconf's other half", r"autoreconf|autogen|automake|aclocal|bootstrap"),),
    "libtool": (Companion("libltdl-dev", "libtool's loader", r"ltdl"),),
    "flex": (Companion("libfl-dev", "flex's library", r"make|configure"),),
    "protobuf-compiler": (Companion("libprotobuf-dev", "protoc's include files", r"protoc\b|proto\b|cmake|make"),),
    "zip": (Companion("unzip", "unzip next to zip", r"\bunzip\b"),),
    "xvfb": (Companion("xauth", "xvfb-run calls xauth"),),
    "gnupg": (Companion("dirmngr", "keys from key servers", r"--keyserver|--recv-key|apt-key +adv"),),
    "gnupg2": (Companion("dirmngr", "keys from key servers", r"--keyserver|--recv-key|apt-key +adv"),),
    "software-properties-common": (
        _CERTIFICATES,
        Companion("gnupg", "keys of added repositories", r"add-apt-repository|apt-key|--keyserver", ("gnupg2", "gpg")),
    ),
    "procps": (Companion("psmisc", "killall and pstree", r"\b(killall|pstree|fuser)\b"),),
    "php-cli": (),
    "imagemagick": (Companion("ghostscript", "PDF and PostScript", r"\.pdf|\.ps\b|ghostscript"),),
    "iptables": (Companion("nftables", "the nft command", r"\bnft\b"),),
    "perl": (Companion("netbase", "/etc/services and /etc/protocols", r"getservby|getprotoby"),),
    "ant": (Companion("ant-optional", "ant's optional tasks", r"\bant\b +\S"),),
}
_VERSIONED: tuple[tuple[re.Pattern[str], str], ...] = (
    (pattern(r"python3\.\d+\Z"), "python3"),
    (pattern(r"python2(\.7)?\Z"), "python"),
    (pattern(r"gcc-\d+\Z"), "gcc"),
    (pattern(r"clang-\d+\Z"), "clang"),
)
# Their parts hang together by recommendations only: nobody could list what would be missing.
LEANS_ON_RECOMMENDS = pattern(
    r"(texlive(-.*)?|task-.*|.*-desktop(-environment|-core)?|xfce4(-.*)?|lxde(-.*)?|lxqt(-.*)?|gnome(-.*)?|kde(-.*)?|"
    r"mate-.*|wine(32|64|hq-.*|-stable)?|winehq-.*|libreoffice(-.*)?|ros-.*|docker-ce|docker\.io|gimp|inkscape|"
    r"mysql-server(-.*)?|firefox(-esr)?|chromium(-browser)?|ubuntu-.*)\Z"
)


def companions(package: str) -> tuple[Companion, ...]:
    """Return the recommended packages that a user of `package` relies on."""
    for named, name in _VERSIONED:
        if named.match(package):
            package = name
            break
    return _BY_PACKAGE.get(package, ())


def companion_names() -> frozenset[str]:
    """Return the names of all companions."""
    return frozenset(c.package for found in _BY_PACKAGE.values() for c in found)
