"""Node: built on the full image, run on its slim sibling; with what is needed to run only, where that is shown."""

from __future__ import annotations

from optimizer.context.manifests.package_json import read_package_json
from optimizer.facts.bases import Base, base_of
from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.node_production import production
from optimizer.rewrite.stages.node_products import product_of
from optimizer.rewrite.stages.node_site import site
from optimizer.rewrite.stages.node_start import started
from optimizer.rewrite.stages.onto_slim import ALONE, plan_for, slim_alone
from optimizer.rewrite.stages.paths import covers
from optimizer.rewrite.stages.split import Refused, Verdict


def split_of(doc: Document, stage: Stage) -> Verdict:
    """Split a stage that stands on a full image of Node."""
    base = base_of(doc, stage)
    if not isinstance(base, Base) or base.tag.image != "node" or base.tag.variant != "default":
        return None
    at = stage.head.start
    alone = slim_alone(doc, stage, base)
    plan = plan_for(doc, stage, base, product_of)
    if isinstance(plan, Refused):
        return Refused(ALONE, at) if alone else plan
    manifest = read_package_json(doc.context) if doc.context is not None else None
    start = started(plan.doc, plan.stage, plan.placed, manifest)
    if start.builds:
        return Refused(ALONE if alone else start.builds, at)
    smaller = site(plan, start, manifest) or production(plan, start, manifest)
    if not isinstance(smaller, str):
        return smaller
    if alone:
        return Refused(f"{ALONE}; development dependencies stay, for {smaller}", at)
    paths = [*plan.trees, *plan.needed]
    if not paths or not any(covers(p, t) or covers(t, p) for p in paths for _, m in plan.made for t in m.trees):
        return Refused("nothing is installed that a second stage could take over", at)
    plan.evidence.insert(0, f"packages, build and sources lie in {', '.join(paths)}")
    plan.evidence.append(f"development dependencies stay, for {smaller}")
    return plan.split(
        tuple(plan.copied(path) for path in paths),
        "compilers, headers, Python and version control",
        why="packages are built with the compilers and headers of the full image; what runs needs neither",
    )
