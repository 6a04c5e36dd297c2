"""Commands of Debian said in Alpine's words: apt-get to apk, useradd and adduser to BusyBox's.

Sources: apt-get(8), useradd(8), groupadd(8) and adduser(8) of Debian; `adduser --help` and `addgroup --help`
of BusyBox; docs.alpinelinux.org, "Working with apk".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from optimizer.catalog.alpine import alpine_names
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell.script import static_value

Words = tuple[str, ...]
_QUIET = frozenset(
    "-y --yes --assume-yes -q -qq --quiet --no-install-recommends --no-install-suggests --fix-missing "
    "-yq -yqq -qy -qqy --allow-downgrades --force-yes".split()
)
_DROPPED = frozenset({"update", "clean", "autoclean", "autoremove", "dist-clean", "distclean"})
_LISTS = pattern(r"[\"']?/var/(lib/apt/lists|cache/apt|lib/apt|cache/debconf)(/\S*)?[\"']?\Z")
_FRONTEND = pattern(r"(DEBIAN_FRONTEND|DEBCONF_NONINTERACTIVE_SEEN|APT_LISTCHANGES_FRONTEND|LC_ALL|TERM)=\S*\Z")
_NAME = pattern(r"[a-z_][\w-]*\Z")
_EXACT = pattern(r".*[=/].*")
# Debian's packages of services have their files, users and start scripts in places of their own.
SERVICES = pattern(
    r"(nginx|apache2|libapache2|mysql|mariadb|postgresql(-\d+)?\Z|redis|supervisor|cron|rsyslog|openssh-server|php|postfix|"
    r"exim|vsftpd|proftpd|bind9|squid|memcached|rabbitmq|mongodb|tomcat|samba|cups|dbus|systemd|snmpd|haproxy|varnish|"
    r"uwsgi|locales|sudo|gunicorn|java|openjdk|default-j|chromium|firefox|texlive|libreoffice|python3?-|ruby-|lib.*-perl)"
)
NOLOGIN = {"/usr/sbin/nologin": "/sbin/nologin"}


class Refusal(NamedTuple):
    """Why a command can't be said on Alpine."""

    reason: str


def translated(words: Sequence[str], groups: Mapping[str, str]) -> tuple[Words, ...] | Refusal | None:
    """Return the commands that do on Alpine what one does on Debian; None where it is left as it is.

    `words` are as written, assignments in front. `groups` are names of groups by their numbers. No commands
    at all mean that there is nothing to do.
    """
    rest = list(words)
    while rest and _FRONTEND.match(rest[0]):
        rest.pop(0)
    values = [static_value(w) for w in rest]
    program = (values[0] or "").rpartition("/")[2] if values else ""
    if program in ("apt-get", "apt"):
        return _apt(rest)
    if program == "rm":
        named = [w for w in rest[1:] if not w.startswith("-")]
        return () if named and all(_LISTS.match(w) for w in named) else None
    if program in ("useradd", "groupadd", "adduser", "addgroup"):
        if any(v is None for v in values):
            return Refusal(f"{program} is called with a variable")
        known = [v or "" for v in values[1:]]
        return {"useradd": _useradd, "groupadd": _groupadd, "adduser": _adduser, "addgroup": _addgroup}[program](
            known, groups
        )
    return None


def _apt(words: Sequence[str]) -> tuple[Words, ...] | Refusal | None:
    plain = [w for w in words[1:] if w not in _QUIET]
    verb = plain[0] if plain else ""
    rest = plain[1:]
    if verb in _DROPPED and all(w.startswith("-") for w in rest):
        return ()
    if verb in ("upgrade", "dist-upgrade", "full-upgrade") and not rest:
        return (("apk", "upgrade", "--no-cache"),)
    if verb != "install":
        return Refusal(f"apt-get {verb} has no counterpart".rstrip())
    names: list[str] = []
    stopped: list[str] = []
    for word in rest:
        value = static_value(word)
        if value is None or word.startswith("-") or not re.match(r"[a-z0-9][a-z0-9.+-]*\Z", value):
            return Refusal(f"{word} is not the plain name of a package")
        found = alpine_names(value)
        if found is None or found.level not in ("A", "B") or SERVICES.match(value):
            stopped.append(value)
        else:
            names += found.names
    if stopped:
        return Refusal(f"no Alpine package is known well enough for {', '.join(stopped)}")
    unique = tuple(dict.fromkeys(names))
    return (("apk", "add", "--no-cache", *unique),) if unique else ()


def _options(
    words: Sequence[str], flags: Mapping[str, str], valued: Mapping[str, str]
) -> tuple[set[str], dict[str, str], list[str]] | Refusal:
    """Take the words of a call apart by tables of known options; each maps to one name."""
    given: set[str] = set()
    values: dict[str, str] = {}
    operands: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        name, eq, value = word.partition("=")
        if word in flags:
            given.add(flags[word])
        elif word in valued and at + 1 < len(words):
            at += 1
            values[valued[word]] = words[at]
        elif eq and name in valued:
            values[valued[name]] = value
        elif re.match(r"-[A-Za-z]{2,}\Z", word) and all(f"-{c}" in flags for c in word[1:-1]):
            # A cluster; its last letter may take the next word.
            given |= {flags[f"-{c}"] for c in word[1:-1]}
            words = [*words[: at + 1], f"-{word[-1]}", *words[at + 1 :]]
        elif word.startswith("-"):
            return Refusal(f"the option {word} has no counterpart in BusyBox")
        else:
            operands.append(word)
        at += 1
    return given, values, operands


