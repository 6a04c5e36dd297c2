"""Java with Maven, Gradle or plain javac: a jar, a folder of jars or of classes, run by a JRE."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from optimizer.context.manifests.gradle import read_gradle
from optimizer.context.manifests.maven import read_pom
from optimizer.facts.bases import Base
from optimizer.facts.calls import ShellCall
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.assemble import assemble
from optimizer.rewrite.stages.cut import cut_of
from optimizer.rewrite.stages.jre import JDKS, OF_TEMURIN, jre_of
from optimizer.rewrite.stages.placed import Placed, placed_files
from optimizer.rewrite.stages.program import Program, homes_of
from optimizer.rewrite.stages.roles import Policy
from optimizer.rewrite.stages.runtime import Runtime, grounded, known_base
from optimizer.rewrite.stages.sources import Language, Sources, read_sources
from optimizer.rewrite.stages.split import Refused, Verdict
from optimizer.rewrite.stages.start import Start, start_of

LANGUAGE = Language(
    source=re.compile(r"\.(java|kt|scala|groovy)\Z"),
    strings=re.compile(r'"((?:[^"\\\n]|\\.)*)"'),
    starts=re.compile(r'getRuntime\(\)\.exec\(\s*"\s*([\w./+-]+)|\bnew\s+ProcessBuilder\(\s*"([^"]+)"'),
    starts_any=re.compile(r"getRuntime\(\)\.exec\(|\bnew\s+ProcessBuilder\("),
    opens_any=re.compile(
        r"\b(?:new\s+(?:File|FileInputStream|FileReader|RandomAccessFile|FileSystemResource)|Paths\.get|Path\.of)"
        r"\((?!\s*\"[^\"]*\"\s*\))"
    ),
    asks=re.compile(r'System\.getenv\(\s*"(\w+)"'),
    skipped=re.compile(r"(?m)^\s*(?:import|package)\s[^\n]*$|//[^\n]*$"),
    unshipped=re.compile(r"(\A|/)(src/test|src/it|build|target)/"),
)
NOT_DATA = re.compile(
    r"\.(java|kt|kts|scala|groovy|class)\Z|(\A|/)(src|gradle|\.mvn|\.gradle|buildSrc|target|build)/|"
    r"(\A|/)(pom\.xml|[\w-]*\.gradle|gradle\.properties|gradlew(\.bat)?|mvnw(\.cmd)?|build\.xml|build\.sbt|"
    r"checkstyle\.xml|manifest\.(txt|mf)|MANIFEST\.MF|lombok\.config|system\.properties)\Z"
)
# They are in the JDK alone. Source: the modules of a JRE, `java --list-modules`, against docs.oracle.com's list.
_ONLY_JDK = re.compile(
    r"\bjavax\.tools\.|\bToolProvider\b|\bcom\.sun\.(tools|source|jdi)\.|\bjdk\.(jshell|compiler|jdi|jartool)\b"
)
_READS_SOURCES = re.compile(r'"(?:\./)?src/main/(?:resources|webapp|java)')
_TOOLS = {
    "mvn": "Maven builds",
    "mvnw": "Maven builds",
    "mvnd": "Maven builds",
    "gradle": "Gradle builds",
    "gradlew": "Gradle builds",
    "javac": "javac compiles",
    "kotlinc": "kotlinc compiles",
    "jar": "it packs what was compiled",
    "ant": "Ant builds",
    "sbt": "sbt builds",
    "java": "",
    "dos2unix": "it mends a script of the build",
}
_COMPILES = frozenset({"mvn", "mvnw", "mvnd", "gradle", "gradlew", "javac", "kotlinc", "ant", "sbt"})
# What a JRE brings beside what every system has.
_OF_THE_JRE = frozenset({"java", "keytool", "rmiregistry", "jrunscript"})
_VALUED = frozenset(
    {"-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-opens", "--add-exports", "-m", "--module"}
)
_LAYERS = frozenset(
    {"org.springframework.boot.loader.JarLauncher", "org.springframework.boot.loader.launch.JarLauncher"}
)


def split_of(doc: Document, stage: Stage) -> Verdict:
    """Split a stage that compiles Java on an image with a JDK."""
    base = known_base(doc, stage)
    if base is None or base.tag.image not in JDKS or "jre" in base.tag.variant:
        return None
    if not any(c.program in _COMPILES for run in doc.runs_of(stage) for c in run.calls):
        return None
    runtime = jre_of(base.tag)
    if isinstance(runtime, str):
        return Refused(runtime, stage.head.start)
    plain = stage
    doc, stage = grounded(doc, stage, base.tag)
    cut = cut_of(doc, stage, plain)
    placed = placed_files(doc, stage, cut)
    sources = read_sources(doc, placed, LANGUAGE)
    if sources is not None and _ONLY_JDK.search(sources.text):
        return Refused("it compiles when it runs: its sources call the JDK's own tools", stage.head.start)
    start = start_of(doc, stage, placed)
    homes = homes_of(stage, cut, placed)
    asked = asked_of(doc, stage, start, placed)
    if isinstance(asked, str):
        return Refused(asked, stage.head.start)
    program = Program(
        base=base,
        runtime=runtime,
        cut=cut,
        placed=placed,
        start=start,
        policy=Policy(
            builds=builds,
            homes=homes,
            scratch=("/root/.m2", "/root/.gradle", "/home/gradle/.gradle"),
            placed=frozenset(placed.files),
            variables=sources.asks if sources is not None else frozenset(),
        ),
        products=tuple(dict.fromkeys(asked)),
        is_source=lambda path: NOT_DATA.search(path) is not None,
        sources=sources,
        toolchain=_toolchain(stage, doc),
        other_files=sources is None or sources.opens_any or _has_manifest(placed),
        provided=_OF_THE_JRE | (OF_TEMURIN if runtime.tag.image == "eclipse-temurin" else frozenset()),
        runs_products=True,
        evidence=_said(stage, base, runtime),
        needed=_reads(sources),
        whole=any(p in homes for p in asked),
    )
    return assemble(doc, stage, program)


def builds(call: Call) -> str:
    """Return what a call of a JDK's tool or a build tool is for, "" where it is no such call."""
    return _TOOLS.get(call.program, "")


