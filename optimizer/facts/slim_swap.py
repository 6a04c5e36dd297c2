"""Whether a stage can stand on the slim sibling of its base: the same system, with fewer packages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from optimizer.catalog.called_by import system_packages
from optimizer.catalog.configs import config_of
from optimizer.catalog.distros import distro_of
from optimizer.catalog.missing import Lost, lost
from optimizer.catalog.packages import RELEASES, commands_of, is_available, is_build_only
from optimizer.catalog.recommends import companions
from optimizer.catalog.siblings import sibling
from optimizer.catalog.tags import Tag, find_tag
from optimizer.facts.addable import ADDABLE, BUILDS_WITH, COMPILERS, MAY_BUILD, PROVIDERS, READS_CERTIFICATES
from optimizer.facts.document import Document
from optimizer.facts.later import family
from optimizer.facts.live import settled
from optimizer.facts.needs import Needs
from optimizer.facts.stages import Stage
from optimizer.facts.uses import Dependency, Use
from optimizer.facts.verdicts import Hold, Verdict, listed, refused
from optimizer.facts.wishes import CERTIFICATES, TIMEZONE
from optimizer.syntax.patterns import pattern

_DOCUMENTS = pattern(r"/usr/share/(doc|man|info)\b(?!\S*\s*&&\s*rm)|\bman-db\b")
_REMOVES = pattern(r"\brm\s+(-\w+\s+)*([^;&|]*?)(?=;|&|\||\Z)")
# Their packages are no longer where apt looks for them. Source: archive.debian.org.
ARCHIVED = frozenset({"squeeze", "wheezy", "jessie", "stretch", "buster"})
# Packages that hold data which programs read by themselves.
_DATA = {
    "media-types": "/etc/mime.types",
    "netbase": "/etc/services",
    "shared-mime-info": "shared-mime-info",
    "fonts-dejavu-core": "fonts",
    "tzdata": "time zones",
}
_COMPILER_PACKAGES = frozenset({"gcc", "g++", "build-essential", "clang"})
_OLDER = frozenset({"debian:jessie", "debian:stretch", "debian:buster"})
_SYSTEM_FILES = pattern(r"/usr/(lib|bin|sbin|include|share)/|/lib/|/s?bin/|/etc/ssl")
_EXACT = pattern(r"(?<![\w!<>])(===?|<=?|~=)")
# Their scripts link manual pages to folders that slim images of these releases do not have.
# Source: github.com/debuerreotype/debuerreotype/issues/10
_LINKS_MANUALS = pattern(r"(openjdk-\S*|default-(jre|jdk)\S*|postgresql\S*|ca-certificates-java)\Z")
_WITHOUT_MANUALS = frozenset({"jessie", "stretch", "buster", "bullseye"})


def slim_swap(doc: Document, stage: Stage, source: Tag, target: Tag, needs: Needs) -> Verdict:
    """Judge a swap to an image of the same release that lacks some packages of the other one."""
    gone, near = _lost(source, target)
    system = distro_of(target)
    if gone is None or system is None:
        return refused(f"what {target} lacks is not known")
    release = system.release
    needs = replace(needs, python=tuple(settled(doc, source, d) for d in needs.python))
    own = needs.packages("apt")
    reason = _documents(doc, stage, own, release) or (_copied_out(doc, stage) if gone.packages else "")
    if reason:
        return refused(reason)
    has = set(own) | {c for p in own for c in commands_of(p, release)} | {d.name for d in needs.dependencies}
    missing: dict[str, Use] = {}
    for use in needs.uses:
        if use.command in gone.commands and use.command not in has:
            missing.setdefault(use.command, use)
    compiler = next((u for c, u in missing.items() if c in COMPILERS), None)
    if compiler:
        return refused(f"{compiler.caller} calls {compiler.command}, which with its headers is in {source} only")
    builder = next((u for u in needs.build if BUILDS_WITH.get(u.command) in gone.commands - has), None)
    if builder:
        return refused(f"{builder.command} builds what it installs, and {target} has no {BUILDS_WITH[builder.command]}")
    compiled = [d.name for d in needs.dependencies if d.form in ("sdist", "compiles") and not _compiles(d, own)]
    if compiled:
        return refused(f"{listed(compiled)} must be compiled, and {target} has no compiler")
    headers = sorted(p for p in own if p.endswith("-dev") and is_build_only(p))
    if headers and "gcc" in gone.commands and not own & _COMPILER_PACKAGES:
        return refused(f"{headers[0]} is for compiling, and the compiler is in {source} only")
    if "Gemfile.lock was not read" in needs.unlisted:
        return refused("which gems must be compiled is not known, for Gemfile.lock was not read")
    install, unknown = _providers(missing, gone)
    if unknown:
        return refused(f"{unknown.caller} calls {unknown.command}, which is in {source} only")
    install |= _libraries(needs, gone, own, release)
    install |= _wished(doc, needs, gone, own | install)
    if missing and system.release in ARCHIVED and not needs.installed:
        return refused(f"{listed(sorted(install))} would have to be installed, and {release} is archived")
    config = config_of(target)
    if install and config is not None and config.user:
        return refused(
            f"{listed(sorted(install))} would have to be installed, and {target} leaves its user {config.user}"
        )
    missing_names = [p for p in install if p not in ADDABLE or is_available(p, release) is False]
    if missing_names:
        return refused(f"{listed(missing_names)} would have to be installed, and is not known for {release}")
    reasons = (*near, *_doubts(needs)) if gone.packages else ()
    return Verdict(
        Hold.ASSUMED if reasons else Hold.SHOWN,
        reasons,
        _evidence(needs, target, install, gone),
        tuple(sorted(install)),
        tuple(missing.values()),
        gone.packages - own,
    )


def _lost(source: Tag, target: Tag) -> tuple[Lost | None, tuple[str, ...]]:
    """Return what vanishes; of a release older than the tables what would on the oldest of them, and that it is so."""
    if source.image == "debian":
        # Debian's slim images have all packages, of every release.
        return Lost(frozenset(), frozenset(), {}), ()
    found = lost(source, target)
    if found is None and source.distro in _OLDER:
        older = f"debian:{RELEASES[0]}"
        found = lost(source._replace(distro=older), target._replace(distro=older))
        return found, (f"what {target} lacks is known for {RELEASES[0]} only",)
    newest = find_tag(source.image, "latest") if found is None and source.guessed else None
    small = sibling(newest, "slim") if newest is not None else None
    if newest is not None and isinstance(small, Tag):
        return lost(newest, small), (f"{source} is newer than the catalog, which knows {newest}",)
    return found, ()


def _documents(doc: Document, stage: Stage, own: frozenset[str], release: str) -> str:
    for instruction in (m for s in family(stage) for m in s.members):
        text = _REMOVES.sub("", instruction.folded.text)
        found = _DOCUMENTS.search(text)
        if found and instruction.keyword in ("RUN", "CMD", "ENTRYPOINT", "COPY"):
            return f"{instruction.keyword} speaks of {found.group()}, which slim images do not have"
    if release in _WITHOUT_MANUALS:
        linking = sorted(p for p in own if _LINKS_MANUALS.match(p))
        if linking:
            return f"installing {linking[0]} needs folders of manual pages, which the slim {release} does not have"
    return ""


def _copied_out(doc: Document, stage: Stage) -> str:
    """Return what another stage copies of the system's files from a stage, "" for nothing."""
    names = {str(stage.index), (stage.name or "").lower()}
    for instruction in doc.instructions("COPY"):
        if (instruction.flag("from") or "-").lower() in names:
            found = _SYSTEM_FILES.search(f" {instruction.args}")
            if found:
                return f"another stage copies files of {found.group()} from it"
    return ""


