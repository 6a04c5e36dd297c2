"""Debian's package names and what the same thing is called on Alpine, with the level of evidence for each.

A: the name stands in a Dockerfile of docker-library on a current Alpine, or on a page of Alpine's package browser.
B: a mapping that its project tests by installing says so. C: neither; not enough to rewrite anything.
"""

from __future__ import annotations

from pathlib import Path

from optimizer.catalog.build.write import read_json

_TESTED = frozenset({"opam", "php-ext", "rsr"})
# Parts of every Debian system, or helpers of apt alone: nothing is to be installed in their place.
_NOTHING = "apt apt-transport-https apt-utils base-files debconf debconf-utils debianutils dpkg libc-bin libc6"
# Same thing, other name, where the tables speak only of one of Debian's names for it.
_ALIASES = {
    "gnupg2": "gnupg",
    "gpg": "gnupg",
    "git-core": "git",
    "iputils-ping": "iputils-ping",
    "netcat-openbsd": "netcat",
    "bind9-dnsutils": "dnsutils",
    "bind9-host": "dnsutils",
    "pkgconf": "pkg-config",
    "libssl3": "libssl3t64",
    "libpq-dev": "libpq-dev",
    "libjpeg62-turbo-dev": "libjpeg-dev",
    "libfreetype-dev": "libfreetype6-dev",
    "libldap-dev": "libldap2-dev",
    "libncurses5-dev": "libncurses-dev",
    "libncursesw5-dev": "libncurses-dev",
    "zlib1g-dev": "zlib1g-dev",
    "libmagic1t64": "libmagic1",
    "libglib2.0-0t64": "libglib2.0-0",
    "libgdbm-compat-dev": "libgdbm-dev",
    "libmariadb-dev-compat": "libmariadb-dev",
}
# Seen on Alpine's package pages of 3.23 and 3.24, or as the origin of a package there; read in November 2026.
_PAGES = {
    "file": "file",
    "gawk": "gawk",
    "libxml2": "libxml2",
    "libxrender1": "libxrender",
    "nano": "nano",
    "net-tools": "net-tools",
    "python3-pip": "py3-pip",
    "sudo": "sudo",
    "vim": "vim",
}
# Programs that go by the same name on both systems.
_SAME_NAME = frozenset(
    "bash binutils bison bzip2 cargo cmake coreutils curl ffmpeg findutils flex git git-lfs imagemagick less make "
    "mercurial openssl patch patchutils pax-utils perl procps python3 rsync ruby socat subversion supervisor tar "
    "tzdata zstd".split()
)


def alpine_rows(facts: Path) -> list[tuple[str, str, str]]:
    """Return Debian's name, Alpine's names joined by blanks, and the level."""
    found: dict[str, tuple[tuple[str, ...], str]] = dict.fromkeys(_NOTHING.split(), ((), "A"))
    found |= {name: _merged(targets) for name, targets in read_json(facts / "apt-to-apk.json").items()}
    for row in read_json(facts / "apk-sample.json")["rows"]:
        if row["level"] in ("A", "B", "C"):
            found[row["apt"]] = (tuple(row["apk"]), row["level"])
        elif row["apt"] not in _NOTHING.split():
            found.pop(row["apt"], None)
    for name, known in _ALIASES.items():
        if known in found:
            found[name] = found[known]
    seen = set(read_json(facts / "apk-seen.json")["names"])
    for name in seen & _SAME_NAME:
        found.setdefault(name, ((name,), "A"))
    # A mapping may be weak where the name itself is beyond doubt.
    found |= {name: (names, "A") for name, (names, _) in found.items() if names and _is_sure(name, names, seen)}
    found |= {name: ((target,), "A") for name, target in _PAGES.items()}
    return [(name, " ".join(names), level) for name, (names, level) in found.items()]


def _is_sure(name: str, names: tuple[str, ...], seen: set[str]) -> bool:
    return seen.issuperset(names) and (name in names or name in ("build-essential", "libc6-dev"))


def _merged(targets: dict[str, list[str]]) -> tuple[tuple[str, ...], str]:
    """Choose among the names that the sources give: the one that most tested sources name, else none is sure."""
    votes = sorted(
        ((len(_TESTED & set(sources)), len(sources), name) for name, sources in targets.items()), reverse=True
    )
    best = votes[0]
    tie = len(votes) > 1 and votes[1][0] == best[0]
    return (best[2],), "B" if best[0] and not tie else "C"