def _has_manifest(placed: Placed) -> bool:
    """Whether a build tool may bring libraries, which may open files that no source names."""
    names = {posixpath.basename(path) for path in placed.files}
    return not names.isdisjoint({"pom.xml", "build.gradle", "build.gradle.kts", "build.sbt", "build.xml"})


def _toolchain(stage: Stage, doc: Document) -> str:
    called = {c.program for run in doc.runs_of(stage) for c in run.calls}
    if called & {"mvn", "mvnw", "mvnd"}:
        return "Maven, its repository and the JDK"
    if called & {"gradle", "gradlew"}:
        return "Gradle, its caches and the JDK"
    return "the JDK"


def _reads(sources: Sources | None) -> Callable[[str], bool]:
    """Return which files of the sources the program reads where they lie."""
    reads = sources is not None and _READS_SOURCES.search(sources.text) is not None
    return lambda path: reads and "/src/main/" in path


def _said(stage: Stage, base: Base, runtime: Runtime) -> tuple[str, ...]:
    said = []
    if base.tag.image == "maven" and not any(i.keyword == "ENTRYPOINT" for i in stage.members):
        said.append("Maven's entry point, which only fills its repository, goes with it")
    if runtime.tag.distro != base.tag.distro:
        said.append(f"the JRE is of the same release, on {runtime.distro.name}")
    return tuple(said)


def asked_of(doc: Document, stage: Stage, start: Start, placed: Placed) -> list[str] | str:
    """Return the paths that the calls of java ask for and that no COPY brings, or why they can't be told."""
    workdir = stage.last.workdir or "/"
    found: list[str] = []
    called = [call for call in start.calls if call.program == "java"]
    if not called:
        return _scripts_of_gradle(start, workdir)
    for call in called:
        entries = list(_entries(call))
        if not entries:
            return "what its java runs is not known"
        for entry in entries:
            if "$" in entry:
                return f"what {entry} is can't be told"
            path = posixpath.normpath(posixpath.join(workdir, entry))
            if path not in placed.files:
                found += _with_its_folder(doc, path, placed)
    return found


def _entries(call: ShellCall) -> Iterator[str]:
    """Yield the jar, or the entries of the class path, of a call of java; "." where it says none."""
    words = [w.value if w.value is not None else w.raw for w in call.words[1:]]
    paths: list[str] = []
    skip = False
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        if skip:
            skip = False
        elif word == "-jar":
            yield following
            return
        elif word.startswith("-javaagent:"):
            paths.append(word.partition(":")[2].partition("=")[0])
        elif word in ("-cp", "-classpath", "--class-path", "-p", "--module-path"):
            paths += [p for p in following.split(":") if p]
            skip = True
        elif word in _VALUED:
            skip = True
        elif not word.startswith("-") and "$" not in word:
            yield from paths or ["."]
            return
    yield from paths


def _scripts_of_gradle(start: Start, workdir: str) -> list[str] | str:
    """Return the folder of a distribution that Gradle's installDist made, for a start script in its bin folder."""
    for name in start.programs:
        folder, _, inner = posixpath.normpath(posixpath.join(workdir, name)).rpartition("/bin/")
        if "/build/install/" in f"{folder}/" and inner:
            return [folder]
    return "it is not java that it runs"


def _with_its_folder(doc: Document, path: str, placed: Placed) -> list[str]:
    """Return a jar, with the folder that it lies in where its libraries may lie beside it."""
    if path.endswith("/*"):
        return [posixpath.dirname(path)]
    folder = posixpath.dirname(path)
    if not path.endswith((".jar", ".war")) or _is_whole(doc, folder, placed):
        return [path]
    return [folder] if posixpath.basename(folder) in ("target", "libs", "quarkus-app") else [path]


def _is_whole(doc: Document, folder: str, placed: Placed) -> bool:
    """Whether a jar below `target` or `build/libs` holds all that it needs."""
    if doc.context is None:
        return False
    if posixpath.basename(folder) == "target":
        origin = placed.files.get(posixpath.join(posixpath.dirname(folder), "pom.xml"))
        pom = read_pom(doc.context, origin) if origin else None
        return pom is not None and not pom.unreadable and (pom.fat or not pom.dependencies)
    if folder.endswith("build/libs"):
        home = folder.removesuffix("/build/libs")
        origin = next(
            (placed.files[p] for p in placed.files if re.fullmatch(re.escape(home) + r"/build\.gradle(\.kts)?", p)),
            None,
        )
        project = read_gradle(doc.context, posixpath.dirname(origin) or ".") if origin else None
        return project is not None and (project.spring_boot or project.shadow)
    return False
