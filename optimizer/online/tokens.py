"""Authentication as registries ask for it: WWW-Authenticate with Bearer or Basic.

Source: the distribution project's token specification, and RFC 7235.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple
from urllib.parse import urlencode

from optimizer.online.client import Answer, Client
from optimizer.online.credentials import Login
from optimizer.online.names import is_loopback
from optimizer.online.trouble import Refused, read_object

_SCHEME = re.compile(r"(?:\A|,)\s*([A-Za-z]+)(?=\s+[\w-]+\s*=|\s*(?:,|\Z))")
_PAIR = re.compile(r"([\w-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,\"]+))")
_TOKEN = re.compile(r"[\x21-\x7e]+\Z")
_REALM = re.compile(r"(https?)://([^/?#@\s]+)(?:[/?]|\Z)")
_LIMIT = 256 << 10
_REFUSED = "it refused the credentials"


class Challenge(NamedTuple):
    """What a registry wants: "bearer" or "basic", and for the first where a token is had and for what."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""


def read_challenge(header: str) -> Challenge | None:
    """Read a WWW-Authenticate header; the Bearer of several, None where nothing in it is known."""
    found: dict[str, Challenge] = {}
    starts = list(_SCHEME.finditer(header))
    for number, start in enumerate(starts):
        scheme = start.group(1).lower()
        end = starts[number + 1].start() if number + 1 < len(starts) else len(header)
        pairs = {m.group(1).lower(): m.group(2) or m.group(3) or "" for m in _PAIR.finditer(header, start.end(), end)}
        challenge = Challenge(scheme, *(pairs.get(name, "") for name in ("realm", "service", "scope")))
        found.setdefault(scheme, challenge)
    return found.get("bearer") or found.get("basic")


class Authority:
    """Makes Authorization headers. `find_login` gives the credentials for a host.

    Credentials go to the registry that they are for and to the realm that it names, only through TLS or to this
    very machine.
    """

    def __init__(self, client: Client, find_login: Callable[[str], Login | None]) -> None:
        self.client = client
        self.find_login = cache(find_login)
        # Hosts that refused the credentials: who insists gets the user locked out.
        self._refusing: set[str] = set()

    def header(self, host: str, repository: str, header: str) -> str:
        """Return the header that answers a challenge; raises Refused where there is none."""
        challenge = read_challenge(header)
        if challenge is None:
            raise Refused("it asks for credentials in a way that is not known")
        if challenge.scheme == "basic":
            return self._login(host).basic
        realm = _REALM.match(challenge.realm)
        if realm is None:
            raise Refused("it names no place that gives tokens")
        login = self.find_login(host) if host not in self._refusing else None
        if not self._is_private(host) or (realm[1] == "http" and not is_loopback(realm[2])):
            login = None
        if login is not None:
            answer = self._ask(challenge, repository, login)
            if answer.status not in (401, 403):
                return f"Bearer {_token_in(answer)}"
            self._refusing.add(host)
        # Of public images most registries tell everybody.
        answer = self._ask(challenge, repository, None)
        if answer.status in (401, 403):
            raise Refused(_REFUSED if host in self._refusing else "access is denied; the image may not exist")
        return f"Bearer {_token_in(answer)}"

    def refuse(self, host: str) -> None:
        """Remember that a registry refused the credentials that it was sent."""
        self._refusing.add(host)

    def _is_private(self, host: str) -> bool:
        return is_loopback(host) or not self.client.plain(host)

    def _login(self, host: str) -> Login:
        if host in self._refusing:
            raise Refused(_REFUSED)
        login = self.find_login(host)
        if login is None or not login.user:
            raise Refused(f"it asks for credentials; `docker login {host}` stores them")
        if not self._is_private(host):
            raise Refused("it asks for credentials, and they are not sent over plain HTTP")
        return login

    def _ask(self, challenge: Challenge, repository: str, login: Login | None) -> Answer:
        scope = challenge.scope or f"repository:{repository}:pull"
        fields = {"service": challenge.service, "scope": scope}
        if login is not None and not login.user:
            form = {"grant_type": "refresh_token", "client_id": "dockopt", "refresh_token": login.secret, **fields}
            return self.client.post(challenge.realm, form, _LIMIT)
        query = urlencode({k: v for k, v in fields.items() if v})
        url = challenge.realm + ("&" if "?" in challenge.realm else "?") + query
        return self.client.get(url, {"Authorization": login.basic} if login else {}, _LIMIT)


def _token_in(answer: Answer) -> str:
    if answer.status != 200:
        raise Refused(f"the place that gives tokens answered with HTTP status {answer.status}")
    found = read_object(answer.body, "the token")
    token = found.get("token") or found.get("access_token")
    if not isinstance(token, str) or not _TOKEN.match(token):
        raise Refused("the place that gives tokens gave none")
    return token
