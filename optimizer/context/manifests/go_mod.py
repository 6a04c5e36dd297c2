"""go.mod, and what of a Go module's sources decides how it is built.

Source of the form: go.dev/ref/mod; of cgo: pkg.go.dev/cmd/cgo.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.listing import HEAVY, listing
from optimizer.context.manifests.reading import LIMIT, is_there
from optimizer.syntax.patterns import pattern

MOST_SOURCES, MOST_BYTES = 3000, 500_000
# Modules that do nothing without cgo, or other things than with it. [each module's README]
NEEDS_CGO = frozenset(
    """
    github.com/mattn/go-sqlite3 github.com/DataDog/go-sqlite3 github.com/jgiannuzzi/go-sqlite3
    github.com/mutecomm/go-sqlcipher github.com/xeodou/go-sqlcipher github.com/tursodatabase/go-libsql
    github.com/marcboeker/go-duckdb github.com/duckdb/duckdb-go github.com/confluentinc/confluent-kafka-go
    github.com/h2non/bimg github.com/davidbyttow/govips gopkg.in/gographics/imagick github.com/libgit2/git2go
    github.com/tecbot/gorocksdb github.com/linxGnu/grocksdb github.com/pebbe/zmq4 github.com/zeromq/goczmq
    gocv.io/x/gocv
    github.com/go-gl/gl github.com/go-gl/glfw github.com/faiface/pixel fyne.io/fyne github.com/veandco/go-sdl2
    github.com/google/gopacket github.com/miekg/pkcs11 github.com/godror/godror github.com/mattn/go-oci8
    github.com/ibmdb/go_ibm_db github.com/bytecodealliance/wasmtime-go github.com/wasmerio/wasmer-go rogchap.com/v8go
    github.com/chai2010/webp github.com/otiai10/gosseract github.com/sbinet/go-python
    """.split()
)
_MAJOR = pattern(r"(/v|\.v)\d+\Z")
_IMPORT_C = pattern(r'^\s*import\s+(?:\(\s*)?"C"|^\s*"C"\s*$', re.MULTILINE)
_MAIN = pattern(r"^package\s+main\b", re.MULTILINE)
_FUNC_MAIN = pattern(r"^func\s+main\s*\(\s*\)", re.MULTILINE)
_EMBED = pattern(r"^//go:embed\s+(.+)$", re.MULTILINE)
_BUILD_IGNORE = pattern(r"\A(?:\s*//.*\n|\s*\n)*?//(?:go:build|\s*\+build)\s+ignore\b")
_LINE = pattern(r'^\s*(?:require\s+)?("?)([^\s()"]+)\1\s+(v\S+)(\s*//\s*indirect)?', re.MULTILINE)


@dataclass(frozen=True)
class GoModule:
    """A go.mod. `requires` maps the modules that are asked for to their versions.

    `replaced` are folders that stand in for modules; `vendored` tells that the dependencies are in
    the context; `sums` that a go.sum is there. `workspace` tells that a go.work is beside it.
    """

    path: str
    unreadable: str = ""
    module: str = ""
    go: str = ""
    toolchain: str = ""
    requires: tuple[tuple[str, str], ...] = ()
    replaced: tuple[str, ...] = ()
    vendored: bool = False
    sums: bool = False
    workspace: bool = False

    @property
    def cgo_modules(self) -> tuple[str, ...]:
        """The modules that are known to need cgo."""
        return tuple(name for name, _ in self.requires if _MAJOR.sub("", name) in NEEDS_CGO)


@dataclass(frozen=True)
class GoSources:
    """What the sources of a Go module say, each with the files that say it.

    `mains` are the folders with a program; `cgo` the files that use C; `embeds` what is embedded at
    build time, from the folder of its file; `whole` is False where there was too much to read.
    """

    mains: tuple[str, ...] = ()
    cgo: tuple[str, ...] = ()
    embeds: tuple[str, ...] = ()
    imports: frozenset[str] = frozenset()
    whole: bool = True


def read_go_mod(context: BuildContext, path: str = "go.mod") -> GoModule | None:
    """Read a go.mod; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LIMIT)
    module = re.search(r'^module\s+"?([^\s"]+)', text or "", re.MULTILINE)
    if text is None or module is None:
        return GoModule(path, "names no module" if text is not None else "is too large")
    folder = posixpath.dirname(path)
    return GoModule(
        path,
        "",
        module.group(1),
        _word(text, "go"),
        _word(text, "toolchain"),
        tuple(_requires(text)),
        tuple(re.findall(r"=>\s+(\.{1,2}/\S*|/\S+|\.{1,2})\s*$", text, re.MULTILINE)),
        context.kind(posixpath.join(folder, "vendor/modules.txt")) == "file",
        context.kind(posixpath.join(folder, "go.sum")) == "file",
        context.kind(posixpath.join(folder, "go.work")) == "file",
    )


def _word(text: str, key: str) -> str:
    match = re.search(rf"^{key}\s+(\S+)", text, re.MULTILINE)
    return match.group(1) if match else ""


def _requires(text: str) -> Iterator[tuple[str, str]]:
    for block in re.findall(r"^require\s*\(([^)]*)\)", text, re.MULTILINE):
        yield from ((m.group(2), m.group(3)) for m in _LINE.finditer(block))
    for line in re.findall(r"^require\s+[^(\n].*$", text, re.MULTILINE):
        yield from ((m.group(2), m.group(3)) for m in _LINE.finditer(line))


def read_go_sources(context: BuildContext, folder: str = ".") -> GoSources:
    """Read the .go files below a folder, tests and the vendor folder left out."""
    mains: dict[str, bool] = {}
    cgo, embeds, imports = [], [], set()
    listed = listing(context, folder, skip=HEAVY)
    sources = [f for f in listed.files if f.endswith(".go") and not f.endswith("_test.go") and not _is_foreign(f)]
    for path in sources[:MOST_SOURCES]:
        text = context.text(path, MOST_BYTES)
        if text is None or _BUILD_IGNORE.match(text):
            continue
        if _MAIN.search(text) and _FUNC_MAIN.search(text):
            mains[posixpath.dirname(path) or "."] = True
        if '"C"' in text and _IMPORT_C.search(text):
            cgo.append(path)
        embeds += [
            posixpath.join(posixpath.dirname(path), word) for m in _EMBED.finditer(text) for word in m[1].split()
        ]
        imports.update(re.findall(r'^\s*(?:import\s+)?(?:[\w.]+\s+)?"([\w./-]+)"\s*$', text, re.MULTILINE))
    whole = listed.whole and len(sources) <= MOST_SOURCES
    return GoSources(tuple(mains), tuple(cgo), tuple(embeds), frozenset(imports), whole)


def _is_foreign(path: str) -> bool:
    parts = path.split("/")[:-1]
    return any(p in ("vendor", "testdata", "node_modules") or p.startswith(("_", ".")) for p in parts)
