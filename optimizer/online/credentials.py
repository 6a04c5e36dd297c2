"""Credentials as `docker login` leaves them: `config.json`, and the helpers that it names."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections.abc import Mapping
from typing import Any, NamedTuple

_HELPER = re.compile(r"[\w-]+\Z", re.ASCII)
_SECONDS = 5
_HUB_KEYS = ("https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io")


class Login(NamedTuple):
    """A user and a password, or with `user` "" an identity token in place of the password."""

    user: str
    secret: str

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()


def find_login(host: str, environment: Mapping[str, str] = os.environ) -> Login | None:
    """Return the credentials for a registry, None where there are none that can be read.

    The folder of `config.json` is DOCKER_CONFIG, or `.docker` at home. A helper has five seconds to answer.
    """
    config = _read(environment)
    keys = _HUB_KEYS if host == "registry-1.docker.io" else (host, f"https://{host}")
    helpers, auths = (_table(config.get(name)) for name in ("credHelpers", "auths"))
    for key in keys:
        helper = helpers.get(key) or config.get("credsStore")
        if isinstance(helper, str) and _HELPER.match(helper):
            found = _from_helper(helper, key)
            if found is not None:
                return found
    for key in (*keys, *(f"{k}/{end}" for k in keys for end in ("", "v1/", "v2/"))):
        found = _from_entry(_table(auths.get(key)))
        if found is not None:
            return found
    return None


def _read(environment: Mapping[str, str]) -> dict[str, Any]:
    folder = environment.get("DOCKER_CONFIG") or os.path.join(os.path.expanduser("~"), ".docker")
    try:
        with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
            return _table(json.load(file))
    except (OSError, ValueError):
        return {}


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _from_entry(entry: dict[str, Any]) -> Login | None:
    token = entry.get("identitytoken")
    if isinstance(token, str) and token:
        return Login("", token)
    user, password = entry.get("username"), entry.get("password")
    if isinstance(entry.get("auth"), str):
        try:
            user, _, password = base64.b64decode(entry["auth"]).decode().rstrip("\0").partition(":")
        except ValueError:
            return None
    return Login(user, password) if isinstance(user, str) and user and isinstance(password, str) else None


def _from_helper(helper: str, key: str) -> Login | None:
    try:
        done = subprocess.run(
            [f"docker-credential-{helper}", "get"],
            input=key.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=True,
        )
        answer = _table(json.loads(done.stdout))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    user, secret = answer.get("Username"), answer.get("Secret")
    if not isinstance(user, str) or not isinstance(secret, str) or not secret:
        return None
    return Login("" if user == "<token>" else user, secret)
