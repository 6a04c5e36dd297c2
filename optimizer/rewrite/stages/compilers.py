"""What calls of C compilers and of make make, where installs go, and which libraries a program is linked with."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from optimizer.context.manifests.make import MAKEFILES
from optimizer.facts.document import Document
from optimizer.facts.downloads import Walk
from optimizer.facts.images import expand
from optimizer.facts.runs import Call
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.placed import Placed
from optimizer.syntax.patterns import pattern

COMPILER = pattern(r"(\w+-linux-\w+-)?(gcc|g\+\+|cc|c\+\+|clang|clang\+\+|gfortran|f77|tcc)(-[\d.]+)?\Z")
_NO_PROGRAM = frozenset({"-c", "-E", "-S", "-M", "-MM", "--version", "-v", "-dumpversion", "-fsyntax-only"})
_PREFIX = pattern(r"(?:--prefix|-DCMAKE_INSTALL_PREFIX(?::PATH)?|\bPREFIX|\bprefix)[= ][\"']?([/$`][^\s\"'&;]*)")
_OF_A_MAKEFILE = pattern(r"^[ \t]*(?:PREFIX|prefix)[ \t]*[:?]?=[ \t]*(/[\w./-]*)", re.MULTILINE)
_LINKED = pattern(r"(?<![\w-])-l([A-Za-z][\w+.-]*)")
_CMAKE_LINKED = pattern(r"target_link_libraries\s*\(([^)]*)\)|find_package\s*\(\s*(\w+)", re.IGNORECASE)
# The -dev packages of the buildpack-deps image by the names that linkers and CMake use.
# Source: docker-library/buildpack-deps, debian/bookworm/Dockerfile, and the files of those packages.
LIBRARIES = {
    "bz2": "libbz2-dev",
    "crypto": "libssl-dev",
    "curl": "libcurl4-openssl-dev",
    "db": "libdb-dev",
    "event": "libevent-dev",
    "ffi": "libffi-dev",
    "gdbm": "libgdbm-dev",
    "glib-2.0": "libglib2.0-dev",
    "gmp": "libgmp-dev",
    "jpeg": "libjpeg-dev",
    "krb5": "libkrb5-dev",
    "lzma": "liblzma-dev",
    "magickcore-6.q16": "libmagickcore-6.q16-dev",
    "mariadb": "libmariadb-dev",
    "maxminddb": "libmaxminddb-dev",
    "mysqlclient": "libmariadb-dev",
    "ncurses": "libncurses-dev",
    "ncursesw": "libncurses-dev",
    "openssl": "libssl-dev",
    "png": "libpng-dev",
    "png16": "libpng-dev",
    "postgresql": "libpq-dev",
    "pq": "libpq-dev",
    "readline": "libreadline-dev",
    "sqlite3": "libsqlite3-dev",
    "ssl": "libssl-dev",
    "webp": "libwebp-dev",
    "xml2": "libxml2-dev",
    "libxml2": "libxml2-dev",
    "xslt": "libxslt1-dev",
    "yaml": "libyaml-dev",
    "z": "zlib1g-dev",
    "zlib": "zlib1g-dev",
}
# They come with the C library, or lie in the program itself.
_SYSTEM = frozenset("m c dl rt pthread util resolv crypt nsl stdc++ gcc gcc_s supc++ stdc++fs threads".split())


def is_compiler(call: Call) -> bool:
    """Tell whether a call is one of a C, C++ or Fortran compiler."""
    return COMPILER.match(call.program) is not None


def made_by_compilers(doc: Document, stage: Stage, cut: int) -> Iterator[str]:
    """Yield the absolute paths of the programs and libraries that compilers are told to make."""
    for run in doc.runs_of(stage):
        if run.index >= cut:
            continue
        walk = Walk(run)
        for index, call in walk.calls.items():
            folder = walk.folders[index]
            if not is_compiler(call) or folder is None or any(w.raw in _NO_PROGRAM for w in call.words):
                continue
            path = "a.out"
            for number, word in enumerate(call.words):
                if word.raw == "-o" and number + 1 < len(call.words):
                    path = walk.text_of(call.words[number + 1]) or ""
                elif word.raw.startswith("-o") and len(word.raw) > 2:
                    path = word.raw[2:]
            if path and "$" not in path:
                yield posixpath.normpath(posixpath.join(folder, path))


def install_prefixes(doc: Document, stage: Stage, cut: int, placed: Placed) -> tuple[str, ...] | None:
    """Return the folders that `make install` and its like fill, () for none; None where one can't be told."""
    found: list[str] = []
    said: list[str] = []
    for run in doc.runs_of(stage):
        if run.index >= cut:
            continue
        named = [expand(match.group(1), run.state.env) for match in _PREFIX.finditer(run.script.text)]
        said = [posixpath.normpath(path) for path, known in named if known] or said
        if not any(_installs(call) for call in run.calls):
            continue
        if not all(known and path.startswith("/") for path, known in named):
            return None
        usual = said or _usual(doc, placed)
        if usual is None:
            return None
        found += usual
    return tuple(dict.fromkeys(found))


def _usual(doc: Document, placed: Placed) -> list[str] | None:
    """Return where the build files of the context install without being told, None where they don't say it.

    Autoconf and CMake take /usr/local, and so it is for sources that come from elsewhere.
    """
    for path, origin in placed.files.items():
        if posixpath.basename(path) in MAKEFILES and doc.context is not None:
            text = doc.context.text(origin) or ""
            prefix = _OF_A_MAKEFILE.search(text)
            if prefix is not None:
                return [posixpath.normpath(prefix.group(1))]
            if "install:" in text and "/usr/local" not in text:
                return None
    return ["/usr/local"]


def _installs(call: Call) -> bool:
    words = [w.value or w.raw for w in call.words[1:]]
    if call.program in ("make", "gmake", "ninja", "meson"):
        return any(w == "install" or w.startswith("install-") or w.startswith("install/") for w in words)
    return (call.program == "cmake" and "--install" in words) or (call.program == "cmake" and "install" in words)


def linked_libraries(doc: Document, stage: Stage, placed: Placed) -> tuple[frozenset[str], frozenset[str]]:
    """Return the libraries that a build names, as -dev packages of buildpack-deps, and the names that are unknown."""
    texts = [run.script.text for run in doc.runs_of(stage)]
    cmake: list[str] = []
    for path, origin in placed.files.items():
        name = posixpath.basename(path)
        text = doc.context.text(origin) if doc.context is not None else None
        if text is None:
            continue
        if name in MAKEFILES or name.endswith((".mk", ".pc", ".pro")) or name in ("configure.ac", "meson.build"):
            texts.append(text)
        elif name == "CMakeLists.txt" or name.endswith(".cmake"):
            cmake.append(text)
    names = {name for text in [*texts, *cmake] for name in _LINKED.findall(text)}
    for text in cmake:
        for words, package in _CMAKE_LINKED.findall(text):
            names.add(package.lower())
            names.update(
                w.lower().partition("::")[0] for w in words.split()[1:] if re.fullmatch(r"[A-Za-z][\w.:+-]*", w)
            )
    names -= {"", "public", "private", "interface"}
    known = frozenset(LIBRARIES[n] for n in names if n in LIBRARIES)
    return known, frozenset(n for n in _named_plainly(texts) if n not in LIBRARIES and n not in _SYSTEM)


def _named_plainly(texts: list[str]) -> set[str]:
    return {name for text in texts for name in _LINKED.findall(text)}
