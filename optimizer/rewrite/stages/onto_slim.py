"""The plan for an interpreted application: built on the full image, run on its slim sibling."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from optimizer.catalog.distros import distro_of
from optimizer.catalog.packages import is_build_only
from optimizer.catalog.siblings import No, sibling
from optimizer.catalog.tags import Tag
from optimizer.facts.bases import Base
from optimizer.facts.copied import sources_and_target
from optimizer.facts.document import Document
from optimizer.facts.needs import needs_of
from optimizer.facts.runs import Run
from optimizer.facts.stages import Stage
from optimizer.facts.swaps import Hold, swap
from optimizer.rewrite.change import Safety
from optimizer.rewrite.stages.effects import Effect, effects_of
from optimizer.rewrite.stages.homes import Homes, covered_late, homes_of, is_shared
from optimizer.rewrite.stages.paths import covers, is_gone
from optimizer.rewrite.stages.placed import Placed, placed_files
from optimizer.rewrite.stages.products import Place, Product, ProductOf, products_of
from optimizer.rewrite.stages.roles import Account, Policy, account_for
from optimizer.rewrite.stages.run_needs import RunNeeds, packages_at_run_time, run_needs
from optimizer.rewrite.stages.runtime import Runtime, grounded, saving
from optimizer.rewrite.stages.split import Copied, Refused, Split
from optimizer.rewrite.stages.variables import names_of
from optimizer.rewrite.stages.writer import text_of
from optimizer.syntax import Instruction

ALONE = "a slim base alone gives the same, without a second stage"
# Programs that are copied from images of their own, and that only builds call unless the image does.
_COPIED_TOOLS = frozenset({"uv", "uvx", "composer", "poetry"})
Made = dict[int, tuple[Place, Product]]
_TAIL = frozenset(
    "ARG CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL MAINTAINER STOPSIGNAL USER VOLUME WORKDIR SHELL COPY ADD".split()
)


@dataclass
class Plan:
    """All that an ecosystem needs to write its Split.

    `made` is what calls in front of the cut make, `all_made` what all do. `trees` are absolute paths outside of the
    application's homes that builds filled, `needed` the homes that must be copied from the build stage. `repeated`
    are instructions that the final stage says again.
    """

    doc: Document
    stage: Stage
    base: Base
    runtime: Runtime
    cut: int
    made: list[tuple[Place, Product]]
    homes: Homes
    placed: Placed
    account: Account
    needs: RunNeeds
    all_made: Made
    packages: tuple[str, ...] = ()
    trees: list[str] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    safety: Safety = Safety.REVIEW

    def replayed(self) -> tuple[str, ...]:
        """Return the lines that the final stage says again; a home that was given away is given away again."""
        lines = list(self.account.replayed)
        tail = [lines.pop()] if lines and lines[-1].upper().startswith("USER ") else []
        folders = {line.partition(" ")[2] for line in lines if line.upper().startswith("WORKDIR ")}
        for call, paths in self.homes.regiven:
            text = call.run.script.text[call.command.start : call.command.end]
            if folders.issuperset(paths) and not any(text in line for line in lines):
                lines.append(f"RUN {text}")
        return (*lines, *self.repeated, *tail)

    def copied(self, path: str) -> Copied:
        """Return the COPY of one tree or home."""
        return Copied((path,), path, self.homes.owner(path))

    def split(self, copies: tuple[Copied, ...], what: str, **more: object) -> Split:
        """Return the Split that copies what is named."""
        known = {
            "stage": self.stage,
            "cut": self.cut,
            "base": self.runtime.reference,
            "copies": copies,
            "roles": tuple(self.account.roles),
            "packages": self.packages,
            "arguments": tuple(self.account.arguments),
            "replayed": self.replayed(),
            "safety": self.safety,
            "evidence": tuple(self.evidence),
            "saves": saving(self.stage, self.base.tag, self.runtime, what),
        }
        return Split(**{**known, **more})  # type: ignore[arg-type]


def plan_for(
    doc: Document, stage: Stage, base: Base, product_of: ProductOf, target: Tag | None = None
) -> Plan | Refused:
    """Return how a stage of an interpreted language becomes two, or the reason why it does not.

    The final stage stands on `target`, or on the slim sibling of the base.
    """
    at = stage.head.start
    if doc.context is None:
        return Refused("what the application is made of stands in the build context, and there is none to look at", at)
    small = target or sibling(base.tag, "slim")
    system = distro_of(base.tag)
    if isinstance(small, No) or system is None:
        return Refused(small.reason if isinstance(small, No) else f"what {base.tag} stands on is not known", at)
    runtime = Runtime(_reference(stage, base, small.name), small, system)
    plain = stage
    doc, stage = grounded(doc, stage, base.tag)
    made = products_of(doc, stage, product_of)
    for place, product in made.values():
        if product.refused:
            return Refused(product.refused, place.run.instruction.start)
    needs = run_needs(doc, stage, base.tag, small)
    if isinstance(needs, Refused):
        return needs
    cut = _cut_of(doc, stage, plain, made, needs)
    runs = [run for run in doc.runs_of(stage) if run.index < cut]
    if not runs:
        return Refused("nothing is built in it", at)
    early = [(place, product) for place, product in made.values() if place.run.index < cut]
    trees = _trees(early, needs)
    homes = homes_of(doc, stage, cut, trees)
    if homes.refused:
        return Refused(homes.refused, at)
    placed = placed_files(doc, stage, cut)
    account = _account(doc, stage, cut, made, homes, placed)
    if isinstance(account, Refused):
        return account
    packages = packages_at_run_time(needs, account.installed, system.release)
    if isinstance(packages, Refused):
        return packages
    if account.foreign and packages.packages:
        return Refused("it installs packages from another repository than the distribution's", at)
    plan = Plan(doc, stage, base, runtime, cut, early, homes, placed, account, needs, made)
    plan.packages = tuple(packages.packages)
    plan.evidence += packages.notes
    plan.trees = [t for t in dict.fromkeys(trees) if is_shared(t) and homes.of(t) is None]
    written = _follow(plan, made)
    plan.needed = [h for h in homes.paths if any(covers(h, p) for p in written) or not covered_late(placed, h)]
    plan.repeated += _repeated(plan, early)
    removed = [*account.removed, *(path for _, product in early if product.removes for path in product.trees)]
    fetched = [p for p in (*account.outside, *account.fetched) if not is_gone(p, removed)]
    plan.trees += [p for p in fetched if not any(covers(t, p) for t in (*plan.trees, *plan.needed))]
    if needs.unread:
        plan.safety = Safety.RISKY
        plan.evidence.append(f"not all that runs was read: {needs.unread[0]}")
    return plan


def slim_alone(doc: Document, stage: Stage, base: Base) -> bool:
    """Whether the slim sibling builds and runs the same, and nothing is installed that only builds need."""
    small = sibling(base.tag, "slim")
    if isinstance(small, No):
        return False
    verdict = swap(doc, stage, small)
    if verdict.hold is not Hold.SHOWN or any(is_build_only(name) for name in verdict.install):
        return False
    return not any(is_build_only(i.name) for i in needs_of(doc, stage).installed if i.manager == "apt")


def _reference(stage: Stage, base: Base, name: str) -> str:
    """Return how the small image is named: with the variable of the FROM where that is all that differs."""
    image = stage.image
    if image.raw != image.resolved and name == f"{image.tag}-slim":
        return f"{image.raw}-slim"
    return f"{base.prefix}{base.tag.image}:{name}"


def _cut_of(doc: Document, stage: Stage, plain: Stage, made: Made, needs: RunNeeds) -> int:
    """Return the number of the first member that can stand on the slim image as it is.

    What works in a folder that only the base image names stays in front of it: the file itself must say the folder.
    """
    runs = {id(run.instruction): run for run in doc.runs_of(stage)}
    cut = len(stage.members)
    while cut:
        instruction = stage.members[cut - 1]
        if plain.states[cut - 1].workdir is None and _needs_folder(instruction):
            break
        if instruction.keyword == "RUN":
            if not _stays(runs[id(instruction)], made, needs):
                break
        elif instruction.keyword not in _TAIL:
            break
        cut -= 1
    return cut


def _needs_folder(instruction: Instruction) -> bool:
    if instruction.keyword == "WORKDIR":
        return not instruction.args.lstrip().startswith("/")
    return instruction.keyword in ("RUN", "COPY", "ADD")


def _stays(run: Run, made: Made, needs: RunNeeds) -> bool:
    """Whether a RUN behind the build works on the slim image and reads nothing that only the full one has."""
    if run.script.opaque or run.mounts or not run.calls:
        return False
    for effect in effects_of(run):
        call = effect.call
        found = made.get(id(call.command))
        if call.program in needs.lost:
            return False
        if found is not None:
            if not found[1].late:
                return False
        elif call.manager is not None:
            if call.manager.name != "apt" or (call.installs and any(needs.builds_only(w.value) for w in call.operands)):
                return False
        elif effect.kind == "write":
            if not effect.made:
                return False
        elif effect.kind not in ("quiet", "user", "mode", "remove"):
            return False
    return True


def _trees(early: list[tuple[Place, Product]], needs: RunNeeds) -> list[str]:
    """Return what builds filled; what installs only tools of the build counts where the image calls them."""
    found: list[str] = []
    for _, product in early:
        if not product.tool or needs.calls(product.names):
            found += product.trees if not product.late else ()
    return list(dict.fromkeys(found))


def _account(doc: Document, stage: Stage, cut: int, made: Made, homes: Homes, placed: Placed) -> Account | Refused:
    policy = Policy(
        builds=lambda call: made[id(call.command)][1].reason if id(call.command) in made else "",
        homes=frozenset(homes.paths),
        placed=frozenset(placed.files),
        variables=frozenset(n for i in stage.members if i.keyword == "ENV" for n in names_of(doc, i)),
    )
    return account_for(doc, stage, cut, policy)


def _follow(plan: Plan, made: Made) -> list[str]:
    """Follow who owns what, in the order of the file; return what is written beside COPY."""
    homes = plan.homes
    written: list[str] = []
    runs = {id(run.instruction): run for run in plan.doc.runs_of(plan.stage)}
    for instruction in plan.stage.members[: plan.cut]:
        for path, owner in homes.brought.get(id(instruction), ()):
            homes.written(path, owner)
        run = runs.get(id(instruction))
        for effect, user in _effects(run) if run is not None else ():
            found = made.get(id(effect.call.command))
            if found is not None:
                paths: tuple[str, ...] = found[1].trees
            elif effect.call.program == "chown" and effect.kind == "mode":
                homes.given(effect.call, effect.paths)
                paths = effect.paths
            else:
                paths = effect.paths if effect.kind not in ("quiet", "user", "unknown") else ()
            written += paths
            for path in paths:
                if effect.kind != "mode" and not (effect.made and path in homes.paths):
                    homes.written(path, user)
    return written


def _effects(run: Run) -> Iterator[tuple[Effect, str]]:
    user = run.state.user or ""
    for effect in effects_of(run):
        yield effect, "" if user in ("root", "0") else user


def _repeated(plan: Plan, early: list[tuple[Place, Product]]) -> Iterator[str]:
    """Yield the RUNs of calls that the final stage makes again."""
    for instruction in plan.homes.foreign:
        if _is_missed(plan, instruction):
            yield text_of(plan.doc, instruction)
    for place, product in early:
        if product.removes and any(plan.homes.of(p) or p in _downloads(place) for p in product.trees):
            continue
        if product.late and (not product.tool or plan.needs.calls(product.names)):
            command = place.call.command
            yield f"RUN {place.run.script.text[command.start : command.end]}"


def _is_missed(plan: Plan, instruction: Instruction) -> bool:
    """Whether what a COPY brings from another image is needed, and nothing that is copied has it."""
    index = next(n for n, member in enumerate(plan.stage.members) if member is instruction)
    state = plan.stage.states[index]
    named = sources_and_target(instruction, state)
    if named is None:
        return True
    names = {posixpath.basename(source.rstrip("/")) for source in named[0]}
    if names <= _COPIED_TOOLS and not plan.needs.calls(names):
        return False
    target = posixpath.normpath(posixpath.join(state.workdir or "/", named[1]))
    return not any(covers(path, target) for path in (*plan.trees, *plan.needed))


def _downloads(place: Place) -> set[str]:
    """Return what the stage wrote by then: the final stage has none of it."""
    runs = [run for run in place.doc.runs_of(place.run.stage) if run.index <= place.run.index]
    return {
        p for run in runs for effect in effects_of(run) if effect.kind not in ("mode", "remove") for p in effect.paths
    }
