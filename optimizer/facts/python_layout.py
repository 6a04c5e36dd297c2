"""Where a stage has its Python packages, for an interpreter that looks elsewhere.

Debian's Python looks into dist-packages, not into site-packages; the interpreter that a virtual environment links to
is at another place there. What is copied is found all the same through PYTHONPATH.
Source: GoogleContainerTools/distroless, python3/README.md; docs.python.org, "The initialization of the sys.path".
"""

from __future__ import annotations

import posixpath

from optimizer.catalog.siblings import No
from optimizer.catalog.tags import Tag
from optimizer.facts.bases import Base, resolve
from optimizer.facts.copied import sources_and_target
from optimizer.facts.document import Document
from optimizer.facts.stages import Stage
from optimizer.syntax.patterns import pattern

_SITE = pattern(r"(/.*?/python3\.13/site-packages)(/|\Z)")
_VERSION = pattern(r"3\.13(\.|-|\Z)")


def search_path(doc: Document, stage: Stage) -> str | No:
    """Return the value that PYTHONPATH must have, "" for none, or why the packages can't be found."""
    found: list[str] = []
    for member, state in zip(stage.members, stage.states, strict=True):
        origin = member.flag("from") if member.keyword == "COPY" else None
        if origin is None:
            continue
        named = sources_and_target(member, state)
        builder = next((s for s in doc.stages if origin in (s.name, str(s.index))), None)
        if named is None or builder is None:
            return No(f"what COPY --from={origin} brings is not known")
        base = resolve(doc, builder.root_image)
        if not isinstance(base, Base) or not _fits(base.tag):
            return No(f"the stage {origin} does not stand on Python 3.13 of Debian")
        sources, target = named
        place = posixpath.normpath(posixpath.join(state.workdir or "/", target))
        for source in sources:
            path = _packages_in(doc, builder, posixpath.normpath(source), place)
            if path and path not in found:
                found.append(path)
    if "PYTHONPATH" in stage.last.env and found:
        return No("the file sets PYTHONPATH itself")
    return ":".join(found)


def _fits(tag: Tag) -> bool:
    return tag.image == "python" and tag.distro.startswith("debian") and bool(_VERSION.match(tag.name))


def _packages_in(doc: Document, builder: Stage, source: str, place: str) -> str:
    """Return the folder of packages that copying a folder brings, "" where it brings none."""
    match = _SITE.match(source)
    if match:
        return place
    if source == "/usr/local":
        return f"{place}/lib/python3.13/site-packages"
    text = "\n".join(run.script.text for run in doc.runs_of(builder))
    for made in (f"venv {source}", f"virtualenv {source}", f"--prefix={source}", f"--prefix {source}", "--user"):
        if made in text and (made != "--user" or source.endswith("/.local")):
            return f"{place}/lib/python3.13/site-packages"
    if f"--target {source}" in text or f"--target={source}" in text or f"-t {source}" in text:
        return place
    return ""
