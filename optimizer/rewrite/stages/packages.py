"""Which of the packages that a single stage installs the final stage needs too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from optimizer.catalog.packages import is_available, is_build_only, runtime_libraries
from optimizer.facts.runs import Call
from optimizer.syntax.patterns import pattern

# Tools that builds call and that bring no library with them.
TOOLS = frozenset(
    "git git-core git-lfs subversion mercurial curl wget unzip zip bzip2 xz-utils gnupg gnupg2 dirmngr vim "
    "vim-tiny nano less file patch make cmake ninja-build autoconf automake libtool m4 bison flex pkg-config pkgconf "
    "build-essential software-properties-common apt-transport-https lsb-release apt-utils protobuf-compiler "
    "openssh-client upx upx-ucl binutils gdb strace valgrind clang llvm lld musl-tools gettext swig nasm yasm "
    "doxygen rsync jq tree maven gradle ant".split()
)
# Libraries that apt and dpkg need themselves, so that every image of Debian and Ubuntu has them.
# Source: Depends of apt, dpkg and perl-base in bullseye, bookworm and trixie.
IN_EVERY_BASE = frozenset("libc6 libgcc-s1 libstdc++6 zlib1g libbz2-1.0 liblzma5 libzstd1 libcrypt1".split())
NEEDED_BY_NONE = frozenset({"apt-utils", "apt-transport-https", "software-properties-common", "lsb-release", "dirmngr"})

_VERSION = pattern(r"[=<>~]")


@dataclass
class Sorted:
    """The packages of the final stage, and sentences that say what became of the others. `refused` says why not."""

    packages: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: str = ""


def named_packages(call: Call) -> tuple[str, ...] | None:
    """Return the packages that an install names, without their versions; None where one is not known."""
    names = []
    for word in call.operands:
        if word.value is None:
            return None
        names.append(_VERSION.split(word.value)[0].partition("/")[0])
    return tuple(names)


def sort_packages(
    names: Iterable[str], release: str, is_called: Callable[[str], bool], all_read: bool = True
) -> Sorted:
    """Sort packages of Debian: what only builds need stays, a -dev package hands on its libraries, the rest is in both.

    `is_called` tells whether the running image is seen to call a package's commands, `all_read` whether all that
    runs was read. Compilers stay behind unless they are called; tools such as git only where that is sure.
    """
    found = Sorted()
    dropped: list[str] = []
    for name in dict.fromkeys(names):
        if "./" in name or name.endswith(".deb"):
            found.refused = f"{name} is a package of its own"
        elif is_available(name, release) is False:
            found.refused = f"{name} is no package of Debian {release}"
        elif name.endswith(("-jdk", "-jdk-headless")) and is_called("java"):
            found.packages.append(name.replace("-jdk", "-jre"))
            found.notes.append(f"{name} hands on its JRE")
        elif name.endswith("-dev") or name.partition(":")[0].endswith("-dev"):
            _hand_on(found, name, release)
        elif name in NEEDED_BY_NONE or (_only_builds(name, all_read) and not is_called(name)):
            dropped.append(name)
        else:
            found.packages.append(name)
    if dropped:
        found.notes.append(f"{', '.join(dropped)} only {'build' if len(dropped) > 1 else 'builds'}")
    found.packages = list(dict.fromkeys(found.packages))
    return found


# Alpine's packages that only builds use, beside the tools that are called the same everywhere.
# Source: the packages of docker-library's own Alpine images that are removed behind their builds.
ALPINE_BUILDS = frozenset(
    "alpine-sdk build-base musl-dev libc-dev linux-headers gcc g++ go cargo rust binutils abuild "
    "fortify-headers clang llvm make cmake".split()
)
_ALPINE_BASE = frozenset({"ca-certificates-bundle", "musl", "busybox"})


def sort_alpine(names: Iterable[str], is_called: Callable[[str], bool], all_read: bool = True) -> Sorted:
    """Sort packages of Alpine: what only builds need stays, the rest is in both, -dev packages too."""
    found = Sorted()
    dropped: list[str] = []
    for name in dict.fromkeys(names):
        if name.startswith((".", "/", "@")) or "@" in name:
            found.refused = f"{name} is no package of Alpine's own"
        elif (name in ALPINE_BUILDS or (name in TOOLS and all_read)) and not is_called(name):
            dropped.append(name)
        elif name not in _ALPINE_BASE:
            found.packages.append(name)
    if dropped:
        found.notes.append(f"{', '.join(dropped)} only {'build' if len(dropped) > 1 else 'builds'}")
    return found


def _only_builds(name: str, all_read: bool) -> bool:
    return (name in TOOLS and all_read) or is_build_only(name)


def _hand_on(found: Sorted, name: str, release: str) -> None:
    libraries = runtime_libraries(name, release)
    if libraries is None:
        found.packages.append(name)
        found.notes.append(f"which library {name} stands for is not known, so it is in both stages")
    elif IN_EVERY_BASE.issuperset(libraries):
        found.notes.append(f"what {name} stands for is in every image")
    elif libraries:
        found.packages += (library for library in libraries if library not in IN_EVERY_BASE)
        found.notes.append(f"{name} hands on {', '.join(libraries)}")
