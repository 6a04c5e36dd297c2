"""A server on loopback that answers as a test tells it, and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import MappingProxyType
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """A request: the path with its query, headers with names in lower case, and the body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Said(NamedTuple):
    """An answer. `length` is what it claims to be long, if not the truth; `pieces` are sent instead of the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = MappingProxyType({})
    length: int | None = None
    pieces: Callable[[], Any] | None = None


def said(body: object, status: int = 200, **headers: str) -> Said:
    """Answer with JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Said(status, json.dumps(body).encode(), {"Content-Type": "application/json", **named})


MISSING = said({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}, 404)


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that leave are what the tests are about."""


class Server:
    """Runs in threads while it is entered; `host` is its address, `asked` what came in."""

    def __init__(self, answer: Callable[[Asked], Said], tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self._http = _Quiet(("127.0.0.1", 0), self._handler(answer))
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._http.daemon_threads = True
        self.port = self._http.server_port
        self.host = f"127.0.0.1:{self.port}"

    def __enter__(self) -> Server:
        Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _handler(self, answer: Callable[[Asked], Said]) -> type[BaseHTTPRequestHandler]:
        seen = self.asked

        class Handler(BaseHTTPRequestHandler):
            def respond(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Asked(self.command, self.path, headers, body)
                seen.append(request)
                reply = answer(request)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                length = len(reply.body) if reply.length is None else reply.length
                self.send_header("Content-Length", str(length))
                self.end_headers()
                if self.command == "HEAD":
                    return
                try:
                    for piece in reply.pieces() if reply.pieces else [reply.body]:
                        self.wfile.write(piece)
                        self.wfile.flush()
                except OSError:
                    pass  # the client had enough

            do_GET = do_HEAD = do_POST = respond

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
