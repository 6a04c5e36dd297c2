"""Debian's packages: where a command comes from, what a package holds, what stands behind a -dev package.

Source: the Packages and Contents indexes of bullseye, bookworm and trixie (main, amd64); the day stands in the data
files. The run-time libraries are those that a -dev package depends on and that are built from the same source; checked
against the shared objects in Contents, 95 to 96 % of all -dev packages are exact. Names change with the release, so
every question names one.
"""

from __future__ import annotations

from optimizer.catalog.store import table

RELEASES = ("bullseye", "bookworm", "trixie")
# Left out of the tables: tens of thousands of names that only other packages ask for.
IGNORED = ("librust-", "libghc-", "ghc-", "haskell-", "golang-github-", "golang-golang-", "golang-gopkg-", "r-api-")
# In Debian's section for development, but used by running programs as well.
_ALSO_RUN = frozenset("adb android-sdk-platform-tools fastboot gdb gdbserver gettext ltrace valgrind".split())
_BUILD_ONLY = frozenset(
    "build-essential cargo default-jdk default-jdk-headless g++ gcc golang golang-go maven npm patch pkg-config "
    "pkgconf rustc".split()
)


def shard(name: str) -> str:
    """Return the name of the file, within its table, that holds what begins like `name`."""
    first = name[:1].lower()
    if name.startswith("lib") and len(name) > 3:
        first = f"lib{name[3].lower()}"
    return first if first.isascii() and first.isalnum() else "0"


def packages_of(command: str, release: str) -> tuple[str, ...]:
    """Return the packages of a release that hold a command in a folder of the PATH; () where none is known."""
    return tuple((_cell("commands", command, release) or "").split())


def commands_of(package: str, release: str) -> tuple[str, ...]:
    """Return the commands that a package of a release brings along; () where none are known."""
    return tuple((_cell("contents", package, release) or "").split())


def runtime_libraries(package: str, release: str) -> tuple[str, ...] | None:
    """Return the run-time packages behind a -dev package: ("libpq5",) for libpq-dev; None where not known."""
    cell = _cell("runtime", package, release)
    return None if not cell else () if cell == "-" else tuple(cell.split())


def is_build_only(package: str) -> bool:
    """Tell whether a package is for building alone: compilers, headers, build tools."""
    if package in _ALSO_RUN:
        return False
    if package in _BUILD_ONLY or package.endswith(("-dev", "-jdk", "-jdk-headless")):
        return True
    return any(_cell("names", package, release) == "d" for release in reversed(RELEASES))


def is_available(package: str, release: str) -> bool | None:
    """Tell whether apt-get can install this name on a release; None where that is not known.

    A virtual name can be installed where exactly one package provides it.
    """
    if release not in RELEASES or package.startswith(IGNORED):
        return None
    return (_cell("names", package, release) or "w") != "w"


def packages_day() -> str:
    """Return the ISO day of the indexes."""
    return str(table("names/a").header["day"])


def _cell(name: str, key: str, release: str) -> str | None:
    """Return what a table says of a key on one release, "" for nothing; None where the table has neither."""
    if release not in RELEASES:
        return None
    row = table(f"{name}/{shard(key)}").row(key)
    if row is None:
        return None
    at = RELEASES.index(release)
    while row[at] == "=":
        at -= 1
    return row[at]
