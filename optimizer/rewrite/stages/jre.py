"""The JRE that stands for the JDK of a build image."""

from __future__ import annotations

import re

from optimizer.catalog.distros import distro_of
from optimizer.catalog.lineage import chain
from optimizer.catalog.siblings import No, sibling
from optimizer.catalog.tags import Tag, find_tag
from optimizer.rewrite.stages.runtime import Runtime

# Images that hold a JDK.
JDKS = frozenset(
    {"amazoncorretto", "eclipse-temurin", "gradle", "ibm-semeru-runtimes", "maven", "openjdk", "sapmachine"}
)
# What Temurin's images bring beside the JRE, on Ubuntu and Debian. Source: adoptium/containers, 17/jre/ubuntu.
OF_TEMURIN = frozenset({"curl", "wget", "locale-gen", "fc-cache", "fc-list"})
_BUILD_TOOLS = ("maven", "gradle")
_VERSION_IN_TAG = re.compile(r"(?:eclipse-temurin|openjdk|amazoncorretto|ibm-semeru|sapmachine|azulzulu|jdk)-?(\d+)")
_VERSION = re.compile(r"(\d+)(?:[.\-u_]|\Z)")


def java_version(tag: Tag) -> str:
    """Return the release of Java of an image, as in "17"; "" where neither its tag nor its parents say it."""
    if tag.image not in _BUILD_TOOLS:
        found = _VERSION.match(tag.name)
        return found.group(1) if found else ""
    for name in (tag.name, *chain(tag.image, tag.name)[1:]):
        found = _VERSION_IN_TAG.search(name.replace(":", "-"))
        if found:
            return found.group(1)
    return ""


def jre_of(tag: Tag) -> Runtime | str:
    """Return the image with the JRE of the same release of Java, or why there is none.

    It is the image's own sibling where there is one; else Eclipse Temurin's, which is what the images of Maven and
    Gradle mostly stand on, and what replaced openjdk.
    """
    if tag.image not in _BUILD_TOOLS:
        own = sibling(tag, "jre")
        if not isinstance(own, No):
            return _runtime(own)
    version = java_version(tag)
    if not version:
        return f"which release of Java {tag} holds is not known"
    name = f"{version}-jre-alpine" if tag.distro.startswith("alpine") else f"{version}-jre"
    found = find_tag("eclipse-temurin", name)
    if found is None or found.guessed:
        return f"there is no JRE of Java {version}"
    return _runtime(found)


def _runtime(tag: Tag) -> Runtime | str:
    distro = distro_of(tag)
    return Runtime(str(tag), tag, distro) if distro is not None else f"what {tag} stands on is not known"
