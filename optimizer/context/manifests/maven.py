"""pom.xml: the manifest of Maven. Source of the form: maven.apache.org, "POM Reference"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LIMIT, is_there
from optimizer.context.manifests.xml import child, children, load_xml, text_at

# Plugins by what they make of the archive.
_FAT = ("maven-shade-plugin", "maven-assembly-plugin", "spring-boot-maven-plugin", "quarkus-maven-plugin")
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class MavenProject:
    """A pom.xml.

    `packaging` is "jar", "war", "pom", ...; `archive` the file name below target/ where it is known,
    "" where not. `plugins` are the artifact names of the build plugins, `modules` a reactor's
    folders, `java` the release to compile for, `parent` "group:artifact:version" of the parent.
    """

    path: str
    unreadable: str = ""
    group: str = ""
    artifact: str = ""
    version: str = ""
    packaging: str = "jar"
    archive: str = ""
    java: str = ""
    parent: str = ""
    parent_path: str = ""
    modules: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def spring_boot(self) -> bool:
        """Whether Spring Boot's plugin repackages the archive."""
        return "spring-boot-maven-plugin" in self.plugins

    @property
    def fat(self) -> bool:
        """Whether a plugin puts the dependencies into the archive."""
        return any(name in self.plugins for name in _FAT)


def read_pom(context: BuildContext, path: str = "pom.xml") -> MavenProject | None:
    """Read a pom.xml; None where there is none. Profiles are not followed, parents not fetched."""
    if not is_there(context, path):
        return None
    root, problem = load_xml(context.text(path, LIMIT), "project")
    if root is None:
        return MavenProject(path, problem)
    parent = child(root, "parent")
    properties = {e.tag.rpartition("}")[2]: (e.text or "").strip() for e in children(root, "properties", "*")}
    group = text_at(root, "groupId") or text_at(parent, "groupId")
    version = text_at(root, "version") or text_at(parent, "version")
    known = {
        **properties,
        **{f"{head}{key}": value for head in ("project.", "pom.", "") for key, value in
           (("artifactId", text_at(root, "artifactId")), ("version", version), ("groupId", group)) if value},
    }  # fmt: skip
    packaging = text_at(root, "packaging") or "jar"
    artifact, version = text_at(root, "artifactId"), _fill(version, known)
    final = _fill(text_at(child(root, "build"), "finalName") or "${artifactId}-${version}", known)
    relative = child(parent, "relativePath") if parent is not None else None
    return MavenProject(
        path,
        "",
        _fill(group, known),
        artifact,
        version,
        packaging,
        f"{final}.{packaging}" if "${" not in final and packaging in ("jar", "war", "ear") else "",
        _java(properties, root, known),
        ":".join(text_at(parent, key) for key in ("groupId", "artifactId", "version")) if parent is not None else "",
        ((relative.text or "") if relative is not None else "../pom.xml") if parent is not None else "",
        tuple((m.text or "").strip() for m in children(root, "modules", "module")),
        tuple(text_at(p, "artifactId") for p in children(root, "build", "plugins", "plugin")),
        tuple(
            f"{text_at(d, 'groupId')}:{text_at(d, 'artifactId')}" for d in children(root, "dependencies", "dependency")
        ),
        properties,
    )


def _fill(text: str, known: Mapping[str, str]) -> str:
    for _ in range(5):
        text = _VARIABLE.sub(lambda m: known.get(m.group(1), m.group()), text)
    return text


def _java(properties: Mapping[str, str], root: Element, known: Mapping[str, str]) -> str:
    for key in ("java.version", "maven.compiler.release", "maven.compiler.target", "maven.compiler.source"):
        if key in properties:
            return _release(_fill(properties[key], known))
    for plugin in children(root, "build", "plugins", "plugin"):
        if text_at(plugin, "artifactId") == "maven-compiler-plugin":
            settings = child(plugin, "configuration")
            found = text_at(settings, "release") or text_at(settings, "target") or text_at(settings, "source")
            return _release(_fill(found, known))
    return ""


def _release(text: str) -> str:
    """Return 8 for 1.8."""
    return text.removeprefix("1.") if re.match(r"1\.\d\Z", text) else text
