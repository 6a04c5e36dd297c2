"""What goes wrong between here and there, in words."""

from __future__ import annotations

import json
import ssl
from typing import Any

import httpx


class Refused(Exception):
    """No answer that can be used; the text is the reason, for `Unknown`. Never leaves this package."""

    @property
    def reason(self) -> str:
        """One short sentence, in lower case and without a full stop."""
        return str(self)


def told(error: httpx.HTTPError, seconds: float) -> str:
    """Return what an error of a connection means; `seconds` is the longest wait."""
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {seconds:g} s"
    if isinstance(error, httpx.TooManyRedirects):
        return "it redirects in circles"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return "it does not speak TLS"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror[:1].lower() + cause.strerror[1:]
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.RemoteProtocolError):
        return "the answer broke off or was no HTTP"
    return str(error).strip().split("\n")[0][:200] or type(error).__name__


def read_object(body: bytes, what: str) -> dict[str, Any]:
    """Return the JSON object in `body`; raises Refused where it holds none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused(f"{what} is no JSON object")
    return found
