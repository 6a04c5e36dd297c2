"""The table `[online]` of a configuration: how registries are asked where the user wishes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.cli.errors import InputError
from optimizer.online.names import is_host, is_place
from optimizer.online.options import Options


def read_online(table: Any, place: Callable[[str], str], where: str) -> Options:
    """Return the options in a table; raises InputError with what is right.

    `place` gives the place of a key in the file, for messages, and `where` is that of the table.
    """
    if not isinstance(table, dict):
        raise InputError(f"{where}: must be a table, not {table!r}")
    for key in table:
        if key not in _READERS:
            from optimizer.cli.names import did_you_mean

            known = did_you_mean(key, _READERS) or f" Known are {', '.join(_READERS)}."
            raise InputError(f"{place(key)}: unknown key.{known}")
    try:
        return Options(**{key: _READERS[key](value, key) for key, value in table.items()})
    except _Wrong as error:
        key, text = error.args
        raise InputError(f"{place(key)}: must be {text}, not {table[key]!r}") from None


class _Wrong(Exception):
    """The key, and what its value must be."""


def _seconds(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 600:
        raise _Wrong(key, "a number of seconds up to 600")
    return float(value)


def _mirrors(value: Any, key: str) -> tuple[tuple[str, str], ...]:
    right = isinstance(value, dict) and all(
        is_host(registry) and isinstance(mirror, str) and is_place(mirror) for registry, mirror in value.items()
    )
    if not right:
        raise _Wrong(key, 'a table of registries and mirrors, as { "docker.io" = "mirror.example.com/hub" }')
    return tuple(value.items())


def _hosts(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(host, str) and is_host(host) for host in value):
        raise _Wrong(key, 'a list of registries, as ["registry.example.com:5000"]')
    return tuple(value)


def _platforms(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(p, str) and 1 <= p.count("/") <= 2 for p in value):
        raise _Wrong(key, 'a list of platforms, as ["linux/amd64"]')
    return tuple(value)


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "seconds": _seconds,
    "mirrors": _mirrors,
    "insecure": _hosts,
    "platforms": _platforms,
}
