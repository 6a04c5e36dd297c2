"""The proof of one sample: built before and after, compared, run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from optimizer.facts.settings import Settings
from optimizer.rewrite.registry import all_transforms
from tests.engine.cases import Case
from tests.engine.config import compare_settings
from tests.engine.docker import BuildError, Engine
from tests.engine.files import Difference, Tree, compare, read_tree
from tests.engine.running import run_once, serve
from tests.support import fixed, run

LEVELS = (2, 3)
# There may be no Alpine to build on: what alpine-base does is not proven here.
BUILT = tuple(t.name for t in all_transforms() if not t.optional and t.name != "alpine-base")


@dataclass
class Proof:
    """What came of a sample: the sizes by level (0 is before), and everything that is wrong."""

    sizes: dict[int, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Built:
    """An image (`config` and size are its own; `image` may be a child of it), and its files."""

    own: str
    image: str
    tree: Tree


def prove(engine: Engine, case: Case, folder: Path) -> Proof:
    """Build a sample before and after, and compare. `folder` is for the new Dockerfiles."""
    proof = Proof()
    texts = {0: (case.folder / "Dockerfile").read_bytes()}
    for level in LEVELS:
        texts[level] = rewritten(case, texts[0], level).encode("utf-8", "surrogateescape")
    used: set[str] = set()
    before: Built | None = None
    for level, text in texts.items():
        same = [other for other in proof.sizes if texts[other] == text]
        if same:
            proof.sizes[level] = proof.sizes[same[0]]
            continue
        try:
            built = _build(engine, case, folder / f"Dockerfile.{level}", text, level)
        except BuildError as error:
            proof.problems.append(f"-O{level}: does not build: {error}\n{text.decode(errors='replace')}")
            if before is None:
                return proof
            continue
        proof.sizes[level] = engine.inspect(built.own)["Size"]
        if before is None:
            before = built
        else:
            found, claims = _compare(engine, case, before, built)
            proof.problems += [f"-O{level}: {problem}" for problem in found]
            used |= claims
    proof.problems += [f"nothing came of {claim}" for claim in sorted(_claims(case) - used)]
    return proof


def rewritten(case: Case, text: bytes, level: int) -> str:
    """Return the optimized text; the second run over it is empty, and all that was expected worked."""
    settings = Settings(caches=case.caches)
    after = fixed(text, *BUILT, level=level, settings=settings, context=case.folder)
    applied = {a.transform for a in run(text, *BUILT, level=level, settings=settings, context=case.folder).applied}
    missing = {*case.changes, *(case.risky if level > 2 else ())} - applied
    assert not missing, f"-O{level}: {sorted(missing)} found nothing; what worked: {sorted(applied)}"
    return after


def _build(engine: Engine, case: Case, file: Path, text: bytes, level: int) -> Built:
    file.write_bytes(text)
    own = image = engine.build(f"{case.name}-{level}", file, case.folder)
    if case.child:
        image = engine.build(f"{case.name}-{level}-child", case.folder / case.child, case.folder, BASE=own)
    with engine.export(image) as stream:
        return Built(own, image, read_tree(stream))


def _claims(case: Case) -> set[str]:
    files = case.files
    return {*files.gone, *files.came, *files.varies, *case.config}


def _compare(engine: Engine, case: Case, before: Built, after: Built) -> tuple[list[str], set[str]]:
    problems, used = compare_settings(engine.inspect(before.own), engine.inspect(after.own), case.config)
    if case.child:
        problems += compare_settings(engine.inspect(before.image), engine.inspect(after.image), case.config)[0]
    files: Difference = compare(before.tree, after.tree, case.files)
    problems += files.problems
    problems += _runs(engine, case, before.image, after.image)
    return problems, used | files.used


def _runs(engine: Engine, case: Case, before: str, after: str) -> list[str]:
    problems = []
    for wish in case.run:
        old, new = (run_once(engine, image, wish) for image in (before, after))
        if (old.code, old.out) != (new.code, new.out):
            problems.append(f"run {wish}: {old} -> {new}")
        if new.code != wish.get("code", 0) or wish.get("out", "") not in new.out:
            problems.append(f"run {wish}: {new}")
    if case.serve:
        wish = case.serve
        old, new = (serve(engine, image, wish) for image in (before, after))
        ends = (wish.get("was", wish.get("code", 0)), wish.get("code", 0))
        if old[:2] != new[:2] or (old.end, new.end) != ends:
            problems.append(f"serve: {old} -> {new}, and the exit codes should be {ends}")
        if new.status != 200 or wish["body"] not in new.body:
            problems.append(f"serve: {new}")
    return problems
