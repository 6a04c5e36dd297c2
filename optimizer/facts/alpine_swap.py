"""Whether a stage can stand on Alpine: another C library, BusyBox for GNU's tools, apk for apt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from optimizer.catalog.alpine import alpine_names
from optimizer.catalog.busybox import ALPINE_COMMANDS
from optimizer.catalog.busybox_options import unsupported
from optimizer.catalog.configs import config_of
from optimizer.catalog.distros import distro_of, read_distro
from optimizer.catalog.missing import Lost, lost
from optimizer.catalog.packages import commands_of, packages_of
from optimizer.catalog.tags import Tag
from optimizer.facts.addable import COMPILERS, PROVIDERS
from optimizer.facts.apk import SERVICES, Refusal, groups_by_number, translated
from optimizer.facts.bases import Base, resolve
from optimizer.facts.document import Document
from optimizer.facts.later import family
from optimizer.facts.live import settled
from optimizer.facts.needs import Needs
from optimizer.facts.programs import BUILTINS
from optimizer.facts.runs import Call
from optimizer.facts.stages import Stage, source_stages
from optimizer.facts.users import made_users
from optimizer.facts.uses import Use
from optimizer.facts.verdicts import Hold, Verdict, listed, refused
from optimizer.facts.wishes import LOCALE, TIMEZONE
from optimizer.syntax import Instruction
from optimizer.syntax.patterns import pattern

_TRANSLATED = frozenset({"apt-get", "apt", "useradd", "groupadd", "adduser", "addgroup"})
# Commands that an image brings itself, where the catalog does not know all that is in it.
_OWN = {
    "eclipse-temurin": r"java|keytool|rmiregistry|jfr|jrunscript",
    "composer": r"composer|php\S*",
    "haproxy": r"haproxy",
    "memcached": r"memcached",
    "rabbitmq": r"rabbitmq\S*",
}
# They keep data whose order the C library decides: indexes of today would be wrong on musl.
_DATABASES = frozenset({"postgres", "mysql", "mariadb", "mongo", "couchdb", "cassandra", "neo4j", "influxdb"})
_DEBIAN_PLACES = pattern(
    r"/usr/lib/(x86_64|aarch64)-linux-gnu|/etc/apt\b|/etc/debian_version|/var/lib/dpkg|/etc/default/|/etc/init\.d|"
    r"/etc/apache2|sites-(enabled|available)|/etc/php/|\bupdate-alternatives\b|\bdpkg\b|\ba2en\w+|\bdebconf|"
    r"\bdeb\.nodesource|\bdeb\.debian\.org|sources\.list|\bsystemctl\b|\bservice\s+[a-z]+\s+(re)?start|\bldconfig\b"
)
_PROGRAM_URL = pattern(
    r"https?://\S*(linux|amd64|x86_64|x86-64|arm64|aarch64|\.deb\b|\.rpm\b|\.run\b|AppImage)", re.IGNORECASE
)
_DATA = pattern(
    r".*\.(html?|css|js|json|ya?ml|txt|conf|cfg|ini|xml|jar|war|ear|pem|crt|key|svg|ico|md|sql|php|py|rb|sh)"
    r"\Z|(.*/)?(dist|build|public|static|html|www|out|_site|site|docs?|assets|htdocs)(/\S*)?/?\Z"
)
_SYSTEM_USERS = frozenset(
    "root bin daemon lp sync shutdown halt mail news uucp cron ftp sshd games ntp guest nobody nogroup wheel "
    "users".split()
)
_SCRIPT = pattern(r".*\.(sh|bash) was not read\Z|a (CMD|ENTRYPOINT|HEALTHCHECK) that was not understood")
MUSL = "musl resolves names, sorts and sizes threads otherwise than glibc does"


def alpine_swap(doc: Document, stage: Stage, source: Tag, target: Tag, needs: Needs) -> Verdict:
    """Judge a swap to Alpine. No build has been run for it: what the files show is all that is known."""
    stages = list(family(stage))
    needs = replace(needs, python=tuple(settled(doc, source, d) for d in needs.python))
    system = distro_of(source)
    release = system.release if system is not None else ""
    problem = (
        _of_image(source)
        or _of_files(doc, stages)
        or _of_dependencies(needs)
        or _of_scripts(doc, stages)
        or _of_users(doc, stage, source, target, needs)
    )
    if problem:
        return refused(problem)
    gone = lost(source, target)
    install: dict[str, Use | None] = {}
    for use in needs.uses:
        if (
            use.command in COMPILERS
            and use.command not in ALPINE_COMMANDS
            and not _is_installed(use.command, needs, release)
        ):
            return refused(f"{use.caller} calls {use.command}: what it needs on Alpine is not known")
        package = _package_for(use, needs, source, release, gone)
        if package is None:
            return refused(f"{use.caller} calls {use.command}, which Alpine's base does not have")
        if package:
            install.setdefault(package, use)
        elif use.command in ALPINE_COMMANDS - _TRANSLATED and not _is_installed(use.command, needs, release):
            option = unsupported(use.command, use.words)
            if option:
                return refused(f"{use.caller} calls {use.command} {option}, which BusyBox does not know")
    if TIMEZONE in needs.wishes:
        install.setdefault("tzdata", None)
    users = sorted(_differing(needs, source, target))
    evidence = [f"{listed(users)} has another number on Alpine"] if users else []
    evidence += [MUSL, "not proven by a build"]
    because = tuple(u for u in install.values() if u is not None)
    return Verdict(Hold.ASSUMED, needs.unread, tuple(evidence), tuple(sorted(install)), because)


def _of_image(source: Tag) -> str:
    if source.image in _DATABASES:
        return f"the indexes of data that {source.image} keeps depend on the C library's sorting"
    system = distro_of(source)
    if system is None or system.libc != "glibc":
        return f"what {source} stands on is not known"
    return ""


def _of_files(doc: Document, stages: list[Stage]) -> str:
    """Return what of the copied and downloaded files needs glibc, "" where nothing is known to."""
    for stage in stages:
        for member in stage.members:
            if member.keyword == "ONBUILD":
                return "an ONBUILD runs in somebody else's build"
            if member.keyword in ("COPY", "ADD"):
                problem = _of_copy(doc, member)
                if problem:
                    return problem
    return ""


def _of_copy(doc: Document, instruction: Instruction) -> str:
    if instruction.keyword == "ADD" and "://" in instruction.args:
        found = _PROGRAM_URL.search(instruction.args)
        return f"ADD downloads a program: {found.group()}" if found else ""
    words = list(instruction.json or instruction.args.split())
    origins = source_stages(instruction)
    if origins:
        if _is_musl(doc, origins[0]) or all(_DATA.match(w) for w in words[:-1]) or _is_static(doc, origins[0]):
            return ""
        return f"COPY --from={origins[0]} may bring programs that need glibc"
    for word in words[:-1]:
        head = doc.context.text(word.lstrip("./") or ".") if doc.context is not None else None
        if head is not None and head.startswith("\x7fELF"):
            return f"{word} is a program that was built for glibc"
    return ""


def _stage_named(doc: Document, name: str) -> Stage | None:
    for stage in doc.stages:
        if name == str(stage.index) or (stage.name and stage.name.lower() == name.lower()):
            return stage
    return None


def _is_musl(doc: Document, name: str) -> bool:
    stage = _stage_named(doc, name)
    image = resolve(doc, stage.root_image) if stage is not None else None
    system = read_distro(image.tag.distro) if isinstance(image, Base) else None
    return system is not None and system.libc == "musl"


def _is_static(doc: Document, name: str) -> bool:
    """Tell whether a stage builds Go programs without cgo."""
    stage = _stage_named(doc, name)
    if stage is None or stage.root_image.repository.rpartition("/")[2] != "golang":
        return False
    if stage.last.env.get("CGO_ENABLED") == "0":
        return True
    builds = [run for run in doc.runs_of(stage) if any(c.is_("go", "build", "install") for c in run.calls)]
    return bool(builds) and all("CGO_ENABLED=0" in run.script.text for run in builds)


def _of_dependencies(needs: Needs) -> str:
    for dependency in needs.python:
        if dependency.musl not in ("wheel", "pure"):
            what = "must be compiled on musl" if dependency.musl == "sdist" else "is not known to have a wheel for musl"
            return f"{dependency.name} {what}"
    for dependency in (*needs.node, *needs.ruby):
        if dependency.musl not in ("pure", "prebuilt"):
            return f"{dependency.name} may have to be compiled on musl"
    if LOCALE in needs.wishes:
        return "musl has no other locale than C.UTF-8"
    if needs.unlisted:
        return f"what is installed is not all known: {needs.unlisted[0]}"
    # A script for Debian calls what BusyBox has not, more often than not.
    return next((reason for reason in needs.unread if _SCRIPT.match(reason)), "")


def _of_scripts(doc: Document, stages: list[Stage]) -> str:
    runs = [run for stage in stages for run in doc.runs_of(stage)]
    groups = groups_by_number([w.raw for w in c.words] for run in runs for c in run.calls)
    for instruction in (
        i for s in stages for i in s.members if i.keyword in ("RUN", "CMD", "ENTRYPOINT", "ENV", "COPY")
    ):
        text = instruction.folded.text + "".join(h.body.of(doc.text) for h in instruction.heredocs)
        place = _DEBIAN_PLACES.search(re.sub(r"rm -rf? [^;&|]*", "", text))
        if place:
            return f"{instruction.keyword} speaks of {place.group()}, which Alpine has otherwise or not at all"
        program = _PROGRAM_URL.search(text) if instruction.keyword == "RUN" else None
        if program:
            return f"RUN downloads a program that may need glibc: {program.group()}"
    for run in runs:
        if run.script.opaque:
            return f"a RUN was not understood: {run.script.opaque}"
        for call in run.calls:
            said = translated(raw_words(call), groups)
            if isinstance(said, Refusal):
                return f"{said.reason} (line {doc.source.position(run.instruction.start)[0]})"
            if said is not None and (call.command.where or call.shell.wrappers or call.command.redirects):
                return f"{call.program} stands inside another construct of the shell"
    return ""


def raw_words(call: Call) -> list[str]:
    """Return the words of a call as they are written, its assignments in front."""
    return [w.raw for w in (*call.command.assignments, *call.command.words)]


def _of_users(doc: Document, stage: Stage, source: Tag, target: Tag, needs: Needs) -> str:
    made = {name for s in family(stage) for name in made_users(doc, s)}
    config = config_of(target)
    there = _SYSTEM_USERS | made | set(config.users if config is not None else ())
    missing = sorted(needs.users - there)
    return f"{target} has no user or group {missing[0]}" if missing else ""


def _differing(needs: Needs, source: Tag, target: Tag) -> Iterator[str]:
    old, new = config_of(source), config_of(target)
    if old is not None and new is not None:
        for name in needs.users:
            if name in old.users and name in new.users and old.users[name] != new.users[name]:
                yield name


def _is_installed(command: str, needs: Needs, release: str) -> bool:
    return any(command in commands_of(p, release) for p in needs.packages("apt"))


def _package_for(use: Use, needs: Needs, source: Tag, release: str, gone: Lost | None) -> str | None:
    """Return the Alpine package that a command needs, "" for none, None where it can't be had."""
    name = use.command
    if name in BUILTINS or name in ALPINE_COMMANDS or name in _TRANSLATED or name.endswith(".sh"):
        return ""
    if gone is not None and name not in gone.commands and gone.commands:
        # The image brings it, on Alpine too; or a language's package does, or it was copied.
        return ""
    if gone is None and re.fullmatch(_OWN.get(source.image, "(?!)"), name):
        return ""
    if _is_installed(name, needs, release) or name in {d.name for d in needs.dependencies}:
        return ""
    if name == "bash":
        return "bash"
    packages = packages_of(name, release)
    if not packages:
        # No program of Debian's: it was copied, or came with the image or a language's package.
        return ""
    provider = PROVIDERS.get(name, packages[0])
    found = alpine_names(provider)
    if found is None or found.level not in ("A", "B") or len(found.names) != 1 or SERVICES.match(provider):
        return None
    return found.names[0]
