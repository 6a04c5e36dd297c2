"""Ruby with Bundler: gems are built on the full image, and run on its slim sibling.

Sources: docker-library/ruby (GEM_HOME is /usr/local/bundle), bundler.io (bundle config, bundle install).
"""

from __future__ import annotations

import posixpath

from optimizer.context.listing import listing
from optimizer.facts.bases import Base, base_of
from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Safety
from optimizer.rewrite.stages.onto_slim import ALONE, plan_for, slim_alone
from optimizer.rewrite.stages.products import Place, Product
from optimizer.rewrite.stages.split import Refused, Verdict
from optimizer.syntax.patterns import pattern

GEM_HOME = "/usr/local/bundle"
_RUNS = pattern(r"(?<![\w.])(system|spawn|exec)[ (]|%x|Open3|IO\.popen|Process\.spawn|(?<!\w)`[a-z]")
_TESTS = pattern(r"(\A|/)(spec|test|vendor|node_modules)/")
_FREE = frozenset({"config", "list", "show", "info", "check", "outdated", "env", "version", "lock", "cache", "sources"})
_TOOLS = frozenset({"bundler", "rake", "rubygems-update"})
_WORKS_HERE = frozenset({"ruby", "rake", "rails", "make", "rspec", "rubocop", "jekyll", "middleman"})


def split_of(doc: Document, stage: Stage) -> Verdict:
    """Split a stage that stands on a full image of Ruby."""
    base = base_of(doc, stage)
    if not isinstance(base, Base) or base.tag.image != "ruby" or base.tag.variant != "default":
        return None
    if slim_alone(doc, stage, base):
        return Refused(ALONE, stage.head.start)
    plan = plan_for(doc, stage, base, product_of)
    if isinstance(plan, Refused):
        return plan
    paths = [*plan.trees, *plan.needed]
    if not paths or not any(product.trees for _, product in plan.made):
        return Refused("nothing is installed that a second stage could take over", stage.head.start)
    doubt = _doubt(doc)
    plan.safety = Safety.RISKY if doubt else Safety.REVIEW
    plan.evidence = [e for e in plan.evidence if "not all that runs was read" not in e]
    plan.evidence.append(doubt or "no Ruby source of the application runs another program")
    plan.evidence.insert(0, f"gems and sources lie in {', '.join(paths)}")
    return plan.split(
        tuple(plan.copied(path) for path in paths),
        "compilers, headers and version control",
        why="gems are built with the compilers and headers of the full image; what runs needs neither",
    )


def _doubt(doc: Document) -> str:
    """Return which source of the application runs a program whose name is not looked up, "" for none."""
    context = doc.context
    listed = listing(context) if context is not None else None
    if context is None or listed is None or not listed.whole:
        return "the application was not read"
    for path in listed.files:
        text = context.text(path) if path.endswith((".rb", ".ru", ".rake")) and not _TESTS.search(path) else None
        if text is not None and _RUNS.search(text):
            return f"{path} runs a program, which was not looked up"
    return ""


def product_of(place: Place) -> Product | None:
    """Return what a call makes, None where it is none of Ruby's tools."""
    call = place.call
    words = [w.value or "" for w in call.words]
    if call.is_("gem"):
        if call.action not in ("install", "i", "update"):
            return Product("it only tells")
        names = tuple(w.value or "" for w in call.operands)
        home = place.state.env.get("GEM_HOME") or GEM_HOME
        return Product("gem installs", (home,), tool=bool(names) and set(names) <= _TOOLS, names=names)
    if call.is_("bundler"):
        if "exec" in words:
            return Product("it works where the application lies", (place.folder,))
        if call.action in _FREE:
            return Product("it only sets up", (place.folder,) if call.action == "config" and "--local" in words else ())
        if call.action not in ("install", "update", ""):
            return Product("", refused=f"what bundle {call.action} leaves in the image is not known")
        return Product("Bundler installs", _bundle(place, words))
    if call.program in _WORKS_HERE or words[0].startswith("bin/"):
        return Product("it works where the application lies", (place.folder,))
    return None


def _bundle(place: Place, words: list[str]) -> tuple[str, ...]:
    """Return where Bundler puts gems: the image's GEM_HOME, or a folder that the file names."""
    env = place.state.env
    given = next(iter(place.call.shell.value_of("--path")), "") or env.get("BUNDLE_PATH") or _configured(place)
    if given:
        path = place.locate(given)
        return (path or place.folder,)
    if "--deployment" in words or env.get("BUNDLE_DEPLOYMENT") in ("1", "true"):
        return (posixpath.join(place.folder, "vendor/bundle"), place.folder)
    return (env.get("GEM_HOME") or GEM_HOME, place.folder)


def _configured(place: Place) -> str:
    """Return the path that `bundle config` sets in front of a call."""
    for run in place.doc.runs_of(place.run.stage):
        for call in run.calls if run.index <= place.run.index else ():
            words = [w.value or "" for w in call.words]
            if call.is_("bundler", "config") and "path" in words[:-1]:
                return words[words.index("path") + 1]
            if call.is_("bundler", "config") and "deployment" in words:
                return "vendor/bundle"
    return ""
