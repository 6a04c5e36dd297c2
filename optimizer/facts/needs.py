"""What an image calls: commands of its build, of its start and of its health check, and what it installs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from optimizer.facts.document import Document
from optimizer.facts.stages import Stage


class Use(NamedTuple):
    """A command that is called.

    `command` is its base name. `caller` says who calls it: "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK",
    or the path of a file of the build context. `at` is the offset of the Dockerfile's instruction that
    it comes from, -1 for an application's sources. `words` are the words of the call, "" where only the
    run can tell.
    """

    command: str
    caller: str
    at: int
    words: tuple[str, ...] = ()


class Dependency(NamedTuple):
    """A package of a language that is installed. `version` is the wish as written, "" for any.

    `form` says how it comes: "pure", "wheel" or "prebuilt" need no compiler, "sdist" and "compiles"
    need one, "" is not known. `musl` says the same for Alpine. `needs` are Debian packages to compile it.
    """

    name: str
    version: str = ""
    form: str = ""
    musl: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """What a stage, the stages that it stands on, and those that stand on it, call and install.

    `build` are the commands of RUN instructions, `run` those of the running image. `unread` says in
    short why there may be more. `packages` are what package managers install, by the manager's name.
    `python` and `node` are dependencies that pip and npm install. `users` are the users and groups
    that are named. `wishes` holds "locale", "timezone" and "certificates" where they are asked for.
    """

    build: tuple[Use, ...] = ()
    run: tuple[Use, ...] = ()
    unread: tuple[str, ...] = ()
    packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    python: tuple[Dependency, ...] = ()
    node: tuple[Dependency, ...] = ()
    users: frozenset[str] = frozenset()
    wishes: frozenset[str] = frozenset()


def needs_of(doc: Document, stage: Stage) -> Needs:
    """Return what a stage needs of its base image; asks the build context where there is one."""
    raise NotImplementedError
