"""Ask a package index whether a project has wheels, for which C library and architecture.

The question is the simple repository API (PEP 691, or PEP 503 where an index knows no JSON): pypi.org has it, and so
has every mirror that pip can be pointed at.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from optimizer.catalog.live import LiveFacts, Refusal, Requirement, Unknown, Wheels
from optimizer.online.client import Client
from optimizer.online.files import File, read_files
from optimizer.online.names import is_loopback
from optimizer.online.options import Options
from optimizer.online.pip import index_url
from optimizer.online.releases import NoProject, project_of, wheels_in
from optimizer.online.together import together
from optimizer.online.trouble import Refused

_ACCEPTED = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
# The longest pages of pypi.org have some thousand files.
_LIMIT = 32 << 20


def ask_wheels(
    requirements: Iterable[Requirement], options: Options | None = None, index: str | None = None
) -> LiveFacts:
    """Return what the index has for requirements. Never raises.

    `index` is the URL of a simple repository; by default the one that pip is set up to use.
    """
    options = options or Options()
    wanted = dict.fromkeys(requirements)
    asked = {r: project_of(r.project) for r in wanted}
    place = _Index(index or index_url(), time.monotonic() + options.seconds)
    pages = place.pages({name for name in asked.values() if name}, options.workers)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    found: dict[Requirement, Wheels | Unknown] = {}
    refused: dict[str, list[str]] = {}
    for requirement, name in asked.items():
        page = pages.get(name, Unknown("the time for asking was over")) if name else Unknown("it is no requirement")
        if isinstance(page, Unknown):
            found[requirement] = page
            if name:
                refused.setdefault(page.reason, []).append(requirement.project)
            continue
        try:
            found[requirement] = wheels_in(page, requirement, now, place.host)
        except NoProject as error:
            found[requirement] = Unknown(str(error))
    return LiveFacts({}, found, tuple(Refusal(place.host, why, tuple(names)) for why, names in refused.items()))


@dataclass
class _Index:
    url: str
    until: float

    @property
    def host(self) -> str:
        """The host alone: a password may stand in the URL."""
        parts = urlsplit(self.url)
        return parts.netloc.rpartition("@")[2] or self.url

    def pages(self, names: Iterable[str], workers: int) -> Mapping[str, list[File] | Unknown]:
        if not self.url.startswith(("https://", "http://")):
            return dict.fromkeys(names, Unknown("pip's index is no web address"))
        # Whoever points pip at plain HTTP has decided that already.
        plain = {self.host} if self.url.startswith("http:") else set()
        client = Client(self.until, lambda host: is_loopback(host) or host in plain)

        def one(name: str) -> list[File] | Unknown:
            try:
                return self._page(client, name)
            except Refused as error:
                return Unknown(error.reason)
            except Exception as error:
                return Unknown(f"asking failed ({type(error).__name__}: {error})")

        found = together(one, names, workers, self.until)
        client.close()
        return found

    def _page(self, client: Client, name: str) -> list[File]:
        answer = client.get(f"{self.url}/{name}/", {"Accept": _ACCEPTED}, _LIMIT)
        if answer.status == 404:
            raise Refused("it has no such project")
        if answer.status in (401, 403):
            raise Refused("access is denied")
        if answer.status != 200:
            raise Refused(f"it answered with HTTP status {answer.status}")
        return read_files(answer.body, answer.headers.get("content-type", ""))
