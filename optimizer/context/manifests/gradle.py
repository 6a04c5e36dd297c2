"""build.gradle, build.gradle.kts and settings.gradle: programs, of which regular forms are read.

Sources: docs.gradle.org, "Writing Settings Files" and "The Java Plugin"; docs.spring.io, Spring Boot's Gradle plugin.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LIMIT, is_there
from optimizer.syntax.patterns import pattern

BUILD = ("build.gradle", "build.gradle.kts")
SETTINGS = ("settings.gradle", "settings.gradle.kts")
_COMMENT = pattern(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = r"""["']([^"'$]+)["']"""
_PLUGIN = pattern(
    rf"""\b(?:id\s*\(?\s*{_STRING}|apply\s*\(?\s*plugin\s*[:=]\s*{_STRING})|^\s*`?(java-library|java|application|war|groovy|scala)`?\s*$|\bkotlin\s*\(\s*{_STRING}""",
    re.MULTILINE,
)


@dataclass(frozen=True)
class GradleProject:
    """A Gradle build.

    `plugins` are their ids ("org.springframework.boot", "application", "kotlin(jvm)"). `name` is the
    project's, from settings.gradle or the folder, "" at the context's root without one. `archive` is
    the file name of the jar or war that the file gives it, `modules` what settings.gradle includes.
    """

    path: str
    unreadable: str = ""
    name: str = ""
    version: str = ""
    plugins: tuple[str, ...] = ()
    archive: str = ""
    main: str = ""
    java: str = ""
    modules: tuple[str, ...] = ()
    wrapper: bool = False

    @property
    def spring_boot(self) -> bool:
        """Whether Spring Boot's plugin makes the archive."""
        return "org.springframework.boot" in self.plugins

    @property
    def shadow(self) -> bool:
        """Whether the shadow plugin puts the dependencies into the archive."""
        return any(p.endswith("shadow") for p in self.plugins)


def read_gradle(context: BuildContext, folder: str = ".") -> GradleProject | None:
    """Read the Gradle build of a folder; None where there is none."""
    path = next((p for name in BUILD if is_there(context, p := posixpath.normpath(posixpath.join(folder, name)))), None)
    if path is None:
        return None
    text = context.text(path, LIMIT)
    if text is None:
        return GradleProject(path, "is too large")
    text = _COMMENT.sub(_kept_string, text)
    settings = _settings(context, folder)
    name = _first(settings, rf"rootProject\.name\s*=\s*{_STRING}")
    return GradleProject(
        path,
        "",
        name or ("" if posixpath.normpath(folder) == "." else posixpath.basename(posixpath.normpath(folder))),
        _first(text, rf"^\s*version\s*=?\s*{_STRING}"),
        tuple(dict.fromkeys(_plugins(text))),
        _archive(text),
        _first(text, rf"(?:mainClass(?:Name)?)\s*(?:=|\.set\s*\()\s*{_STRING}"),
        _java(text),
        tuple(_modules(settings)),
        is_there(context, posixpath.normpath(posixpath.join(folder, "gradlew"))),
    )


def _kept_string(match: re.Match[str]) -> str:
    # `//` of an address is no comment.
    start = match.string[max(match.start() - 6, 0) : match.start()]
    return match.group() if start.endswith(("http:", "https:", "file:")) else " "


def _settings(context: BuildContext, folder: str) -> str:
    for name in SETTINGS:
        text = context.text(posixpath.normpath(posixpath.join(folder, name)), LIMIT)
        if text is not None:
            return _COMMENT.sub(_kept_string, text)
    return ""


def _modules(settings: str) -> Iterator[str]:
    """Yield the folders of what settings.gradle includes, as they are by convention."""
    for line in re.findall(r"^\s*include\s*\(?([^)\n]*)", settings, re.MULTILINE):
        yield from (name.lstrip(":").replace(":", "/") for name in re.findall(_STRING, line))


def _first(text: str, regex: str) -> str:
    match = re.search(regex, text, re.MULTILINE)
    return match.group(1) if match else ""


def _plugins(text: str) -> list[str]:
    found = []
    for match in _PLUGIN.finditer(text):
        by_id, applied, bare, kotlin = match.groups()
        behind = text[match.end() : match.end() + 60].partition("\n")[0]
        if not re.search(r"\bapply\s*\(?\s*false", behind):
            found.append(by_id or applied or bare or f"kotlin({kotlin})")
    return found


def _archive(text: str) -> str:
    """Return the archive's name where bootJar, jar, war or shadowJar set it whole."""
    for task in ("bootJar", "bootWar", "shadowJar", "jar", "war"):
        block = re.search(rf"\b(?:tasks\.)?(?:named[^{{\n]*)?{task}\b[^{{\n]*\{{([^}}]*)\}}", text)
        if block:
            name = _first(block.group(1), rf"archiveFileName\s*(?:=|\.set\s*\()\s*{_STRING}")
            if name:
                return name
    return ""


def _java(text: str) -> str:
    found = _first(text, r"JavaLanguageVersion\.of\s*\(\s*[\"']?(\d+)")
    found = found or _first(
        text, r"(?:source|target)Compatibility\s*=?\s*(?:JavaVersion\.VERSION_)?[\"']?(\d+(?:[._]\d+)?)"
    )
    return re.sub(r"\A1[._]", "", found)
