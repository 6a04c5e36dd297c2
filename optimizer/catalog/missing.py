"""What a smaller sibling has not: packages and commands.

Sources: the packages of each image's Dockerfile and of buildpack-deps, with all that they depend on, by a simulation of
apt on bullseye, bookworm and trixie; Debian's Contents for the commands; the tools of the JDK (Temurin 21).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from optimizer.catalog.busybox import ALPINE_COMMANDS
from optimizer.catalog.lineage import SCRATCH, chain
from optimizer.catalog.packages import RELEASES
from optimizer.catalog.store import table
from optimizer.catalog.tags import Tag, find_tag


class Lost(NamedTuple):
    """What is not there any more: packages, commands, and the package that held each command.

    On Alpine none of Debian's packages are there, so `packages` is empty and only the commands count.
    """

    packages: frozenset[str]
    commands: frozenset[str]
    providers: Mapping[str, str]


# What the images bring themselves, outside of any package, in all of their variants.
_OWN = {
    "golang": "go gofmt",
    "httpd": "ab apachectl apxs dbmmanage htcacheclean htdbm htdigest htpasswd httpd httpd-foreground logresolve "
    "rotatelogs",
    "nginx": "nginx",
    "node": "corepack docker-entrypoint.sh node nodejs npm npx yarn yarnpkg",
    "openjdk": "java keytool",
    "perl": "corelist cpan cpanm cpm perl perldoc prove",
    "php": "docker-php-entrypoint docker-php-ext-configure docker-php-ext-enable docker-php-ext-install "
    "docker-php-source pear peardev pecl phar php php-config phpize",
    "pypy": "pip pip3 pypy pypy3 python python3",
    "python": "2to3 idle idle3 pip pip3 pydoc pydoc3 python python-config python3 python3-config",
    "redis": "gosu redis-benchmark redis-check-aof redis-check-rdb redis-cli redis-sentinel redis-server",
    "ruby": "bundle bundler erb gem irb racc rake rbs rdoc ri ruby syntax_suggest typeprof",
    "rust": "cargo cargo-clippy cargo-fmt clippy-driver rustc rustdoc rustfmt rustup",
}
# What the images install on Alpine beyond the bare system.
_ON_ALPINE = {
    "eclipse-temurin": "coreutils gpg openssl",
    "httpd": "perl",
    "nginx": "curl envsubst",
    "php": "curl openssl tar xz",
    "rust": "cc gcc ld as ar",
}
_JDK_ONLY = (
    "jar jarsigner javac javadoc javap jcmd jconsole jdb jdeprscan jdeps jhsdb jimage jinfo jlink jmap jmod "
    "jpackage jps jshell jstack jstat jstatd rmic serialver"
)
_JAVA = frozenset({"adoptopenjdk", "amazoncorretto", "eclipse-temurin", "java", "openjdk", "tomcat"})
# Images that install no packages beyond their parent's, but for the variants that have a part of their own.
_NOTHING_MORE = frozenset({"gcc", "node", "perl", "pypy", "ruby", "rust"})
_LEVELS = ("curl", "scm", "full")


def lost(source: Tag, target: Tag) -> Lost | None:
    """Return what the target has not that the source has; None where that is not known.

    Both are tags of the same image. A command that another package of the target also holds is not lost.
    """
    if source.image != target.image:
        return None
    if _is_jre(target) and not _is_jre(source) and source.image in _JAVA:
        return _jdk(source, target)
    before = _contents(source)
    if before is None:
        return None
    kept = frozenset(_OWN.get(source.image, "").split())
    if target.distro.startswith("alpine:"):
        added = "" if "slim" in target.variant.split("+") else _ON_ALPINE.get(source.image, "")
        kept |= ALPINE_COMMANDS | frozenset(added.split())
        return _difference(before, ({}, kept))
    after = _contents(target)
    return None if after is None else _difference(before, (after[0], frozenset(after[1]) | kept))


def _is_jre(tag: Tag) -> bool:
    return bool({"jre", "headless"} & set(tag.variant.split("+")))


def _jdk(source: Tag, target: Tag) -> Lost:
    before, after = _contents(source), _contents(target)
    tools = dict.fromkeys(_JDK_ONLY.split(), "")
    if before is None or after is None or source.image in ("eclipse-temurin", "tomcat"):
        # Temurin's JDK has binutils for jlink; the rest of the packages is the same.
        packages = {"binutils": None} if source.distro.startswith("ubuntu:") else {}
        return Lost(frozenset(packages), frozenset(tools), tools)
    rest = _difference(before, (after[0], frozenset(after[1])))
    return Lost(rest.packages, rest.commands | frozenset(tools), {**rest.providers, **tools})


_Contents = tuple[dict[str, None], Mapping[str, str]]


def _difference(before: _Contents, after: tuple[dict[str, None], frozenset[str]]) -> Lost:
    packages, commands = before
    gone = {command: package for command, package in commands.items() if command not in after[1]}
    left = frozenset(packages) - frozenset(after[0]) if after[0] else frozenset()
    return Lost(left, frozenset(gone), gone)


def _contents(tag: Tag) -> _Contents | None:
    """Return the Debian packages of an image and its commands with their packages; None where not known."""
    release = tag.distro.partition(":")[2]
    links = chain(tag.image, tag.name)
    if release not in RELEASES or not tag.distro.startswith("debian:") or not links:
        return None
    parts = table(f"parts/{release}")
    packages: dict[str, None] = {}
    commands: dict[str, str] = {}
    for link in reversed(links):
        if link == SCRATCH:
            continue
        part = _part(*link.partition(":")[::2])
        if part is None:
            return None
        row = parts.row(part) if part else None
        if row is not None:
            packages |= dict.fromkeys(row[0].split())
            commands = {**dict(pair.rsplit("=", 1) for pair in row[1].split()), **commands}
    return packages, commands


def _part(image: str, name: str) -> str | None:
    """Return the part that a link of the chain adds: "" for none of its own, None where that is not known."""
    if image == "debian":
        return "base"
    known = find_tag(image, name)
    if known is None:
        return None
    variants = set(known.variant.split("+"))
    if image == "buildpack-deps":
        return f"buildpack-deps {next((level for level in _LEVELS if level in variants), 'full')}"
    word = next((word for word in ("slim", "jre", "apache") if word in variants), "")
    parts = table("parts/trixie")
    for part in (f"{image} {word}", image):
        if parts.row(part):
            return part
    return "" if image in _NOTHING_MORE else None
