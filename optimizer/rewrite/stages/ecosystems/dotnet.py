""".NET: published with the SDK, run on the runtime image of the same tag.

Sources: github.com/dotnet/dotnet-docker (the images' variables, supported tags), learn.microsoft.com (dotnet publish,
the content root of ASP.NET Core).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from optimizer.context.manifests.dotnet import SUFFIXES, DotnetProject, read_dotnet
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.facts.stages import Stage
from optimizer.rewrite.change import Safety
from optimizer.rewrite.stages.homes import is_shared
from optimizer.rewrite.stages.packages import sort_packages
from optimizer.rewrite.stages.placed import Placed, placed_files
from optimizer.rewrite.stages.products import Place, places_of
from optimizer.rewrite.stages.roles import Policy, account_for
from optimizer.rewrite.stages.split import Copied, Refused, Split, Verdict
from optimizer.rewrite.stages.start import Start, start_of
from optimizer.rewrite.stages.variables import names_of
from optimizer.syntax.patterns import pattern

_TAG = pattern(r"(?P<version>\d+\.\d)(?P<rest>-[a-z][\w.-]*)?\Z")
_VALUED = frozenset("-o --output -c --configuration -r --runtime -f --framework -v --verbosity -p --source -s".split())
_PORTS = ("ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "URLS", "HTTP_PORTS")
# Debian's release behind the plain tags. Source: github.com/dotnet/dotnet-docker, README.sdk.md.
_RELEASES = {"5.0": "buster", "6.0": "bullseye", "7.0": "bookworm", "8.0": "bookworm", "9.0": "bookworm"}
_NOT_CONTENT = pattern(
    r"(?i)\.(cs|fs|vb|csproj|fsproj|vbproj|sln|slnx|user|md|props|targets|dockerfile)\Z|(\A|/)(bin|obj|\.git|tests?)/|"
    r"(\A|/)(dockerfile|\.dockerignore|\.gitignore|nuget\.config|global\.json|licen[cs]e)\Z"
)


def split_of(doc: Document, stage: Stage) -> Verdict:
    """Split a stage that stands on the .NET SDK."""
    image = stage.root_image
    if image.registry != "mcr.microsoft.com" or image.repository not in ("dotnet/sdk", "dotnet/core/sdk"):
        return None
    at = stage.head.start
    tag = _TAG.match(image.tag or "")
    if tag is None or image.raw != image.resolved or image.digest:
        return Refused(f"the runtime image that belongs to {image.resolved} is not known", at)
    if "alpine" in (tag["rest"] or ""):
        return Refused("Alpine's runtime image has no ICU, which its SDK has", at)
    publish = _publishes(doc, stage)
    if len(publish) != 1:
        return Refused(f"it has {len(publish)} calls of dotnet publish, and one is needed", at)
    return _split(doc, stage, publish[0], tag["version"])


def _publishes(doc: Document, stage: Stage) -> list[Place]:
    return [p for run in doc.runs_of(stage) for p in places_of(doc, run) if _verb(p.call) == "publish"]


def _verb(call: Call) -> str:
    return next((w.value or "" for w in call.words[1:] if not w.raw.startswith("-")), "") if _is_sdk(call) else ""


def _is_sdk(call: Call) -> bool:
    return call.program == "dotnet"


def _split(doc: Document, stage: Stage, publish: Place, version: str) -> Split | Refused:
    at = publish.run.instruction.start
    out = next((publish.locate(v) for v in publish.call.shell.value_of("-o", "--output")), "")
    if not out or is_shared(out):
        return Refused("dotnet publish names no output folder of its own", at)
    cut = publish.run.index + 1
    later = [run for run in doc.runs_of(stage) if run.index >= cut]
    if later:
        return Refused("more is run behind dotnet publish", later[0].instruction.start)
    placed = placed_files(doc, stage, cut)
    project = _project(doc, publish, placed)
    if project is not None and (project.self_contained or project.aot or project.single_file):
        return Refused("it is published with a runtime of its own", at)
    if publish.call.has("--self-contained", "-p:PublishAot=true", "/p:PublishSingleFile=true"):
        return Refused("it is published with a runtime of its own", at)
    start = start_of(doc, stage, placed)
    reason = _start_doubt(stage, start, out)
    if reason:
        return Refused(reason, stage.head.start)
    folders = {s.workdir for s in stage.states[:cut] if s.workdir}
    policy = Policy(
        builds=lambda call: "the SDK builds" if _is_sdk(call) else "",
        homes=frozenset({*folders, out}),
        scratch=("/root/.nuget", "/root/.local", "/root/.dotnet"),
        placed=frozenset(placed.files),
        variables=frozenset(n for i in stage.members if i.keyword == "ENV" for n in names_of(doc, i)),
    )
    account = account_for(doc, stage, cut, policy)
    if isinstance(account, Refused):
        return account
    release = _RELEASES.get(version, "")
    if account.installed and not release:
        return Refused("what the image's packages are called is not known", stage.head.start)
    packages = sort_packages(account.installed, release, lambda name: name in start.text)
    if packages.refused:
        return Refused(packages.refused, stage.head.start)
    web = project is None or project.web or "Microsoft.AspNetCore.App" in _text(doc, project)
    content = _content(stage, placed, out, web)
    if isinstance(content, str):
        return Refused(content, stage.head.start)
    port = _port_doubt(doc, stage, web, version)
    kind = "aspnet" if web else "runtime"
    shown = "" if project is None else f" ({project.path} is built with {project.sdk})"
    return Split(
        stage=stage,
        cut=cut,
        base=stage.image.raw.replace("/sdk:", f"/{kind}:"),
        copies=(Copied((out,), out), *content),
        roles=tuple(account.roles),
        packages=tuple(packages.packages),
        arguments=tuple(account.arguments),
        replayed=tuple(account.replayed),
        safety=Safety.RISKY if port else Safety.REVIEW,
        why="the image that runs needs what was published, not the SDK",
        evidence=(f"dotnet publish writes all that it runs to {out}{shown}", *packages.notes, *port),
        saves="the .NET SDK, and the packages that were restored",
    )


def _project(doc: Document, publish: Place, placed: Placed) -> DotnetProject | None:
    """Return the project that is published: the one that is named, or the only one in the folder."""
    named = [p for p in _operands(publish.call) if p.endswith(SUFFIXES)]
    folder = publish.locate(_operands(publish.call)[0]) if _operands(publish.call) and not named else publish.folder
    wanted = publish.locate(named[0]) if named else ""
    found = [
        origin
        for path, origin in placed.files.items()
        if path == wanted or (not wanted and origin.endswith(SUFFIXES) and posixpath.dirname(path) == folder)
    ]
    if len(set(found)) != 1 or doc.context is None:
        return None
    return read_dotnet(doc.context, found[0])


def _operands(call: Call) -> list[str]:
    found: list[str] = []
    skip = False
    for word in call.words[1:]:
        if skip:
            skip = False
        elif word.raw.startswith(("-", "/p:")):
            skip = word.raw in _VALUED
        else:
            found.append(word.value or "")
    return found[1:]


def _text(doc: Document, project: DotnetProject) -> str:
    return (doc.context.text(project.path) if doc.context is not None else None) or ""


def _start_doubt(stage: Stage, start: Start, out: str) -> str:
    """Return why what the image starts is not shown to be what was published."""
    if start.unread or not start.calls:
        return f"what the image runs was not read: {start.unread}" if start.unread else "it starts nothing"
    call = start.calls[0]
    words = [w.value or "" for w in call.words]
    if call.program == "dotnet":
        words = [w for w in words[1:] if not w.startswith("-")] or [""]
        if not words[0].endswith(".dll"):
            return f"dotnet {words[0]} needs the SDK when it runs"
    path = posixpath.normpath(posixpath.join(stage.last.workdir or "/", words[0]))
    return "" if path.startswith(f"{out}/") else f"{words[0]} is not what dotnet publish makes"


def _content(stage: Stage, placed: Placed, out: str, web: bool) -> list[Copied] | str:
    """Return the files beside the published ones that a program finds in its working directory."""
    workdir = stage.last.workdir or "/"
    if workdir == out:
        return []
    if placed.unknown:
        return f"it runs in {workdir}, and what lies there is not known: {placed.unknown}"
    found: dict[str, list[str]] = {}
    for path, origin in sorted(placed.files.items()):
        if path.startswith(f"{workdir.rstrip('/')}/") and path not in placed.late and not _NOT_CONTENT.search(origin):
            if not web and not re.search(r"(?i)settings|\.(json|xml|ya?ml|txt|csv|db)\Z", origin):
                continue
            found.setdefault(posixpath.dirname(path), []).append(path)
    return list(_grouped(found))


def _grouped(found: dict[str, list[str]]) -> Iterator[Copied]:
    for folder, paths in found.items():
        yield Copied(tuple(paths), f"{folder}/")


def _port_doubt(doc: Document, stage: Stage, web: bool, version: str) -> tuple[str, ...]:
    """Say where the runtime image listens elsewhere than the SDK image does."""
    said = {n for i in stage.members if i.keyword == "ENV" for n in names_of(doc, i)}
    if not web or said.intersection(_PORTS) or "--urls" in doc.text or _chooses_port(doc):
        return ()
    port = "8080" if int(version.partition(".")[0]) >= 8 else "80"
    return (f"the runtime image listens on port {port}, where the SDK image listens on localhost:5000",)


def _chooses_port(doc: Document) -> bool:
    context = doc.context
    if context is None:
        return False
    text = "".join(context.text(p) or "" for p in (*context.matches("*.cs"), *context.matches("*/Program.cs")))
    return re.search(r"UseUrls|ListenAnyIP|app\.Urls|Listen\(|app\.Run\(\s*\"http", text) is not None
