"""Which release a requirement means, and which systems its wheels are for."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from optimizer.catalog.live import Requirement, Wheels
from optimizer.online.files import File

# The machine at the end of a wheel's platform, and its name among images.
_MACHINES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm/v7",
    "armv6l": "arm/v6",
    "i686": "386",
    "ppc64le": "ppc64le",
    "s390x": "s390x",
    "riscv64": "riscv64",
}


class NoProject(Exception):
    """No release that can be judged; the text is the reason."""


def project_of(requirement: str) -> str:
    """Return the normalized name of the project in a requirement, "" where it is none or names a URL."""
    try:
        parsed = Parsed(requirement)
    except InvalidRequirement:
        return ""
    return "" if parsed.url else canonicalize_name(parsed.name)


def wheels_in(files: Iterable[File], requirement: Requirement, now: str, source: str) -> Wheels:
    """Return what the newest release that fits has; raises NoProject where none does."""
    python = _python(requirement.python)
    specifier = Parsed(requirement.project).specifier
    # As pip does: who names one release gets it even where it was withdrawn.
    pinned = any(part.operator in ("==", "===") and "*" not in part.version for part in specifier)
    by_version: dict[Version, list[File]] = {}
    for file in files:
        version = _version(file.name)
        if version is not None and (pinned or not file.yanked) and _is_for(file, requirement.python):
            by_version.setdefault(version, []).append(file)
    fitting = list(specifier.filter(by_version))
    if not fitting:
        raise NoProject(f"it has no release of {requirement.project} for Python {requirement.python}")
    version = max(fitting)
    tags = set(_tags(python))
    pure, sdist, systems = False, False, set[tuple[str, str]]()
    for file in by_version[version]:
        if not file.name.endswith(".whl"):
            sdist = True
            continue
        for tag in parse_wheel_filename(file.name)[3]:
            if (tag.interpreter, tag.abi) in tags:
                pure = pure or tag.platform == "any"
                systems.add(_system(tag))
    glibc, musl = (tuple(sorted(a for libc, a in systems if libc == kind)) for kind in ("glibc", "musl"))
    return Wheels(str(version), pure, glibc, musl, sdist, now, source)


def _python(text: str) -> tuple[int, int]:
    try:
        release = Version(text).release
    except InvalidVersion:
        raise NoProject(f"{text!r} is no version of Python") from None
    if len(release) < 2:
        raise NoProject(f"{text!r} names no minor version of Python")
    return release[0], release[1]


def _version(name: str) -> Version | None:
    try:
        return parse_wheel_filename(name)[1] if name.endswith(".whl") else parse_sdist_filename(name)[1]
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None


def _is_for(file: File, python: str) -> bool:
    if python.count(".") == 1:
        # A floating tag stands on the newest patch release.
        python += ".99"
    try:
        return not file.requires or SpecifierSet(file.requires).contains(python, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True


def _tags(python: tuple[int, int]) -> Iterable[tuple[str, str]]:
    name = f"cp{python[0]}{python[1]}"
    yield from ((t.interpreter, t.abi) for t in cpython_tags(python, [name], ["any"]))
    yield from ((t.interpreter, t.abi) for t in compatible_tags(python, name, ["any"]))


def _system(tag: Tag) -> tuple[str, str]:
    """Return the C library and architecture of a wheel's platform, ("", "") for other systems."""
    for start, libc in (("manylinux", "glibc"), ("musllinux", "musl")):
        if tag.platform.startswith(start):
            for machine, architecture in _MACHINES.items():
                if tag.platform.endswith(f"_{machine}"):
                    return libc, architecture
    return "", ""
