"""Which packages a final stage needs for the commands that its program and scripts call."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.catalog.distros import Distro
from optimizer.catalog.packages import packages_of

# The packages of debian:*-slim and ubuntu that hold commands: those marked essential or required, and apt.
# Source: the package lists in docker-library/repo-info, repos/debian/local/bookworm-slim.md, August 2026.
BASE_PACKAGES = frozenset(
    "adduser apt base-files base-passwd bash bsdutils coreutils coreutils-from-uutils dash debianutils diffutils dpkg "
    "e2fsprogs findutils gpgv grep gzip hostname init-system-helpers libc-bin libpam-modules-bin login logsave mawk "
    "mount ncurses-bin passwd perl-base procps-base sed sysvinit-utils tar tzdata util-linux util-linux-extra".split()
)
# What every system has, BusyBox too.
EVERYWHERE = frozenset(
    "sh cat cp mv rm ls mkdir rmdir ln chmod chown chgrp touch echo printf true false test [ sleep date env id whoami "
    "hostname uname head tail sort uniq wc cut tr sed grep egrep awk find xargs tee basename dirname realpath readlink "
    "stat du df mktemp seq yes tar gzip gunzip kill nproc expr mount umount su".split()
)
BUILTINS = frozenset(
    ". : [ alias bg break case cd command continue do done echo eval exec exit export false fg getopts hash if jobs "
    "let local printf pwd read readonly return set shift source test then times trap true type typeset ulimit umask "
    "unset wait declare shopt [[ kill until while for".split()
)


def packages_for(commands: Iterable[str], distro: Distro, installed: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Return the Debian packages that bring the commands which a small base lacks, and the first one nobody brings.

    A package that the file installs by itself goes before all others.
    """
    found: list[str] = []
    own = set(installed)
    for command in commands:
        if command in BUILTINS or command in EVERYWHERE:
            continue
        # The names of packages with commands are mostly the same on Ubuntu.
        release = {"debian": distro.release, "ubuntu": "bookworm"}.get(distro.family, "")
        holders = packages_of(command, release)
        if any(holder in BASE_PACKAGES for holder in holders) or (command == "bash" and distro.family != "alpine"):
            continue
        mine = [h for h in holders if h in own]
        alone = list(holders) if len(holders) == 1 and distro.family == "debian" else []
        named = mine or [h for h in holders if h == command] or alone
        if not named:
            return (), command
        found.append(named[0])
    return tuple(dict.fromkeys(found)), ""
