"""Requests that end in time: bounded answers, one more try, and no second wait for who is down."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import NamedTuple

import httpx

from optimizer import __version__
from optimizer.online.options import CONNECT, READ
from optimizer.online.trouble import Refused, told

AGENT = f"dockopt/{__version__}"
_LATE = "the time for asking was over"
_TRIES = 2
_PATIENCE = 2.0
_RETRIED = frozenset({429, 500, 502, 503, 504})


class Answer(NamedTuple):
    """A status, headers and a whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Sends requests until `until` on the monotonic clock; safe to share between threads.

    `plain` tells of which hosts plain HTTP is taken, also behind a redirect.
    """

    def __init__(self, until: float, plain: Callable[[str], bool]) -> None:
        self.until = until
        self.plain = plain
        self.down: dict[str, str] = {}
        self._answered: set[str] = set()
        self._http = httpx.Client(
            headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
            follow_redirects=True,
            max_redirects=4,
            verify=_trust(),
            mounts={f"all://{host}": None for host in ("localhost", "127.0.0.1", "[::1]")},
            event_hooks={"request": [self._refuse_plain]},
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def get(self, url: str, headers: Mapping[str, str], limit: int, method: str = "GET") -> Answer:
        """Ask, once more where that can help; raises Refused with the reason where nothing comes back.

        `limit` is the size of the longest body that is taken. Any status is an answer but 429 and those of servers
        in trouble.
        """
        return self._ask(url, method, headers, limit, None)

    def post(self, url: str, form: Mapping[str, str], limit: int) -> Answer:
        """Send a form; as `get`."""
        return self._ask(url, "POST", {}, limit, form)

    def _ask(
        self, address: str, method: str, headers: Mapping[str, str], limit: int, form: Mapping[str, str] | None
    ) -> Answer:
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise Refused("its address is no URL") from error
        host = url.netloc.decode("ascii", "replace")
        for tries_left in reversed(range(_TRIES)):
            if host in self.down:
                raise Refused(self.down[host])
            try:
                answer = self._send(url, method, headers, limit, form)
            except httpx.HTTPError as error:
                reason = told(error, READ)
                if not tries_left:
                    if host not in self._answered:
                        self.down[host] = reason
                    raise Refused(reason) from error
                self._pause(0.2)
                continue
            if answer.status not in _RETRIED:
                self._answered.add(host)
                return answer
            wait = _wait_of(answer)
            if tries_left and wait <= _PATIENCE:
                self._pause(wait)
                continue
            reason = "too many requests" if answer.status == 429 else f"it answered with HTTP status {answer.status}"
            if answer.status == 429:
                self.down[host] = reason
            raise Refused(reason)
        raise AssertionError("the last try returns or raises")

    def _send(
        self, url: httpx.URL, method: str, headers: Mapping[str, str], limit: int, form: Mapping[str, str] | None
    ) -> Answer:
        left = self._left()
        times = httpx.Timeout(min(READ, left), connect=min(CONNECT, left))
        # A form holds a secret, which no redirect shall carry on.
        request = self._http.build_request(method, url, headers=dict(headers), data=form, timeout=times)
        response = self._http.send(request, stream=True, follow_redirects=form is None)
        with closing(response):
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > limit:
                    raise Refused(f"the answer is longer than {limit >> 10} KiB")
                self._left()
        return Answer(response.status_code, response.headers, bytes(body))

    def _left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise Refused(_LATE)
        return left

    def _pause(self, seconds: float) -> None:
        time.sleep(min(seconds, self._left()))

    def _refuse_plain(self, request: httpx.Request) -> None:
        host = request.url.netloc.decode("ascii", "replace")
        if request.url.scheme != "https" and not self.plain(host):
            raise Refused(f"it leads to {host}, which is plain HTTP")


def _trust() -> ssl.SSLContext:
    """Trust whom the system trusts, an organisation's own authorities included; else whom the library brings."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(os.scandir(paths.capath))):
        return ssl.create_default_context()
    return httpx.create_ssl_context()


def _wait_of(answer: Answer) -> float:
    """Return the seconds that a server asks for; who says nothing with a 429 means long."""
    try:
        return max(0.0, float(answer.headers.get("retry-after", "")))
    except ValueError:
        return _PATIENCE + 1 if answer.status == 429 else 0.2
