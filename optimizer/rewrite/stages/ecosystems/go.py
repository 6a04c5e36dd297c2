"""Go: one program, linked against libc at most; the toolchain and the modules stay behind."""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatchcase

from optimizer.context.manifests.go_mod import read_go_mod, read_go_sources
from optimizer.facts.document import Document
from optimizer.facts.downloads import Walk
from optimizer.facts.runs import Call
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.assemble import assemble
from optimizer.rewrite.stages.cut import cut_of
from optimizer.rewrite.stages.placed import Placed, placed_files
from optimizer.rewrite.stages.program import Program, homes_of
from optimizer.rewrite.stages.recipes import made_by
from optimizer.rewrite.stages.roles import Policy
from optimizer.rewrite.stages.runtime import grounded, known_base, small_base
from optimizer.rewrite.stages.sources import Language, Sources, read_sources
from optimizer.rewrite.stages.split import Copied, Refused, Verdict
from optimizer.rewrite.stages.start import start_of

LANGUAGE = Language(
    source=re.compile(r"\.go\Z"),
    strings=re.compile(r'"((?:[^"\\\n]|\\.)*)"|`([^`]*)`'),
    starts=re.compile(r'exec\.(?:Command|LookPath)\(\s*"([^"]+)"|exec\.CommandContext\([^,()]+(?:\(\))?,\s*"([^"]+)"'),
    starts_any=re.compile(
        r"exec\.(?:Command(?:Context)?|LookPath)\((?!os\.Args\[0\])|\bos\.StartProcess\(|syscall\.(?:Fork)?Exec\("
    ),
    opens_any=re.compile(
        r"\b(?:os\.(?:Open|OpenFile|ReadFile|ReadDir|Stat|DirFS)|ioutil\.Read(?:File|Dir)|http\.Dir|ServeFile|"
        r"ParseFiles|ParseGlob|filepath\.(?:Walk|WalkDir|Glob))\((?!\s*[\"`][^\"`]*[\"`]\s*[,)])"
    ),
    asks=re.compile(r'os\.(?:Getenv|LookupEnv)\(\s*"(\w+)"'),
    skipped=re.compile(r"(?ms)^import\s*\(.*?^\)|^import\s+.*?$|^//go:embed.*?$|^package .*?$"),
    unshipped=re.compile(r"_test\.go\Z|(\A|/)(vendor|testdata)/"),
)
NOT_DATA = re.compile(
    r"\.go\Z|(\A|/)(go\.(mod|sum|work|work\.sum)|Gopkg\.(toml|lock)|glide\.(yaml|lock))\Z|(\A|/)vendor/|\.(c|h|s|S|proto)\Z"
)
_BUILDS = {
    "build": "go build compiles",
    "install": "go install compiles",
    "get": "go get downloads modules",
    "mod": "go mod downloads modules",
    "generate": "go generate makes sources",
    "test": "go test is a gate of the build",
    "vet": "go vet is a gate of the build",
    "env": "it sets up the toolchain",
    "version": "it only prints",
    "clean": "it empties caches",
    "list": "it only prints",
    "fmt": "it only formats",
    "work": "it sets up the toolchain",
}
_OTHER_TOOLS = {"dep": "dep downloads modules", "glide": "glide downloads modules", "govendor": "it downloads modules"}
# What the program asks of the system, by the packages that it imports.
_NETWORK = re.compile(r'"(net/http|net/smtp|crypto/(tls|x509)|google\.golang\.org/grpc[\w/]*|net/rpc)"')
_ZONES = re.compile(r"\btime\.LoadLocation\(")
_SERVES_FILES = re.compile(
    r"http\.(FileServer|ServeFile|ServeContent|FileServerFS)\(|mime\.TypeByExtension\(|\.Static(FS|File)?\("
)
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_TYPES = "/etc/mime.types"
_MAJOR = re.compile(r"/v\d+\Z")


