"""Whether the last stage can stand on a distroless image: no shell, no package manager, one runtime.

Source of the rules: the README files of GoogleContainerTools/distroless and of its directories base, cc, java,
nodejs and python3.
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from optimizer.catalog.cycles import version_of
from optimizer.catalog.distroless import Distroless, distroless
from optimizer.catalog.packages import runtime_libraries
from optimizer.catalog.siblings import No
from optimizer.catalog.tags import Tag
from optimizer.facts.bases import Base, resolve
from optimizer.facts.copied import sources_and_target
from optimizer.facts.distroless_start import Start, start_of
from optimizer.facts.document import Document
from optimizer.facts.needs import bare_package, needs_of
from optimizer.facts.python_layout import search_path
from optimizer.facts.runs import Call, Run
from optimizer.facts.stages import Stage, State
from optimizer.facts.users import made_users
from optimizer.syntax import Instruction
from optimizer.syntax.patterns import pattern

_RUNTIMES = {
    "python": "python3",
    "node": "nodejs",
    "eclipse-temurin": "java",
    "openjdk": "java",
    "amazoncorretto": "java",
}
_SYSTEMS = frozenset({"debian", "ubuntu", "alpine", "busybox"})
_BUILDERS = {"golang": "go", "rust": "rust", "gcc": "c", "debian": "c", "ubuntu": "c", "buildpack-deps": "c"}
_KEEPS = frozenset(
    {"COPY", "ADD", "WORKDIR", "ENV", "ARG", "EXPOSE", "LABEL", "USER", "VOLUME", "STOPSIGNAL", "CMD", "ENTRYPOINT"}
)
_ROOT = frozenset({"root", "0", "root:root", "0:0"})
_THERE = frozenset({"root", "nobody", "nonroot"})
_MAKES_USERS = frozenset({"useradd", "groupadd", "adduser", "addgroup"})
_NO_SHELL = "a distroless image has no shell"
# glibc is 2.41 there: what was built on a newer one does not start.
_NEWER_GLIBC = pattern(r"debian:(forky|duke|sid|testing|unstable)|ubuntu:(questing|resolute|stonking)")
# ctypes asks ldconfig for a library, and there is none; other programs are not there either.
_FINDS = pattern(r"loads (the|a) library|runs a program that only the run can tell")
_ELSEWHERE = pattern(r"JAVA_HOME|LD_LIBRARY_PATH|LD_PRELOAD|NODE_PATH|PYTHONHOME")


class Plan(NamedTuple):
    """How a stage comes to stand on a distroless image.

    `reference` names the image, `removed` are RUN instructions that have nothing to do there, `start` what CMD and
    ENTRYPOINT become, `users` the names that must be numbers, `path` a value of PYTHONPATH ("" for none).
    """

    image: Distroless
    reference: str
    removed: tuple[Run, ...]
    start: Start
    users: tuple[str, ...]
    path: str
    evidence: tuple[str, ...]


def plan_distroless(doc: Document, stage: Stage, base: Base) -> Plan | No | None:
    """Judge a swap to a distroless image, and say how it is done; None where there is none to think of."""
    if base.tag.image not in _RUNTIMES and not (base.tag.image in _SYSTEMS and _builders(doc, stage)):
        return None
    if base.tag.image in _RUNTIMES and base.tag.distro.startswith("alpine"):
        # What was installed there was built for musl.
        return None
    if stage.children or stage.parent is not None or stage.copied_from:
        return No("other stages stand on it or copy from it")
    built = _image_for(doc, stage, base.tag)
    if isinstance(built, No):
        return built
    image, kind, evidence = built
    reason = _of_instructions(doc, stage, image)
    if reason:
        return No(reason)
    reason = "" if kind == "static" else _of_libraries(doc, stage, image)
    if reason:
        return No(reason)
    removed = tuple(doc.runs_of(stage))
    start = start_of(stage, kind)
    if isinstance(start, No):
        return start
    path = ""
    if kind == "python3":
        found = search_path(doc, stage)
        if isinstance(found, No):
            return found
        path = found
    needs = needs_of(doc, stage)
    # Behind an ENTRYPOINT of the file a CMD holds arguments; one that is a script was refused before.
    arguments = any(m.keyword == "ENTRYPOINT" and m.json for m in stage.members)
    calls = (u for u in needs.run if not (arguments and u.caller == "CMD"))
    helper = next((u for u in calls if u.command not in start.programs), None)
    if helper:
        return No(f"{helper.caller} calls {helper.command}, and a distroless image has no other programs")
    hidden = next((reason for reason in needs.unread if _FINDS.search(reason)), "")
    if hidden:
        return No(f"{hidden}, and there is little to find")
    users = tuple(sorted(n for n in needs.users if n not in _THERE))
    unknown = [n for n in users if n not in made_users(doc, stage) and n != "node"]
    if unknown:
        return No(f"the user {unknown[0]} is not known there")
    user = stage.last.user
    nonroot = user is not None and user not in _ROOT
    if nonroot and stage.last.workdir is None:
        return No("its working directory is not known")
    reference = f"{image.name}:nonroot" if nonroot else image.name
    return Plan(image, reference, removed, start, users, path, (*evidence, *_unknown(needs.unread, start)))


def _unknown(unread: tuple[str, ...], start: Start) -> list[str]:
    """Return what was not read, in words that fit a program that a stage built."""
    out = []
    for reason in unread:
        name = reason.removesuffix(" was not read")
        built = name != reason and name.rpartition("/")[2] in start.programs
        out.append(f"what {name} calls by itself is not known" if built else reason)
    return out


def _image_for(doc: Document, stage: Stage, tag: Tag) -> tuple[Distroless, str, tuple[str, ...]] | No:
    """Return the image for what a stage runs, its kind, and how that is known."""
    kind = _RUNTIMES.get(tag.image, "")
    if kind:
        image = distroless(kind, version_of(tag))
        return image if isinstance(image, No) else (image, kind, (f"it runs {image.runtime}",))
    return _for_binary(doc, stage)


def _for_binary(doc: Document, stage: Stage) -> tuple[Distroless, str, tuple[str, ...]] | No:
    """Return the image for a program that another stage builds."""
    kinds = set()
    for builder in _builders(doc, stage):
        found = _kind_of(doc, builder)
        if isinstance(found, No):
            return found
        kinds.add(found)
    kind = "cc" if "cc" in kinds else "base" if "base" in kinds else "static"
    image = distroless(kind)
    if isinstance(image, No):
        return image
    known = {"static": "the Go program is built with CGO_ENABLED=0", "base": "the Go program may use the C library"}
    return image, kind, (known.get(kind, "the program uses the libraries of C and C++ only, as far as the files show"),)


def _builders(doc: Document, stage: Stage) -> list[Stage]:
    """Return the stages that a stage copies from."""
    origins = {(m.flag("from") or "").lower() for m in stage.members if m.keyword == "COPY"} - {""}
    return [s for s in doc.stages if (s.name or "").lower() in origins or str(s.index) in origins]


def _of_libraries(doc: Document, stage: Stage, image: Distroless) -> str:
    """Return which library what was built may ask for in vain: those behind the headers that its stage installs."""
    has = {p.removesuffix("t64") for p in image.packages}
    for builder in _builders(doc, stage):
        resolved = resolve(doc, builder.root_image)
        release = "" if isinstance(resolved, No) else resolved.tag.distro.partition(":")[2]
        for package in sorted(needs_of(doc, builder).packages("apt")):
            if not package.endswith("-dev"):
                continue
            libraries = runtime_libraries(package, release)
            missing = [p for p in libraries or () if p.removesuffix("t64") not in has]
            if libraries is None or missing:
                name = missing[0] if missing else f"the library of {package}"
                return f"{package} is there when it is built, and the image has not {name}"
    return ""


def _kind_of(doc: Document, builder: Stage) -> str | No:
    resolved = resolve(doc, builder.root_image)
    name = builder.root_image.repository.rpartition("/")[2]
    language = _BUILDERS.get(name)
    if isinstance(resolved, No) or language is None:
        return No(f"what the stage of {builder.image.resolved} builds is not known")
    musl = resolved.tag.distro.startswith("alpine")
    if language == "go" and _without_cgo(doc, builder):
        return "static"
    if musl:
        return No("a program of Alpine does not run on glibc")
    if not resolved.tag.distro or _NEWER_GLIBC.match(resolved.tag.distro):
        return No(f"{resolved.tag} may have a newer C library")
    return "base" if language == "go" else "cc"


def _without_cgo(doc: Document, builder: Stage) -> bool:
    if builder.last.env.get("CGO_ENABLED") == "0":
        return True
    builds = [r for r in doc.runs_of(builder) if any(c.is_("go", "build", "install") for c in r.calls)]
    return bool(builds) and all("CGO_ENABLED=0" in r.script.text for r in builds)


def _of_instructions(doc: Document, stage: Stage, image: Distroless) -> str:
    for member, state in zip(stage.members, stage.states, strict=True):
        if member.keyword == "RUN":
            continue
        if member.keyword == "HEALTHCHECK":
            if member.json is None and member.args.strip().upper() != "NONE":
                return f"HEALTHCHECK needs a shell, and {_NO_SHELL}"
        elif member.keyword not in _KEEPS:
            return f"{member.keyword} has no meaning there"
        found = _ELSEWHERE.search(member.folded.text)
        if found:
            return f"{member.keyword} speaks of {found.group()}"
        if member.keyword == "COPY" and _copies_libraries(member, state):
            return "it copies libraries of the system"
    for run in doc.runs_of(stage):
        reason = _needless(run, image)
        if reason:
            return reason
    return ""


def _copies_libraries(member: Instruction, state: State) -> bool:
    named = sources_and_target(member, state)
    return named is None or any(posixpath.normpath(s).startswith(("/lib", "/usr/lib")) for s in named[0])


def _needless(run: Run, image: Distroless) -> str:
    """Return what a RUN does that is needed, "" where the image has all of it or users go by number."""
    if run.script.opaque or run.instruction.json is not None:
        return f"RUN needs a shell, and {_NO_SHELL}"
    for call in run.calls:
        if not _is_needless(call, image):
            return f"RUN calls {call.program or 'a program'}, and {_NO_SHELL}"
    return ""


def _is_needless(call: Call, image: Distroless) -> bool:
    has = {p.removesuffix("t64") for p in image.packages}
    if call.is_("apt") or call.is_("apk"):
        if not call.installs:
            return True
        names = [bare_package(w.value or "?") for w in call.operands]
        return all(n.removesuffix("t64") in has for n in names)
    if call.program == "rm":
        return all(w.raw.startswith(("-", "/var/lib/apt", "/var/cache/ap")) for w in call.words[1:])
    return call.program in _MAKES_USERS or call.program == "update-ca-certificates"
