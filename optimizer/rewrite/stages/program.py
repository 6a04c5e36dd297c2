"""What an ecosystem of compiled programs knows of a stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from optimizer.facts.bases import Base
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.placed import Placed
from optimizer.rewrite.stages.roles import Policy
from optimizer.rewrite.stages.runtime import Runtime
from optimizer.rewrite.stages.sources import Sources
from optimizer.rewrite.stages.split import Copied
from optimizer.rewrite.stages.start import Start

_SHARED = frozenset(
    "/bin /etc /home /lib /opt /root /tmp /usr /usr/bin /usr/local /usr/local/bin /usr/sbin /var".split()
)


@dataclass(frozen=True)
class Program:
    """What an ecosystem knows of its stage.

    `products` are the absolute paths of what the build makes; `folders` are where programs are found that are
    called by their bare name, beside the PATH of every system; `sources` what was read, None for nothing.
    `other_files` tells that the program, or a library in it, may read files that no literal names. `extra` and
    `packages` are what any program of the kind needs at run time; `toolchain` says what is left behind. `filled`
    are folders that an install fills, `linked` -dev packages of the base whose libraries it uses, `finish` lines
    behind the copies. `doubts` make the split risky. `unseen` are folders that are mounted when it builds: what lies
    there is in no layer. `provided` are commands of the runtime's base, `runs_products` tells that one of these
    runs all products, `whole` that the whole folder is needed. `guessed` are products that may not be there: they
    are copied where something is seen to start them. `needed` tells of a path in the image that it is read.
    """

    base: Base
    runtime: Runtime
    cut: int
    placed: Placed
    start: Start
    policy: Policy
    products: tuple[str, ...]
    is_source: Callable[[str], bool]
    sources: Sources | None
    toolchain: str
    other_files: bool = False
    folders: tuple[str, ...] = ()
    extra: tuple[Copied, ...] = ()
    packages: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    finish: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    provided: frozenset[str] = frozenset()
    runs_products: bool = False
    guessed: frozenset[str] = frozenset()
    whole: bool = False
    needed: Callable[[str], bool] = field(default=lambda path: False)


def homes_of(stage: Stage, cut: int, placed: Placed, toolchain: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the folders in which is built: where a RUN or a COPY works, and the folders that COPY fills.

    Neither the root nor one of the `toolchain`'s own folders is one.
    """
    found: set[str | None] = {*placed.folders}
    for instruction, state in zip(stage.members[:cut], stage.states, strict=False):
        if instruction.keyword in ("RUN", "COPY", "ADD"):
            found.add(state.workdir)
    return frozenset(f for f in found if f is not None and f != "/" and f not in toolchain and f not in _SHARED)