def split_of(doc: Document, stage: Stage) -> Verdict:
    """Split a stage that stands on the golang image."""
    base = known_base(doc, stage)
    if base is None or base.tag.image != "golang":
        return None
    runtime = small_base(base.tag)
    if isinstance(runtime, str):
        return Refused(runtime, stage.head.start)
    plain = stage
    doc, stage = grounded(doc, stage, base.tag)
    cut = cut_of(doc, stage, plain)
    placed = placed_files(doc, stage, cut)
    sources = read_sources(doc, placed, LANGUAGE)
    homes = homes_of(stage, cut, placed, ("/go", "/usr/local/go", "/go/src", "/go/bin"))
    made = _made(doc, stage, cut, placed)
    products = (*products_of(doc, stage, cut, placed), *made)
    start = start_of(doc, stage, placed)
    module = read_go_mod(doc.context) if doc.context is not None else None
    alone = module is not None and not module.requires and not module.replaced
    policy = Policy(
        builds=lambda call: "make calls the toolchain" if made and call.program == "make" else builds(call),
        homes=homes,
        scratch=("/go", "/usr/local/go", "/root/go"),
        placed=frozenset(placed.files),
        variables=sources.asks if sources is not None else frozenset(),
    )
    embedded = _embedded(doc, placed)
    named = sources.names if sources is not None else frozenset()
    extra, packages, evidence = _asked(sources, alone, runtime.distro.family)
    program = Program(
        base=base,
        runtime=runtime,
        cut=cut,
        placed=placed,
        start=start,
        policy=policy,
        products=products,
        is_source=lambda path: _only_builds(path, embedded, named),
        sources=sources,
        toolchain="the Go toolchain and its modules",
        other_files=sources is None or sources.opens_any or not alone,
        guessed=frozenset(p for p in products if p not in _named_outputs(doc, stage, cut)),
        folders=("/go/bin",),
        extra=extra,
        packages=packages,
        evidence=evidence,
    )
    return assemble(doc, stage, program)


def _only_builds(path: str, embedded: frozenset[str], named: frozenset[str]) -> bool:
    """Whether the program has no use for a file of the context once it is compiled."""
    return NOT_DATA.search(path) is not None or (path in embedded and posixpath.basename(path) not in named)


def _embedded(doc: Document, placed: Placed) -> frozenset[str]:
    """Return the files of the context that are put into the program when it is compiled."""
    if doc.context is None or not any(path.endswith(".go") for path in placed.files.values()):
        return frozenset()
    patterns = read_go_sources(doc.context).embeds
    whole = {p.replace("all:", "", 1).rstrip("/") for p in patterns}
    return frozenset(
        origin
        for origin in placed.files.values()
        if any(fnmatchcase(origin, p) or origin.startswith(f"{p}/") for p in whole)
    )


def _named_outputs(doc: Document, stage: Stage, cut: int) -> frozenset[str]:
    """Return the files that `go build -o` is told to make; what else it makes is named after folders and modules."""
    found = set()
    for run in doc.runs_of(stage):
        walk = Walk(run)
        for index, call in walk.calls.items():
            for name in call.shell.value_of("-o") if call.program == "go" and run.index < cut else ():
                if not name.endswith("/") and "$" not in name:
                    found.add(posixpath.normpath(posixpath.join(walk.folders[index] or "/go", name)))
    return frozenset(found)


def _made(doc: Document, stage: Stage, cut: int, placed: Placed) -> tuple[str, ...]:
    """Return what make has the toolchain make, () where it does anything else, or nothing that is known."""
    found: list[str] = []
    for run in doc.runs_of(stage):
        walk = Walk(run)
        for index, call in walk.calls.items():
            if call.program == "make" and run.index < cut:
                some = made_by(doc, placed, walk.folders[index] or "/go", frozenset({"go", "gofmt", "golint"}))
                if some is None:
                    return ()
                found += some
    return tuple(dict.fromkeys(found))


def builds(call: Call) -> str:
    """Return what a call of Go's tools is for, "" where it is no such call."""
    if call.program == "go":
        verb = next((w.value for w in call.words[1:] if not w.raw.startswith("-")), None)
        return _BUILDS.get(verb or "", "")
    return _OTHER_TOOLS.get(call.program, "")


