"""What is called and what is installed: the plain records that `needs` collects."""

from __future__ import annotations

from typing import NamedTuple


class Use(NamedTuple):
    """A command that is called.

    `command` is its base name. `caller` says who calls it: "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK",
    or the path of a file of the build context. `at` is the offset of the Dockerfile's instruction that
    it comes from. `words` are the words of the call, "" where only the run can tell.
    """

    command: str
    caller: str
    at: int
    words: tuple[str, ...] = ()


class Installed(NamedTuple):
    """A package that a package manager installs, the manager's name, and the offset of the instruction."""

    manager: str
    name: str
    at: int


class Dependency(NamedTuple):
    """A package of a language that is installed. `version` is the wish as written, "" for any.

    `form` says how it comes: "pure", "wheel" or "prebuilt" need no compiler, "sdist" and "compiles"
    need one, "" is not known. `musl` says the same for Alpine. `needs` are Debian packages to compile it.
    `asked` tells that the package index answered for this version.
    """

    name: str
    version: str = ""
    form: str = ""
    musl: str = ""
    needs: tuple[str, ...] = ()
    asked: bool = False


class Installs(NamedTuple):
    """What the calls of one language's package managers install, and what of it could not be read.

    `calls` are commands that an installation itself calls, such as git.
    """

    dependencies: tuple[Dependency, ...] = ()
    unread: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
