"""C and C++ with plain compilers, make or CMake, and what is configured and installed in that way."""

from __future__ import annotations

import posixpath
import re

from optimizer.context.manifests.make import MAKEFILES
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.facts.stages import Stage
from optimizer.rewrite.instructions import cased
from optimizer.rewrite.stages.assemble import assemble
from optimizer.rewrite.stages.compilers import install_prefixes, is_compiler, linked_libraries, made_by_compilers
from optimizer.rewrite.stages.cut import cut_of
from optimizer.rewrite.stages.placed import Placed, placed_files
from optimizer.rewrite.stages.program import Program, homes_of
from optimizer.rewrite.stages.roles import Policy
from optimizer.rewrite.stages.runtime import Runtime, grounded, known_base, small_base
from optimizer.rewrite.stages.sources import Language, read_sources
from optimizer.rewrite.stages.split import Copied, Refused, Verdict
from optimizer.rewrite.stages.start import start_of

BASES = frozenset({"gcc", "buildpack-deps", "debian", "ubuntu"})
LANGUAGE = Language(
    source=re.compile(r"\.(c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|inl|ipp|m|mm|f|f90|f95)\Z", re.IGNORECASE),
    strings=re.compile(r'"((?:[^"\\\n]|\\.)*)"'),
    starts=re.compile(
        r'\b(?:system|popen)\s*\(\s*"\s*([\w./+-]+)|\bexec[lv]p?e?\s*\(\s*"([^"]+)"|\bposix_spawnp?\s*\([^,]*,\s*"([^"]+)"'
    ),
    starts_any=re.compile(r"\b(?:system|popen|exec[lv]p?e?|posix_spawnp?)\s*\("),
    opens_any=re.compile(
        r'\b(?:fopen|freopen|open|opendir|dlopen|stat|[io]?fstream|directory_iterator)\b[\s\w]*[({](?!\s*"[^"]*")'
    ),
    asks=re.compile(r'\bgetenv\s*\(\s*"(\w+)"'),
    skipped=re.compile(r"(?ms)^[ \t]*#[ \t]*include[^\n]*$|/\*.*?\*/|//[^\n]*$"),
    unshipped=re.compile(r"(\A|/)(tests?|examples?|CMakeFiles)/"),
)
NOT_DATA = re.compile(
    r"\.(c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|inl|ipp|m|mm|f|f90|f95|s|asm|l|y|ll|yy|in|am|ac|m4|cmake|pc|o|a|d|mk|patch)\Z|"
    r"(\A|/)(CMakeLists\.txt|CMakePresets\.json|configure|config\.(guess|sub)|install-sh|missing|meson\.build|"
    r"meson_options\.txt|conanfile\.(txt|py)|vcpkg\.json|WORKSPACE|BUILD(\.bazel)?)\Z",
    re.IGNORECASE,
)
_TOOLS = {
    "make": "make builds",
    "gmake": "make builds",
    "ninja": "ninja builds",
    "cmake": "cmake builds",
    "ctest": "the tests are a gate of the build",
    "meson": "meson builds",
    "configure": "it configures the build",
    "autoreconf": "it configures the build",
    "autogen.sh": "it configures the build",
    "automake": "it configures the build",
    "autoconf": "it configures the build",
    "aclocal": "it configures the build",
    "libtoolize": "it configures the build",
    "bootstrap": "it configures the build",
    "patch": "it patches sources",
    "ar": "it links a library",
    "ranlib": "it links a library",
    "ld": "the linker builds",
    "as": "the assembler builds",
    "strip": "it strips what was built",
    "ldconfig": "",
    "pkg-config": "it only prints",
    "bison": "it makes sources",
    "flex": "it makes sources",
    "gcov": "it only prints",
    "update-alternatives": "it chooses a compiler",
}
# They are called in builds of all kinds.
UNTELLING = frozenset("patch strip ldconfig pkg-config update-alternatives".split())
# Who calls one of these builds something else, or not that alone.
_OTHERS = frozenset(
    "go cargo rustc javac mvn gradle ant sbt npm yarn pnpm pip pip3 python python3 node dotnet composer bundle gem "
    "cabal stack ghc erlc mix swift".split()
)
OF_THE_SYSTEM = frozenset({"/", "/usr", "/etc", "/lib", "/bin", "/var", "/opt", "/home", "/root"})
_NO_LIBRARIES: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
_PLUS = re.compile(r"\b(g\+\+|c\+\+|clang\+\+|CXX)\b|project\([^)]*\bCXX\b")
# The compiler of each release of Debian; libraries of a later one are not in its packages.
# Source: packages.debian.org, gcc of bullseye, bookworm and trixie.
_GCC_OF = {"bullseye": 10, "bookworm": 12, "trixie": 14}


# What the gcc image builds for itself, beside the packages of its Debian, and finds through ldconfig.
# Source: docker-library/gcc, Dockerfile.template ("000-local-lib.conf").
_OWN_LIBRARIES = "/usr/local/lib64"
_OWN_CONF = "/etc/ld.so.conf.d/000-local-lib.conf"
_STATIC = re.compile(r"(?<![\w-])-static(?![\w-])")


