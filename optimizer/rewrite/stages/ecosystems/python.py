"""Python: packages are built on the full image, and run on its slim sibling."""

from __future__ import annotations

from optimizer.facts.bases import Base, base_of
from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.homes import is_shared
from optimizer.rewrite.stages.onto_slim import ALONE, Plan, plan_for, slim_alone
from optimizer.rewrite.stages.paths import covers
from optimizer.rewrite.stages.python_products import product_of
from optimizer.rewrite.stages.split import Refused, Verdict
from optimizer.syntax.patterns import pattern

# Their wheels have data files. Source: docs.jupyter.org, "Common directories and file locations".
_DATA = pattern(r"jupyter|notebook\Z|nbclassic\Z|ipykernel\Z|voila\Z")


def split_of(doc: Document, stage: Stage) -> Verdict:
    """Split a stage that stands on a full image of Python."""
    base = base_of(doc, stage)
    if not isinstance(base, Base) or base.tag.image != "python" or base.tag.variant != "default":
        return None
    if slim_alone(doc, stage, base):
        return Refused(ALONE, stage.head.start)
    plan = plan_for(doc, stage, base, product_of)
    if isinstance(plan, Refused):
        return plan
    if not plan.trees and not any(_is_environment(plan, home) for home in plan.needed):
        return Refused("nothing is installed that a second stage could take over", stage.head.start)
    paths = [*_reduced([*plan.trees, *_shared_data(plan)]), *plan.needed]
    evidence = f"packages and sources lie in {', '.join(paths)}"
    plan.evidence.insert(0, evidence)
    return plan.split(
        tuple(plan.copied(path) for path in paths),
        "compilers, headers and version control",
        why="packages are built with the compilers and headers of the full image; what runs needs neither",
    )


def _shared_data(plan: Plan) -> list[str]:
    """Return where packages keep data beside their modules: Jupyter's find theirs there."""
    names = {dependency.name for dependency in plan.needs.dependencies}
    if not any(tree.endswith("/site-packages") for tree in plan.trees):
        return []
    return ["/usr/local/share", "/usr/local/etc"] if any(_DATA.match(name) for name in names) else []


def _is_environment(plan: Plan, home: str) -> bool:
    return any(covers(home, tree) for _, product in plan.made for tree in product.trees if not is_shared(tree))


def _reduced(trees: list[str]) -> list[str]:
    return [t for t in trees if not any(o != t and covers(o, t) for o in trees)]
