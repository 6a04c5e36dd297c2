"""Project files of .NET: *.csproj, *.fsproj, *.vbproj.

Source of the properties: learn.microsoft.com, "MSBuild reference for .NET SDK projects".
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LIMIT, is_there
from optimizer.context.manifests.xml import children, load_xml

SUFFIXES = (".csproj", ".fsproj", ".vbproj")


@dataclass(frozen=True)
class DotnetProject:
    """A project file. `frameworks` are its targets ("net8.0"), `assembly` the name of what it builds.

    `sdk` is "Microsoft.NET.Sdk.Web" and the like; `web` tells that it needs ASP.NET at run time.
    `references` are other projects, seen from the file's folder.
    """

    path: str
    unreadable: str = ""
    sdk: str = ""
    frameworks: tuple[str, ...] = ()
    assembly: str = ""
    output: str = ""
    packages: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    self_contained: bool = False
    single_file: bool = False
    aot: bool = False
    invariant_globalization: bool = False

    @property
    def web(self) -> bool:
        """Whether it stands on ASP.NET Core."""
        return self.sdk.startswith(("Microsoft.NET.Sdk.Web", "Microsoft.NET.Sdk.BlazorWebAssembly"))

    @property
    def version(self) -> str:
        """The release of its single framework, such as 8.0; "" where there are several or it is none of .NET 5 on."""
        name = self.frameworks[0] if len(self.frameworks) == 1 else ""
        return name.removeprefix("net").partition("-")[0] if name[3:4].isdigit() and "." in name else ""


def read_dotnet(context: BuildContext, path: str) -> DotnetProject | None:
    """Read a project file; None where there is none."""
    if not is_there(context, path):
        return None
    root, problem = load_xml(context.text(path, LIMIT), "Project")
    if root is None:
        return DotnetProject(path, problem)
    properties: dict[str, str] = {}
    groups = [g for g in children(root, "PropertyGroup") if "Condition" not in g.attrib]
    for element in (e for group in groups for e in children(group, "*")):
        if "Condition" not in element.attrib:
            properties[element.tag.rpartition("}")[2]] = (element.text or "").strip()
    frameworks = properties.get("TargetFrameworks") or properties.get("TargetFramework") or ""
    name = properties.get("AssemblyName") or posixpath.splitext(posixpath.basename(path))[0]
    return DotnetProject(
        path,
        "",
        root.attrib.get("Sdk", ""),
        tuple(f.strip() for f in frameworks.split(";") if f.strip() and "$(" not in f),
        "" if "$(" in name else name,
        properties.get("OutputType", ""),
        tuple(e.attrib["Include"] for e in children(root, "ItemGroup", "PackageReference") if "Include" in e.attrib),
        tuple(
            e.attrib["Include"].replace("\\", "/")
            for e in children(root, "ItemGroup", "ProjectReference")
            if "Include" in e.attrib
        ),
        *(properties.get(key, "").lower() == "true" for key in
          ("SelfContained", "PublishSingleFile", "PublishAot", "InvariantGlobalization")),
    )  # fmt: skip


def find_dotnet(context: BuildContext, folder: str = ".") -> tuple[DotnetProject, ...]:
    """Read the project files that stand directly in a folder."""
    top = posixpath.normpath(folder)
    paths = [posixpath.normpath(posixpath.join(top, e.name)) for e in context.entries(top) if e.name.endswith(SUFFIXES)]
    return tuple(found for path in paths if (found := read_dotnet(context, path)) is not None)
