"""What an ecosystem finds: how one stage becomes two, or why it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Safety
from optimizer.syntax import Instruction


class Role(NamedTuple):
    """What an instruction of the original is for: "build", "run" or "both", and why that is known."""

    instruction: Instruction
    part: str
    reason: str


class Copied(NamedTuple):
    """One `COPY --from` of the final stage: absolute sources in the build stage, the target, the owner ("" for root).

    A target that ends with a slash is a folder. A folder's source brings what is in it, as COPY does.
    """

    sources: tuple[str, ...]
    target: str
    owner: str = ""


@dataclass(frozen=True)
class Split:
    """How one stage becomes two.

    `cut` is the number of the first member of `stage` that stays in the final stage, where it stands.
    `base` is the reference that the final stage is built from, `packages` what it installs, with
    `manager`: "apt" or "apk".
    `arguments` are the texts of ARGs that it declares again, `replayed` those of instructions that it
    repeats, in order, each as it would stand in a file. `copies` come last. `roles` account for every member.
    `finish` are lines behind the copies, such as `RUN ldconfig`. `why`, `evidence` and `saves`
    are sentences for the reader, as in a Change.
    """

    stage: Stage
    cut: int
    base: str
    copies: tuple[Copied, ...]
    roles: tuple[Role, ...]
    packages: tuple[str, ...] = ()
    manager: str = "apt"
    arguments: tuple[str, ...] = ()
    replayed: tuple[str, ...] = ()
    finish: tuple[str, ...] = ()
    name: str = "build"
    safety: Safety = Safety.REVIEW
    why: str = "what only the build needs stays out of the image that runs"
    evidence: tuple[str, ...] = ()
    saves: str = ""

    @property
    def unaccounted(self) -> tuple[Instruction, ...]:
        """The members that no role speaks of; a split with any is not made."""
        known = {id(role.instruction) for role in self.roles}
        return tuple(i for i in self.stage.members if id(i) not in known)


@dataclass(frozen=True)
class Refused:
    """Why a stage of the ecosystem's own is not split: one short sentence, and the offset that it speaks of."""

    reason: str
    at: int = -1


Verdict = Split | Refused | None
