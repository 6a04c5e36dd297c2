"""What distroless-base may change: each part in one normal form for both sides."""

from __future__ import annotations

from optimizer.rewrite.base_claims import references
from optimizer.rewrite.claims import Claim, commands_like, entries_as
from optimizer.rewrite.model import Entry
from optimizer.syntax.patterns import pattern

_KINDS = {"python": "python3", "node": "nodejs", "eclipse-temurin": "java", "openjdk": "java", "amazoncorretto": "java"}
_SYSTEMS = frozenset({"debian", "ubuntu", "alpine", "busybox"})
_DISTROLESS = pattern(r"(?:static|base|cc|python3|nodejs|java)")
_STARTERS = pattern(
    r"(/\S*/)?(node(js)?|python(3(\.13)?)?|java|gunicorn|uvicorn|hypercorn|flask|celery|waitress|daphne)\Z"
)
_NEEDLESS = (
    r"(\S+=\S+ )*(apt-get|apt|apk)( \S+)*|(\S+=\S+ )*(useradd|groupadd|adduser|addgroup|update-ca-certificates)( \S+)*|"
    r"rm( -\S+)*( /var/(lib/apt|cache/ap)\S*)+"
)
_PATH = pattern(r"PYTHONPATH(=.*)?")
_ROOT = frozenset({"root", "0", "None"})


def _reference(name: str, tag: str) -> str:
    last = name.rpartition("/")[2]
    if "distroless/" in name:
        found = _DISTROLESS.match(last)
        kind = found.group() if found else last
        return f"<{'system' if kind in ('static', 'base', 'cc') else kind}>"
    if last in _SYSTEMS:
        return "<system>"
    return f"<{_KINDS[last]}>" if last in _KINDS else f"{name}:{tag}"


def _start(entry: Entry) -> Entry:
    """Leave out what starts a program, for the image's own ENTRYPOINT does."""
    words = entry.words
    if words[:1] != ("exec",):
        return entry
    rest = list(words[1:])
    while rest and (_STARTERS.match(rest[0]) or rest[0] in ("-m", "-jar")):
        rest.pop(0)
    return entry._replace(words=("exec", *rest))


def _user(name: str) -> str:
    return name if name in _ROOT else ":".join("nonroot" for _ in name.split(":"))


def _users(entry: Entry) -> Entry:
    if entry.kind == "USER":
        return entry._replace(words=tuple(_user(w) for w in entry.words))
    if entry.kind == "STAGE":
        kept = [w for w in entry.words[2:] if not _PATH.fullmatch(w)]
        return entry._replace(words=(entry.words[0], _user(entry.words[1]), *kept))
    flags = (f"--chown={_user(w[8:])}" if w.startswith("--chown=") else w for w in entry.words)
    return entry._replace(words=tuple(flags))


def _without_reset(model: list[Entry]) -> list[Entry]:
    """Leave out an ENTRYPOINT without words, and PYTHONPATH."""
    return [
        e
        for e in model
        if not (e.kind == "ENTRYPOINT" and e.words == ("exec",))
        and not (e.kind == "ENV" and e.words and _PATH.fullmatch(e.words[0]))
    ]


CLAIMS: tuple[Claim, ...] = (
    *references(_reference, own=False),
    entries_as(["CMD", "ENTRYPOINT"], _start),
    entries_as(["USER", "STAGE", "COPY", "ADD"], _users),
    _without_reset,
    commands_like(_NEEDLESS),
)
