"""Which package index pip is set up to use. Source: pip's documentation of its configuration."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator, Mapping

_DEFAULT = "https://pypi.org/simple"
_SECTIONS = ("install", "global")


def index_url(environment: Mapping[str, str] = os.environ) -> str:
    """Return the URL of pip's index, without a slash at its end.

    PIP_INDEX_URL wins over the configuration files; of these the nearest to the user wins.
    """
    found = environment.get("PIP_INDEX_URL", "")
    for path in _files(environment) if not found else ():
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        found = next((v for s in _SECTIONS if (v := parser.get(s, "index-url", fallback="").strip())), "")
        if found:
            break
    return (found or _DEFAULT).rstrip("/")


def _files(environment: Mapping[str, str]) -> Iterator[str]:
    home = os.path.expanduser("~")
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    if named:
        yield named
    if "VIRTUAL_ENV" in environment:
        yield os.path.join(environment["VIRTUAL_ENV"], "pip.conf")
    if sys.platform == "darwin":
        yield os.path.join(home, "Library", "Application Support", "pip", "pip.conf")
    yield os.path.join(environment.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "pip", "pip.conf")
    yield os.path.join(home, ".pip", "pip.conf")
    for folder in (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
        yield os.path.join(folder, "pip", "pip.conf")
    yield "/etc/pip.conf"
