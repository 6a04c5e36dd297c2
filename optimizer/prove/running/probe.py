"""Asking at a port: an HTTP answer, or an open port."""

from __future__ import annotations

import http.client
import socket

from optimizer.prove.running.types import Answer

_PATIENCE = 5.0
_LISTENS = 0.5
_BODY = 1_000_000


def ask(host: str, port: int, shown_port: int, request: str) -> Answer | None:
    """Ask once; None where nothing answers yet.

    `request` is a path, or a method and a path. The host that the server is told is `localhost` with
    `shown_port`, so that both images hear the same.
    """
    method, _, path = request.rpartition(" ")
    connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    try:
        connection.request(method or "GET", path or "/", headers={"Host": f"localhost:{shown_port}"})
        answer = connection.getresponse()
        body = answer.read(_BODY).decode("utf-8", "replace")
        return Answer(answer.status, answer.headers.get("Content-Type", "").lower(), body)
    except (http.client.HTTPException, TimeoutError, ConnectionResetError):
        # Another protocol, or nobody behind an engine's proxy.
        return Answer(0) if _listens(host, port) else None
    except OSError:
        return None
    finally:
        connection.close()


def _listens(host: str, port: int) -> bool:
    """Tell whether a connection is kept open: an engine's proxy takes any, and drops it where nobody listens."""
    try:
        with socket.create_connection((host, port), _PATIENCE) as connection:
            connection.settimeout(_LISTENS)
            return bool(connection.recv(1))
    except TimeoutError:
        return True
    except OSError:
        return False


def taken(port: int) -> bool:
    """Tell whether somebody on this machine listens at a port already."""
    with socket.socket() as probe:
        probe.settimeout(_LISTENS)
        return probe.connect_ex(("127.0.0.1", port)) == 0