def _compiles(dependency: Dependency, own: frozenset[str]) -> bool:
    """Whether a file installs itself what it takes to compile a dependency."""
    return bool(own & _COMPILER_PACKAGES) and set(dependency.needs) <= own


def _providers(missing: dict[str, Use], gone: Lost) -> tuple[set[str], Use | None]:
    packages: set[str] = set()
    for command, use in missing.items():
        package = PROVIDERS.get(command) or gone.providers.get(command, "")
        if package not in ADDABLE:
            return packages, use
        packages.add(package)
    return packages, None


def _libraries(needs: Needs, gone: Lost, own: frozenset[str], release: str) -> set[str]:
    """Return the system packages that languages' packages use when they run, and that would be gone."""
    found = set()
    for dependency in needs.dependencies:
        for choice in system_packages(dependency.name):
            here = [p for p in choice if p in gone.packages and is_available(p, release) is not False]
            if here and not own.intersection(choice):
                found.add(here[0])
    return found


def _wished(doc: Document, needs: Needs, gone: Lost, present: Iterable[str]) -> set[str]:
    found = set()
    there = set(present)
    if TIMEZONE in needs.wishes and "tzdata" in gone.packages - there:
        found.add("tzdata")
    reads = {u.command for u in needs.uses} & READS_CERTIFICATES
    if "ca-certificates" in gone.packages - there and (
        (CERTIFICATES in needs.wishes and reads) or there & {"curl", "wget", "git"}
    ):
        found.add("ca-certificates")
    for package in there:
        for companion in companions(package):
            wanted = not companion.needed_if or re.search(companion.needed_if, doc.text)
            if companion.package in gone.packages - there and wanted and not there.intersection(companion.unless):
                found.add(companion.package)
    return found & ADDABLE


def _doubts(needs: Needs) -> tuple[str, ...]:
    reasons = list(needs.unread)
    unknown = [d.name for d in needs.dependencies if not d.form]
    if unknown:
        reasons.append(f"whether {listed(unknown)} must be compiled is not known")
    pinned = [
        f"{d.name}{d.version}" for d in needs.python if d.form == "wheel" and not d.asked and _EXACT.search(d.version)
    ]
    if pinned:
        reasons.append(f"whether {listed(pinned)} has a wheel for this Python is not known")
    may = [u.command for u in needs.build if u.command in MAY_BUILD]
    if may:
        reasons.append(f"whether {listed(may)} compiles native code is not known")
    if not needs.started:
        reasons.append("the file does not say what the image runs")
    return tuple(reasons)


def _evidence(needs: Needs, target: Tag, install: set[str], gone: Lost) -> tuple[str, ...]:
    if not gone.packages:
        return (f"{target} has the same packages, without documentation and translations",)
    called = len({u.command for u in needs.uses})
    found = [
        f"none of the {called} commands that it calls is missing"
        if not install
        else f"{listed(sorted(install), 6)} added for what calls it"
    ]
    data = [text for package, text in _DATA.items() if package in gone.packages - install - needs.packages("apt")]
    if data:
        found.append(f"also without {listed(data)}")
    wheels = [d.name for d in needs.python if d.form == "wheel"]
    if wheels:
        found.append(f"{listed(wheels)} {'has a wheel' if len(wheels) == 1 else 'have wheels'}")
    return tuple(found)