_USERADD_FLAGS = {
    "-r": "system", "--system": "system", "-m": "home", "--create-home": "home", "-M": "bare",
    "--no-create-home": "bare", "-l": "", "--no-log-init": "", "-U": "group", "--user-group": "group",
}  # fmt: skip
_USERADD_VALUED = {
    "-u": "uid", "--uid": "uid", "-g": "gid", "--gid": "gid", "-s": "shell", "--shell": "shell", "-d": "dir",
    "--home-dir": "dir", "--home": "dir", "-c": "comment", "--comment": "comment",
}  # fmt: skip


def _useradd(words: Sequence[str], groups: Mapping[str, str]) -> tuple[Words, ...] | Refusal:
    read = _options(words, _USERADD_FLAGS, _USERADD_VALUED)
    if isinstance(read, Refusal):
        return read
    given, values, operands = read
    if len(operands) != 1 or not _NAME.match(operands[0]):
        return Refusal("useradd names no one plain user")
    name = operands[0]
    group = values.get("gid", "")
    group = groups.get(group, group)
    if group.isdigit():
        return Refusal(f"BusyBox wants the name of group {group}")
    system = "system" in given
    commands: list[Words] = []
    if not group and system:
        # BusyBox puts a system user into nogroup.
        group = name
        commands.append(("addgroup", "-S", group))
    out = ["adduser", "-D"]
    out += ["-S"] if system else []
    out += [] if "home" in given else ["-H"]
    out += _values(values, ("uid", "-u"), ("dir", "-h"), ("comment", "-g"))
    # useradd's default is /bin/sh; that of `adduser -S` is nologin.
    shell = values.get("shell", "/bin/sh" if system else "")
    out += ["-s", NOLOGIN.get(shell, shell)] if shell else []
    out += ["-G", group] if group else []
    return (*commands, (*out, name))


def _values(values: Mapping[str, str], *names: tuple[str, str]) -> list[str]:
    out: list[str] = []
    for name, option in names:
        if name in values:
            out += [option, _quoted(values[name])]
    return out


def _quoted(text: str) -> str:
    return text if re.match(r"[\w@%+=:,./-]+\Z", text) else "'" + text.replace("'", "") + "'"


_GROUPADD_FLAGS = {"-r": "system", "--system": "system"}
_GROUPADD_VALUED = {"-g": "gid", "--gid": "gid"}


def _groupadd(words: Sequence[str], groups: Mapping[str, str]) -> tuple[Words, ...] | Refusal:
    return _group(_options(words, _GROUPADD_FLAGS, _GROUPADD_VALUED))


def _addgroup(words: Sequence[str], groups: Mapping[str, str]) -> tuple[Words, ...] | Refusal | None:
    if not any(w.startswith("--") for w in words):
        return None
    flags = {"--system": "system", "--quiet": "", "-q": ""}
    return _group(_options(words, flags, {"--gid": "gid"}))


def _group(read: tuple[set[str], dict[str, str], list[str]] | Refusal) -> tuple[Words, ...] | Refusal:
    if isinstance(read, Refusal):
        return read
    given, values, operands = read
    if len(operands) != 1 or not _NAME.match(operands[0]):
        return Refusal("it names no one plain group")
    system = ["-S"] if "system" in given else []
    return (("addgroup", *system, *_values(values, ("gid", "-g")), operands[0]),)


_ADDUSER_FLAGS = {
    "--system": "system", "--group": "group", "--disabled-password": "", "--disabled-login": "", "--quiet": "",
    "-q": "", "--no-create-home": "bare", "--force-badname": "", "--allow-bad-names": "",
}  # fmt: skip
_ADDUSER_VALUED = {
    "--uid": "uid", "--ingroup": "gid", "--gid": "number", "--shell": "shell", "--home": "dir", "--gecos": "comment",
    "--comment": "comment",
}  # fmt: skip


def _adduser(words: Sequence[str], groups: Mapping[str, str]) -> tuple[Words, ...] | Refusal | None:
    if not any(w.startswith("--") for w in words):
        # BusyBox's own form, or `adduser USER GROUP`, which both know.
        return None
    read = _options(words, _ADDUSER_FLAGS, _ADDUSER_VALUED)
    if isinstance(read, Refusal):
        return read
    given, values, operands = read
    if len(operands) != 1 or not _NAME.match(operands[0]):
        return Refusal("adduser names no one plain user")
    name = operands[0]
    system = "system" in given
    number = values.get("number", "")
    group = values.get("gid", "") or groups.get(number, "")
    if number and not group:
        return Refusal(f"BusyBox wants the name of group {number}")
    commands: list[Words] = []
    if "group" in given:
        group = group or name
        commands.append(("addgroup", *(["-S"] if system else []), group))
    out = ["adduser", "-D"]
    out += ["-S"] if system else []
    out += ["-H"] if "bare" in given else []
    out += _values(values, ("uid", "-u"), ("dir", "-h"))
    if values.get("comment"):
        out += ["-g", _quoted(values["comment"])]
    shell = values.get("shell", "")
    out += ["-s", NOLOGIN.get(shell, shell)] if shell else []
    out += ["-G", group] if group else []
    return (*commands, (*out, name))


def groups_by_number(commands: Iterable[Sequence[str]]) -> dict[str, str]:
    """Return the names of the groups that commands make, by the numbers that they give them."""
    found = {}
    for words in commands:
        values = [static_value(w) or "" for w in words]
        if values and values[0].rpartition("/")[2] in ("groupadd", "addgroup"):
            read = _options(values[1:], {**_GROUPADD_FLAGS, "-S": "", "--quiet": ""}, _GROUPADD_VALUED)
            if not isinstance(read, Refusal) and "gid" in read[1] and len(read[2]) == 1:
                found[read[1]["gid"]] = read[2][0]
    return found
