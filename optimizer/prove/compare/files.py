"""The application's files in two images: what came, what is gone, what changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from optimizer.prove.compare.causes import BASE, CACHES, FILES, OWNERS, PACKAGES, Causes
from optimizer.prove.compare.sides import GENERATED, Side, dependency_of
from optimizer.prove.compare.types import Finding, Severity
from optimizer.prove.image import FileEntry

_CACHE = re.compile(
    r"(var/lib/apt/lists|var/cache|var/tmp|tmp)/.*|(.*/)?(\.cache|\.npm|\.yarn|\.pnpm-store|\.composer|\.cargo/registry"
    r"|\.m2|\.gradle|\.bundle/cache|\.node-gyp|\.config/(composer|yarn)|go/pkg/mod/cache|pkgs/cache)(/.*)?"
)
# What two builds of one Dockerfile write differently: lists of installed files, times, build numbers.
_VARIES = re.compile(
    r".*\.(dist-info|egg-info)/(RECORD|direct_url\.json)|(.*/)?(node_modules/\.package-lock\.json)|.*\.(log|pid)"
)
_BROUGHT = "what the base image or a package brings"
_SHOWN = 3


@dataclass
class _Group:
    """Paths with one story, told as one finding."""

    severity: Severity
    what: str
    explained: str
    paths: list[str] = field(default_factory=list)
    size: int = 0


def compare_files(before: Side, after: Side, causes: Causes) -> Iterator[Finding]:
    """Yield what happened to the application's files; whole folders and packages are told as one."""
    groups: dict[tuple[str, str, str], _Group] = {}
    old, new = before.reading.tree, after.reading.tree
    for path in sorted(old.keys() | new.keys()):
        story = _story(before, after, old.get(path), new.get(path), causes)
        if story is None:
            continue
        severity, what, explained = story
        place = "" if what.startswith(_BROUGHT) else _place(path, old, new)
        key = (place, what, explained)
        group = groups.setdefault(key, _Group(severity, what, explained))
        group.paths.append(path)
        entry = old.get(path) or new[path]
        group.size += entry.size if entry.kind == "file" else 0
    for (place, _, _), group in groups.items():
        yield _finding(place, group)


def _finding(place: str, group: _Group) -> Finding:
    if len(group.paths) == 1:
        return Finding("file", group.severity, group.what, f"/{group.paths[0]}", group.explained)
    some = ", ".join(f"/{path}" for path in group.paths[:_SHOWN])
    more = "" if len(group.paths) <= _SHOWN else ", ..."
    what = f"{group.what}: {len(group.paths)} paths, {group.size} bytes ({some}{more})"
    return Finding("file", group.severity, what, f"/{place}", group.explained)


def _place(path: str, old: dict[str, FileEntry], new: dict[str, FileEntry]) -> str:
    """Return the highest folder that only one side has, or the file's own folder."""
    parts = path.split("/")
    for count in range(1, len(parts)):
        above = "/".join(parts[:count])
        if (above in old) != (above in new):
            return above
    dependency = dependency_of(path)
    if dependency:
        return path[: path.index(dependency) + len(dependency)]
    return path.rpartition("/")[0] or path


def _story(
    before: Side, after: Side, old: FileEntry | None, new: FileEntry | None, causes: Causes
) -> tuple[Severity, str, str] | None:
    """Return how severe a difference is, what it is, and what explains it; None where there is nothing to tell."""
    entry = old or new
    if entry is None:
        return None
    side = before if old else after
    path = entry.path
    if _CACHE.fullmatch(path):
        return _cache_story(old, new, causes)
    if _is_generated(entry) or (before.is_package(path) and (new is None or after.is_package(path))):
        return _capabilities_story(old, new, causes)
    if entry.kind == "folder" and (old is None or new is None):
        # What is in it tells.
        return None if path in side.parents else _gone_or_new(before, after, old, new, causes)
    if old is None or new is None:
        return _gone_or_new(before, after, old, new, causes)
    return _changed(before, after, old, new, causes)


def _is_generated(entry: FileEntry) -> bool:
    """Tell whether a path is what package managers make on the way: state, caches, links to alternatives."""
    return bool(GENERATED.fullmatch(entry.path)) or entry.target.startswith("/etc/alternatives/")


def _cache_story(old: FileEntry | None, new: FileEntry | None, causes: Causes) -> tuple[Severity, str, str] | None:
    if (old is None) == (new is None) or (old or new).kind == "folder":  # type: ignore[union-attr]
        return None
    explained = causes.of_phase(CACHES)
    return "noted", "a cache or temporary file is gone" if new is None else "a cache or temporary file came", explained


