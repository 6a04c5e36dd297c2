"""What a file asks of the system besides commands: languages, time zones, certificates."""

from __future__ import annotations

from optimizer.facts.document import Document
from optimizer.facts.programs import asks_securely
from optimizer.syntax.patterns import pattern

LOCALE, TIMEZONE, CERTIFICATES = "locale", "timezone", "certificates"
_PLAIN_LOCALE = pattern(r"(C|POSIX)(\.UTF-?8)?\Z", 2)
_LOCALE_CALLS = frozenset({"locale-gen", "localedef", "update-locale", "dpkg-reconfigure"})
_ZONE = pattern(r"/usr/share/zoneinfo|/etc/localtime|/etc/timezone|\btzdata\b")


def wishes_of(doc: Document, stages: set[int]) -> frozenset[str]:
    """Return "locale", "timezone" and "certificates" where some stages ask for them."""
    found: set[str] = set()
    for stage in doc.stages:
        if stage.index not in stages:
            continue
        env = stage.last.env
        locales = [v for k, v in env.items() if (k == "LANG" or k.startswith("LC_")) and v]
        if any(not _PLAIN_LOCALE.match(value) for value in locales):
            found.add(LOCALE)
        if env.get("TZ"):
            found.add(TIMEZONE)
    for run in doc.runs:
        if run.stage.index not in stages:
            continue
        if any(call.program in _LOCALE_CALLS for call in run.calls):
            found.add(LOCALE)
        if _ZONE.search(run.script.text):
            found.add(TIMEZONE)
        if asks_securely(run.script):
            found.add(CERTIFICATES)
    return frozenset(found)
