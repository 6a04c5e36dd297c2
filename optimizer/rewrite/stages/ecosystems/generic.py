"""Packages that only build: a compiler that the file installs on any base, and what is built with it.

The final stage stands on the same image, or on the slim one of the same release, and installs the other packages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from optimizer.catalog.distros import distro_of
from optimizer.catalog.packages import is_build_only
from optimizer.facts.bases import Base
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.assemble import assemble
from optimizer.rewrite.stages.compilers import install_prefixes, made_by_compilers
from optimizer.rewrite.stages.cut import cut_of
from optimizer.rewrite.stages.ecosystems import c, go, java, rust
from optimizer.rewrite.stages.packages import ALPINE_BUILDS, named_packages
from optimizer.rewrite.stages.placed import Placed, placed_files
from optimizer.rewrite.stages.program import Program, homes_of
from optimizer.rewrite.stages.roles import Policy
from optimizer.rewrite.stages.runtime import Runtime, grounded, known_base, small_base
from optimizer.rewrite.stages.sources import Language, read_sources
from optimizer.rewrite.stages.split import Refused, Verdict
from optimizer.rewrite.stages.start import start_of


class Kind(NamedTuple):
    """A language that a file installs a compiler of: what calls of its tools do, and how its sources are read."""

    builds: Callable[[Call], str]
    language: Language
    is_source: Callable[[str], bool]
    products: Callable[[Document, Stage, int, Placed], Iterable[str]]
    toolchain: str


def _jars(doc: Document, stage: Stage, cut: int, placed: Placed) -> Iterable[str]:
    asked = java.asked_of(doc, stage, start_of(doc, stage, placed), placed)
    return () if isinstance(asked, str) else asked


_KINDS = (
    Kind(go.builds, go.LANGUAGE, lambda p: go.NOT_DATA.search(p) is not None, go.products_of, "Go and its modules"),
    Kind(rust.builds, rust.LANGUAGE, lambda p: rust.NOT_DATA.search(p) is not None, rust.products_of, "Rust"),
    Kind(java.builds, java.LANGUAGE, lambda p: java.NOT_DATA.search(p) is not None, _jars, "the JDK"),
    Kind(
        c.builds,
        c.LANGUAGE,
        c.is_source,
        lambda doc, stage, cut, placed: made_by_compilers(doc, stage, cut),
        "the compilers and headers",
    ),
)
_MANAGERS = frozenset({"apt", "apk"})


def split_of(doc: Document, stage: Stage) -> Verdict:
    """Split a stage that installs a compiler with the system's package manager and builds what it runs."""
    base = known_base(doc, stage)
    if base is None or not _installs_compiler(doc, stage):
        return None
    kind = next((k for k in _KINDS if _is_built(doc, stage, k)), None)
    if kind is None:
        return None
    runtime = _runtime(base)
    if isinstance(runtime, str):
        return Refused(runtime, stage.head.start)
    plain = stage
    doc, stage = grounded(doc, stage, base.tag)
    cut = cut_of(doc, stage, plain)
    placed = placed_files(doc, stage, cut)
    sources = read_sources(doc, placed, kind.language)
    prefixes = install_prefixes(doc, stage, cut, placed)
    if prefixes is None:
        return Refused("where it installs what it builds is not known", stage.head.start)
    if not c.OF_THE_SYSTEM.isdisjoint(prefixes):
        return Refused("it installs among the files of the system", stage.head.start)
    if "/usr/local" in prefixes and base.tag.image not in ("debian", "ubuntu", "alpine"):
        return Refused("what it installs lies among the files of the base image", stage.head.start)
    program = Program(
        base=base,
        runtime=runtime,
        cut=cut,
        placed=placed,
        start=start_of(doc, stage, placed),
        policy=Policy(
            builds=lambda call: next((reason for k in _KINDS if (reason := k.builds(call))), ""),
            homes=homes_of(stage, cut, placed, ("/root/go", "/go")),
            scratch=("/root/go", "/go", "/root/.m2", "/root/.gradle", "/root/.cargo"),
            placed=frozenset(placed.files),
            variables=sources.asks if sources is not None else frozenset(),
        ),
        products=tuple(dict.fromkeys(kind.products(doc, stage, cut, placed))),
        is_source=kind.is_source,
        sources=sources,
        toolchain=kind.toolchain,
        other_files=True,
        folders=tuple(f for f in ("/root/go/bin", "/go/bin", "/root/.cargo/bin") if _is_on_path(stage, f)),
        filled=prefixes,
        finish=c.refresh(doc, stage, cut),
        runs_products=kind.builds is java.builds,
    )
    return assemble(doc, stage, program)


def _installs_compiler(doc: Document, stage: Stage) -> bool:
    for run in doc.runs_of(stage):
        for call in run.calls:
            if call.installs and call.manager is not None and call.manager.name in _MANAGERS:
                names = named_packages(call) or ()
                if any(_is_compiler(name) for name in names):
                    return True
    return False


def _is_on_path(stage: Stage, folder: str) -> bool:
    return any(folder in i.args for i in stage.members if i.keyword == "ENV")


def _is_compiler(name: str) -> bool:
    return name in ALPINE_BUILDS or is_build_only(name) or name.endswith("-dev")


def _is_built(doc: Document, stage: Stage, kind: Kind) -> bool:
    return any(
        kind.builds(call) and call.program not in c.UNTELLING for run in doc.runs_of(stage) for call in run.calls
    )


def _runtime(base: Base) -> Runtime | str:
    """Return the slim image of the same release for a plain system, else the image itself."""
    if base.tag.image in ("debian", "ubuntu"):
        return small_base(base.tag)
    distro = distro_of(base.tag)
    if distro is None or distro.manager not in _MANAGERS:
        return f"what {base.tag} stands on is not known"
    return Runtime(str(base.tag), base.tag, distro)