def _capabilities_story(
    old: FileEntry | None, new: FileEntry | None, causes: Causes
) -> tuple[Severity, str, str] | None:
    if old and new and old.capabilities and new.has_content and not new.capabilities:
        return "broken", "its capabilities (setcap) are gone", causes.of_phase(OWNERS)
    return None


def _gone_or_new(
    before: Side, after: Side, old: FileEntry | None, new: FileEntry | None, causes: Causes
) -> tuple[Severity, str, str]:
    entry, side = (old, before) if old is not None else (new, after)
    assert entry is not None
    verb = "is gone" if new is None else "is new"
    if side.is_base(entry) or side.is_package(entry.path):
        return "noted", f"{_BROUGHT} {verb}", causes.of_phase(PACKAGES)
    dependency = dependency_of(entry.path)
    if dependency:
        return "differs", f"a file of the dependency {dependency} {verb}", causes.of_phase(PACKAGES)
    if new is None:
        return "differs", "a file is gone", causes.of_file()
    return "noted", "a file is new", causes.of_phase(FILES | BASE)


def _changed(
    before: Side, after: Side, old: FileEntry, new: FileEntry, causes: Causes
) -> tuple[Severity, str, str] | None:
    if old.capabilities and not new.capabilities and new.has_content:
        return _capabilities_story(old, new, causes)
    base = before.is_base(old) and after.is_base(new)
    kinds = (_kind(old), _kind(new))
    if kinds[0] != kinds[1]:
        what, explained = f"was a {kinds[0]}, is a {kinds[1]}", causes.of_phase(BASE)
    elif old.kind == "link" and old.target != new.target:
        what, explained = f"pointed to {old.target}, points to {new.target}", causes.of_phase(BASE)
    elif old.digest != new.digest:
        if _VARIES.fullmatch(old.path):
            return "noted", "its content differs, as between any two builds", ""
        what = "its content differs"
        # Programs that are compiled in the build come out differently on another base.
        explained = causes.of_phase(PACKAGES if dependency_of(old.path) or old.path in before.reading.elf else BASE)
    elif (old.uid, old.gid) != (new.uid, new.gid):
        what, explained = f"belonged to {old.uid}:{old.gid}, belongs to {new.uid}:{new.gid}", causes.of_phase(OWNERS)
    elif old.mode != new.mode and old.kind != "link":
        what, explained = f"had the mode {old.mode:o}, has {new.mode:o}", causes.of_phase(OWNERS)
    else:
        return None
    return ("noted", f"{_BROUGHT} differs", causes.of_phase(PACKAGES)) if base else ("differs", what, explained)


def _kind(entry: FileEntry) -> str:
    return "file" if entry.kind == "hardlink" else entry.kind


def compare_links(before: Side, after: Side, causes: Causes) -> Iterator[Finding]:
    """Yield the application's links that lead nowhere and did not before."""
    for path, entry in after.reading.tree.items():
        if entry.kind != "link" or not after.is_own(entry) or after.entry(path) is not None:
            continue
        old = before.reading.tree.get(path)
        if old is not None and before.entry(path) is None:
            continue
        if entry.target.startswith(("/proc/", "/dev/", "/run/", "/sys/")):
            continue  # there only while the container runs
        yield Finding(
            "file", "broken", f"points to {entry.target}, which is not there", f"/{path}", causes.of_phase(PACKAGES)
        )


def compare_packages(before: Side, after: Side, causes: Causes) -> Iterator[Finding]:
    """Yield the packages that are gone, came, or have another version."""
    explained = causes.of_phase(PACKAGES)
    olds, news = dict(before.reading.packages.by_manager), dict(after.reading.packages.by_manager)
    for manager, old in olds.items():
        new = news[manager]
        gone, came = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
        other = sorted(name for name in old.keys() & new.keys() if old[name] != new[name])
        severity: Severity = "differs" if manager in ("python", "node") else "noted"
        if gone:
            yield Finding("package", severity, f"packages gone ({len(gone)}): {_listed(gone)}", manager, explained)
        if came:
            yield Finding("package", "noted", f"new packages ({len(came)}): {_listed(came)}", manager, explained)
        if other:
            versions = [f"{name} {old[name]} -> {new[name]}" for name in other]
            what = f"packages of another version ({len(other)}): {_listed(versions)}"
            yield Finding("package", severity, what, manager, explained)
    for place in after.reading.packages.unread:
        yield Finding("package", "noted", f"the package database was not read: {place}", "rpm")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