def split_of(doc: Document, stage: Stage) -> Verdict:
    """Split a stage that compiles C or C++ on the gcc image, or on Debian or Ubuntu with compilers installed."""
    base = known_base(doc, stage)
    if base is None or base.tag.image not in BASES:
        return None
    calls = [call for run in doc.runs_of(stage) for call in run.calls]
    if not any(builds(call) and call.program not in UNTELLING for call in calls):
        return None
    if any(call.program in _OTHERS for call in calls):
        return None
    runtime = small_base(base.tag)
    if isinstance(runtime, str):
        return Refused(runtime, stage.head.start)
    plain = stage
    doc, stage = grounded(doc, stage, base.tag)
    cut = cut_of(doc, stage, plain)
    placed = placed_files(doc, stage, cut)
    sources = read_sources(doc, placed, LANGUAGE)
    prefixes = install_prefixes(doc, stage, cut, placed)
    if prefixes is None:
        return Refused("where it installs what it builds is not known", stage.head.start)
    if "/usr/local" in prefixes and base.tag.image == "gcc":
        return Refused("what it installs lies in the folder of the compiler", stage.head.start)
    if not OF_THE_SYSTEM.isdisjoint(prefixes):
        return Refused("it installs among the files of the system", stage.head.start)
    libraries, unknown = (
        linked_libraries(doc, stage, placed) if base.tag.image in ("gcc", "buildpack-deps") else _NO_LIBRARIES
    )
    copies, finish, said = _of_the_compiler(doc, stage, placed, base.tag.name, runtime)
    program = Program(
        base=base,
        runtime=runtime,
        cut=cut,
        placed=placed,
        start=start_of(doc, stage, placed),
        policy=Policy(
            builds=builds,
            homes=homes_of(stage, cut, placed),
            placed=frozenset(placed.files),
            variables=sources.asks if sources is not None else frozenset(),
        ),
        products=tuple(dict.fromkeys(made_by_compilers(doc, stage, cut))),
        is_source=is_source,
        sources=sources,
        toolchain="the compilers and headers",
        other_files=sources is None or sources.opens_any,
        extra=copies if base.tag.image == "gcc" else (),
        filled=prefixes,
        linked=tuple(sorted(libraries)),
        finish=finish if base.tag.image == "gcc" else refresh(doc, stage, cut),
        evidence=said if base.tag.image == "gcc" else (),
        doubts=tuple(f"lib{name} is not known to be in {runtime.reference}" for name in sorted(unknown)),
    )
    return assemble(doc, stage, program)


def is_source(path: str) -> bool:
    """Tell whether only the build reads a file of the context."""
    return NOT_DATA.search(path) is not None or posixpath.basename(path) in MAKEFILES


def builds(call: Call) -> str:
    """Return what a call of a compiler or a tool beside it is for, "" where it is no such call."""
    if is_compiler(call):
        return "it compiles"
    name = call.program
    if name == "ldconfig":
        return "it is called again where libraries are installed"
    return _TOOLS.get(name, "")


def refresh(doc: Document, stage: Stage, cut: int) -> tuple[str, ...]:
    """Return the call of ldconfig that the file makes, to be made again behind the copies."""
    called = any(c.program == "ldconfig" for run in doc.runs_of(stage) if run.index < cut for c in run.calls)
    return (f"{cased(stage.head, 'RUN')} ldconfig",) if called else ()


def _of_the_compiler(
    doc: Document, stage: Stage, placed: Placed, tag: str, runtime: Runtime
) -> tuple[tuple[Copied, ...], tuple[str, ...], tuple[str, ...]]:
    """Return what a program of C++ needs of the gcc image where that is newer than Debian's own compiler."""
    texts = [run.script.text for run in doc.runs_of(stage)]
    for path, origin in placed.files.items():
        name = posixpath.basename(path)
        if doc.context is not None and (name in MAKEFILES or name == "CMakeLists.txt"):
            texts.append(doc.context.text(origin) or "")
        elif re.search(r"\.(cc|cpp|cxx)\Z", name):
            texts.append("g++")
    text = "\n".join(texts)
    major = re.match(r"\d+", tag)
    newer = major is None or int(major.group()) > _GCC_OF.get(runtime.distro.release, 0)
    names = ["libstdc++.so.6", "libgcc_s.so.1"] if newer and _PLUS.search(text) else []
    names += ["libgomp.so.1"] if "-fopenmp" in text else []
    names += ["libgfortran.so.5", "libquadmath.so.0"] if "gfortran" in text else []
    if not names or _STATIC.search(text):
        return (), (), ()
    sources = tuple(f"{_OWN_LIBRARIES}/{name}" for name in names)
    return (
        (Copied(sources, f"{_OWN_LIBRARIES}/"), Copied((_OWN_CONF,), f"{posixpath.dirname(_OWN_CONF)}/")),
        ("RUN ldconfig",),
        ("the compiler's own libraries are kept, for Debian's are older",),
    )
