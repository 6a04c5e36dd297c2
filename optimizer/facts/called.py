"""The files of the build context that a program in the image reads: scripts, and Makefiles."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from optimizer.facts.copied import found_in_workdir
from optimizer.facts.document import Document
from optimizer.facts.runs import Run

_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")


def called_files(doc: Document, run: Run) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the files that the words of a RUN name, as far as the context shows them."""
    if doc.context is None:
        return
    seen: set[str] = set()
    for call in run.calls:
        words = [w.value or w.raw for w in call.words]
        for name in [*words, *(_MAKEFILES if call.program == "make" else ())]:
            path = None if name.startswith("-") else origin_of(doc, run, name, name is words[0])
            text = doc.context.text(path) if path is not None and path not in seen else None
            if path is not None and text is not None:
                seen.add(path)
                yield path, text


def files_named(doc: Document, words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the context's files that are called like one of `words`, wherever those are."""
    if doc.context is None:
        return
    for word in words:
        for path in dict.fromkeys((word.lstrip("./"), posixpath.basename(word))):
            text = doc.context.text(path) if path else None
            if text is not None:
                yield path, text


def origin_of(doc: Document, run: Run, name: str, is_program: bool) -> str | None:
    """Return the path in the build context of the file that a RUN, or what the image runs, finds as `name`.

    A program without a slash is looked for in the folders of PATH. None where it is not from the context.
    """
    if is_program and "/" not in name:
        places = [posixpath.join(folder, name) for folder in _PATH]
    else:
        places = [posixpath.normpath(name)]
    found = (found_in_workdir(doc, run, place) for place in places)
    traced = next((path for path in found if path is not None), None)
    if traced is not None or doc.context is None:
        return traced
    # Where it was copied to can't be told, or the RUN changes its folder: a script is known by its name.
    name = posixpath.normpath(name).lstrip("./")
    return name if name.endswith((".sh", ".bash")) and doc.context.kind(name) == "file" else None
