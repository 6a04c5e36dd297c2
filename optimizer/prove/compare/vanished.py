"""What vanished, and whether anything in the remaining application mentions it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from optimizer.prove.compare.causes import BASE, PACKAGES, Causes
from optimizer.prove.compare.reached import Reached
from optimizer.prove.compare.sides import Side
from optimizer.prove.compare.types import Finding

_CERTIFICATES = ("etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/cert.pem")
_ZONES = "usr/share/zoneinfo/UTC"
_ZONE_USERS = (
    r"\b(zoneinfo|ZoneInfo|pytz|dateutil\.tz|time\.LoadLocation|TimeZone|timezone\(|tzset|date_default_timezone)\b"
)
# Locales that every C library has.
_PLAIN_LOCALE = re.compile(r"(C|POSIX)(\.[Uu][Tt][Ff]-?8)?|")


def compare_vanished(before: Side, after: Side, reached: Reached, causes: Causes) -> Iterator[Finding]:
    """Yield vanished commands, certificates, time zones and locales."""
    yield from _commands(before, after, reached, causes)
    yield from _certificates(before, after, reached, causes)
    yield from _zones(before, after, reached, causes)
    yield from _locale(before, after, causes)


def _commands(before: Side, after: Side, reached: Reached, causes: Causes) -> Iterator[Finding]:
    explained = causes.of_phase(PACKAGES)
    gone = sorted(before.commands.keys() - after.commands.keys())
    silent = []
    for name in gone:
        script = reached.called_by_scripts.get(name, "")
        source = script or reached.quoted.get(name, "")
        if name in reached.names:
            continue  # told as a command that is gone
        if source:
            verb = "calls" if script else "mentions"
            yield Finding("vanished", "differs", f"the command {name} is gone, and /{source} {verb} it", f"/{source}")
        else:
            silent.append(name)
    if silent:
        what = f"commands gone that nothing of the application mentions ({len(silent)}): {', '.join(silent)}"
        yield Finding("vanished", "noted", what, "PATH", explained)


def _certificates(before: Side, after: Side, reached: Reached, causes: Causes) -> Iterator[Finding]:
    if not _has(before, _CERTIFICATES) or _has(after, _CERTIFICATES):
        return
    source = reached.mentions_word(r"https://|wss://")
    what = "the certificates of authorities are gone"
    if source:
        yield Finding("vanished", "differs", f"{what}, and /{source} speaks of https", "/etc/ssl/certs")
    else:
        yield Finding("vanished", "differs", what, "/etc/ssl/certs", causes.of_phase(PACKAGES))


def _zones(before: Side, after: Side, reached: Reached, causes: Causes) -> Iterator[Finding]:
    if not _has(before, (_ZONES,)) or _has(after, (_ZONES,)):
        return
    zone = after.reading.config.env.get("TZ", "")
    source = reached.mentions_word(_ZONE_USERS)
    what = "the time zone data are gone"
    if zone and zone.upper() not in ("UTC", "GMT"):
        yield Finding(
            "vanished", "broken", f"{what}, and TZ is {zone}", "/usr/share/zoneinfo", causes.of_phase(PACKAGES)
        )
    elif source and "tzdata" not in after.reading.packages.python:
        yield Finding("vanished", "differs", f"{what}, and /{source} works with time zones", "/usr/share/zoneinfo")
    else:
        yield Finding("vanished", "noted", what, "/usr/share/zoneinfo", causes.of_phase(PACKAGES))


def _locale(before: Side, after: Side, causes: Causes) -> Iterator[Finding]:
    for variable in ("LC_ALL", "LANG"):
        name = after.reading.config.env.get(variable, "")
        if not _PLAIN_LOCALE.fullmatch(name) and _has_locale(before, name) and not _has_locale(after, name):
            what = f"the locale {name} that {variable} asks for is gone"
            yield Finding("vanished", "broken", what, f"Env.{variable}", causes.of_phase(BASE | PACKAGES))


def _has_locale(side: Side, name: str) -> bool:
    """Tell whether the image has a locale: a folder of its own, or an archive that may hold it."""
    plain = name.replace("UTF-8", "utf8")
    places = [f"{top}/{n}" for top in ("usr/lib/locale", "usr/share/locale") for n in (name, plain)]
    return _has(side, (*places, "usr/lib/locale/locale-archive")) or "musl-locales" in side.reading.packages.apk


def _has(side: Side, places: tuple[str, ...]) -> bool:
    return any(side.entry(place) is not None for place in places)