def products_of(doc: Document, stage: Stage, cut: int, placed: Placed) -> list[str]:
    """Return the absolute paths of the programs that the calls of go make."""
    found: list[str] = []
    for run in doc.runs_of(stage):
        if run.index >= cut:
            continue
        walk = Walk(run)
        for index, call in walk.calls.items():
            if call.program != "go":
                continue
            verb = next((w.value for w in call.words[1:] if not w.raw.startswith("-")), None)
            folder = walk.folders[index]
            if verb == "build":
                found += _built(doc, call, walk, folder or "/go", placed)
            elif verb in ("install", "get"):
                found += [f"/go/bin/{name}" for name in _names(doc, call, folder or "/go", placed)]
    return list(dict.fromkeys(found))


def _built(doc: Document, call: Call, walk: Walk, folder: str, placed: Placed) -> list[str]:
    names = _names(doc, call, folder, placed)
    for index, word in enumerate(call.words):
        if word.raw == "-o" and index + 1 < len(call.words):
            path = walk.locate(call.words[index + 1], folder)
        elif word.raw.startswith("-o="):
            path = posixpath.normpath(posixpath.join(folder, word.raw[3:]))
        else:
            continue
        if path is None or "$" in path:
            return []
        raw = call.words[index + 1].raw if word.raw == "-o" else word.raw
        return [posixpath.join(path, n) for n in names] if raw.rstrip("\"'").endswith("/") else [path]
    return [posixpath.join(folder, name) for name in names] if len(names) == 1 else []


def _names(doc: Document, call: Call, folder: str, placed: Placed) -> list[str]:
    """Return the names of the programs that `go build` or `go install` makes of its packages."""
    operands = _operands(call) or ["."]
    if operands[0].endswith(".go"):
        return [posixpath.basename(operands[0]).removesuffix(".go")]
    names = []
    for operand in operands:
        operand = _MAJOR.sub("", operand.partition("@")[0])
        if operand in (".", "./"):
            names.append(_module_name(doc, folder, placed))
        elif operand.endswith("..."):
            names += _mains(doc, folder, placed)
        else:
            names.append(posixpath.basename(operand.rstrip("/")))
    return [n for n in names if n]


def _mains(doc: Document, folder: str, placed: Placed) -> list[str]:
    """Return the names of all programs below a folder."""
    found = read_go_sources(doc.context).mains if doc.context is not None else (".",)
    return [_module_name(doc, folder, placed) if main == "." else posixpath.basename(main) for main in found]


def _module_name(doc: Document, folder: str, placed: Placed) -> str:
    """Return how a program is called that is built in a folder: after its module, or after the folder without one."""
    origin = placed.files.get(posixpath.join(folder, "go.mod"))
    module = read_go_mod(doc.context, origin) if origin and doc.context is not None else None
    if module is not None and module.module:
        return posixpath.basename(_MAJOR.sub("", module.module))
    return posixpath.basename(folder)


_VALUED = frozenset(
    "-o -p -ldflags -gcflags -asmflags -gccgoflags -tags -mod -buildmode -installsuffix -pkgdir -overlay -C -modfile "
    "-toolexec -compiler".split()
)


def _operands(call: Call) -> list[str]:
    found: list[str] = []
    skip = False
    for word in call.words[1:]:
        text = word.value if word.value is not None else word.raw
        if skip:
            skip = False
        elif text.startswith("-"):
            skip = text.replace("--", "-") in _VALUED
        else:
            found.append(text)
    return found[1:]


def _asked(
    sources: Sources | None, alone: bool, family: str
) -> tuple[tuple[Copied, ...], tuple[str, ...], tuple[str, ...]]:
    """Return what the program asks of the system: certificates, time zones, types of files; and how that is known."""
    if sources is None:
        extra = [_CERTIFICATES]
        said = ["the certificates are kept, for the program may use TLS"]
    else:
        extra, said = [], []
        if not alone or _NETWORK.search(sources.text):
            extra.append(_CERTIFICATES)
            said.append("the certificates are kept for TLS")
        if _SERVES_FILES.search(sources.text) and family == "debian":
            extra.append(_TYPES)
            said.append("the table of file types is kept, for it serves files")
    copies = tuple(Copied((path,), f"{posixpath.dirname(path)}/") for path in extra)
    zones = ("tzdata",) if sources is not None and _ZONES.search(sources.text) and family == "alpine" else ()
    return copies, zones, tuple(said)
