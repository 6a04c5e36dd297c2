"""One image asked of its registry over the OCI distribution API."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from threading import Lock
from typing import NamedTuple

from optimizer.catalog.live import Live, Unknown, written_platform
from optimizer.online import manifests
from optimizer.online.client import Answer, Client
from optimizer.online.names import Address
from optimizer.online.tokens import Authority
from optimizer.online.trouble import Refused, read_object

# What the registries themselves take at most; source: the distribution project.
_LIMIT = 4 << 20
_DIGEST_HEADER = "docker-content-digest"


class Question(NamedTuple):
    """Where to ask, for a tag or a digest, and for which platforms sizes are wanted."""

    address: Address
    reference: str
    platforms: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The digest that the answer must have, "" for a tag."""
        return self.reference if ":" in self.reference else ""


class Registries:
    """Asks any registry through one client; safe to share between threads."""

    def __init__(self, client: Client, authority: Authority) -> None:
        self.client = client
        self.authority = authority
        self._headers: dict[Address, str] = {}
        self._lock = Lock()

    def ask(self, question: Question, known: Live | None, now: str) -> Live | Unknown:
        """Return what the registry says. Never raises.

        `known` is an older answer: where the digest is still the same, one short request confirms it. `now` is the
        time that the answer is given.
        """
        try:
            if known is not None and known.exists and self._is_still(question, known):
                return replace(known, asked_at=now)
            return replace(self._look(question), asked_at=now, source=question.address.host)
        except Refused as error:
            return Unknown(error.reason)

    def _is_still(self, question: Question, known: Live) -> bool:
        if known.leaves_out(question.platforms):
            return False
        answer = self._fetch(question.address, f"manifests/{question.reference}", "HEAD")
        return answer.status == 200 and answer.headers.get(_DIGEST_HEADER) == known.digest

    def _look(self, question: Question) -> Live:
        answer = self._fetch(question.address, f"manifests/{question.reference}")
        if answer.status == 404:
            return self._missing(answer)
        _expect(answer)
        named = question.digest or answer.headers.get(_DIGEST_HEADER, "")
        digest = named or f"sha256:{hashlib.sha256(answer.body).hexdigest()}"
        manifests.check_digest(answer.body, digest)
        manifest = read_object(answer.body, "the manifest")
        if not manifests.is_index(manifest):
            config = self._read(question.address, f"blobs/{manifests.config_digest(manifest)}")
            platform = manifests.platform_of(config)
            return Live(True, (platform,), ((platform, manifests.size_of(manifest)),), digest)
        parts = manifests.parts(manifest)
        return Live(True, tuple(dict.fromkeys(p.platform for p in parts)), self._sizes(question, parts), digest)

    def _sizes(self, question: Question, parts: list[manifests.Part]) -> tuple[tuple[str, int], ...]:
        wanted = {written_platform(p) for p in question.platforms}
        sizes: dict[str, int] = {}
        for part in parts:
            if part.platform in wanted and part.platform not in sizes:
                manifest = self._read(question.address, f"manifests/{part.digest}")
                sizes[part.platform] = manifests.size_of(manifest)
        return tuple(sizes.items())

    def _read(self, address: Address, path: str) -> dict[str, object]:
        """Return the JSON object that a digest at the end of `path` stands for."""
        digest = path.partition("/")[2]
        if not manifests.is_digest(digest):
            raise Refused("a digest is of an unknown kind")
        answer = self._fetch(address, path)
        _expect(answer)
        manifests.check_digest(answer.body, digest)
        return read_object(answer.body, "what a digest stands for")

    def _missing(self, answer: Answer) -> Live:
        """Return that an image is not there, if it is a registry that says so and not some other server."""
        if not isinstance(read_object(answer.body, "the answer").get("errors"), list):
            raise Refused("no registry answers at this address")
        return Live(False)

    def _fetch(self, address: Address, path: str, method: str = "GET") -> Answer:
        scheme = "http" if self.client.plain(address.host) else "https"
        url = f"{scheme}://{address.host}/v2/{address.repository}/{path}"
        headers = {"Accept": manifests.ACCEPTED}
        with self._lock:
            known = self._headers.get(address)
        answer = self.client.get(url, headers | ({"Authorization": known} if known else {}), _LIMIT, method)
        if answer.status != 401 or known:
            return answer
        challenge = answer.headers.get("www-authenticate", "")
        header = self.authority.header(address.host, address.repository, challenge)
        with self._lock:
            self._headers[address] = header
        answer = self.client.get(url, headers | {"Authorization": header}, _LIMIT, method)
        if answer.status == 401 and header.startswith("Basic "):
            self.authority.refuse(address.host)
            raise Refused("it refused the credentials")
        return answer


def _expect(answer: Answer) -> None:
    if answer.status in (401, 403):
        raise Refused("access is denied; the image may not exist")
    if answer.status == 404:
        raise Refused("a part of the image is missing")
    if answer.status != 200:
        raise Refused(f"it answered with HTTP status {answer.status}")
