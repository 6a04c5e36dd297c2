"""The transforms that are known, found in the package `transforms`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from optimizer.catalog.live import Requirement
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import Claim

if TYPE_CHECKING:
    from optimizer.facts.document import Document

Finding = Change | Left
Find = Callable[["Document"], Iterator[Finding]]
Images = Callable[["Document"], Iterable[str]]
Projects = Callable[["Document"], Iterable[Requirement]]


@dataclass(frozen=True)
class Transform:
    """A rewrite: its name, when it runs, how safe it usually is, and what finds its changes.

    `triggers` are words one of which (in any case) must occur in a Dockerfile for `find` to be
    worth calling; none means always. `claims` say which differences of the build model are its
    business. `doc` is the manual page. An `optional` transform runs only when it is selected.

    `images` and `projects` tell what `find` would like to know from registries and package indexes: image references
    as a FROM would write them, and Python requirements. They are asked before the run where the user wishes it, and
    the answers are in `doc.settings.live`.
    """

    name: str
    phase: Phase
    safety: Safety
    find: Find
    doc: str
    see: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    optional: bool = False
    images: Images | None = None
    projects: Projects | None = None

    @property
    def summary(self) -> str:
        """The first line of the manual page."""
        return self.doc.strip().partition("\n")[0]


def transform(
    *,
    phase: Phase,
    safety: Safety,
    see: Sequence[str] = (),
    triggers: Sequence[str] = (),
    claims: Sequence[Claim] = (),
    optional: bool = False,
    images: Images | None = None,
    projects: Projects | None = None,
) -> Callable[[Find], Transform]:
    """Make a transform of a module's `find`; its name is the module's, its manual the docstring."""

    def make(find: Find) -> Transform:
        module = sys.modules[find.__module__]
        name = find.__module__.rpartition(".")[2].replace("_", "-")
        doc = module.__doc__ or ""
        given = (tuple(see), tuple(triggers), tuple(claims))
        return Transform(name, phase, safety, find, doc, *given, optional, images, projects)

    return make


@cache
def all_transforms() -> tuple[Transform, ...]:
    """Return every transform in the order in which they run: by phase, then by name."""
    package = importlib.import_module("transforms")
    found = []
    for info in pkgutil.iter_modules(package.__path__):
        if not info.name.startswith("_"):
            value = getattr(importlib.import_module(f"transforms.{info.name}"), "find", None)
            if isinstance(value, Transform):
                found.append(value)
    return tuple(sorted(found, key=lambda t: (t.phase, t.name)))


def select(transforms: Iterable[Transform], chosen: Sequence[str], ignored: Sequence[str]) -> tuple[Transform, ...]:
    """Return the transforms that are `chosen` (all but the optional ones if empty) and not `ignored`.

    A name may be a transform's, or that of a rule in its `see`, with or without the tool in front
    (`DL3015`, `hadolint:DL3015`).
    """
    wanted = {n.lower() for n in chosen}
    unwanted = {n.lower() for n in ignored}
    return tuple(
        t for t in transforms if (names_of(t) & wanted if wanted else not t.optional) and not names_of(t) & unwanted
    )


@cache
def names_of(item: Transform) -> frozenset[str]:
    """Return all names that a transform answers to, in lower case."""
    rules = [s.lower() for s in item.see]
    return frozenset({item.name, *rules, *(r.rpartition(":")[2] for r in rules)})
