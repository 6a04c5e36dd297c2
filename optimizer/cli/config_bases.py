"""The table `[bases]` of a configuration: registries, and an organisation's own base images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.catalog.overrides import Bases, OwnImage
from optimizer.cli.errors import InputError

_VARIANTS = ("slim", "alpine", "jre")
_IMAGE_KEYS = ("like", *_VARIANTS)


def read_bases(table: Any, place: Callable[[str], str], where: str) -> Bases:
    """Return what a table says of bases; raises InputError with what is right.

    `place` gives the place of a key in the file, for messages, and `where` is that of the table.
    """
    if not isinstance(table, dict):
        raise InputError(f"{where}: must be a table, not {table!r}")
    for key in table:
        if key not in _READERS:
            from optimizer.cli.names import did_you_mean

            known = did_you_mean(key, _READERS) or f" Known are {', '.join(_READERS)}."
            raise InputError(f"{place(key)}: unknown key.{known}")
    return Bases(**{key: _READERS[key](value, place(key)) for key, value in table.items()})


def _mirrors(value: Any, where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict) or not all(isinstance(v, str) and v for v in value.values()):
        raise InputError(
            f'{where}: must be a table of mirrors and what they stand for, as {{ "registry.example.com/hub" = '
            f'"docker.io" }}, not {value!r}'
        )
    return tuple((name, original) for name, original in value.items())


def _allow(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f'{where}: must be a list of repositories, as ["python", "gcr.io/*"], not {value!r}')
    return tuple(value)


def _images(value: Any, where: str) -> tuple[OwnImage, ...]:
    if not isinstance(value, dict):
        raise InputError(f"{where}: must be a table of images by their repositories, not {value!r}")
    return tuple(_image(repository, entry, f"{where}.{repository!r}") for repository, entry in value.items())


def _image(repository: str, entry: Any, where: str) -> OwnImage:
    right = isinstance(entry, dict) and all(k in _IMAGE_KEYS and isinstance(v, str) and v for k, v in entry.items())
    if not right or "like" not in entry:
        raise InputError(
            f'{where}: must name the official image that it is like, and its variants, as {{ like = "python", '
            f'slim = "registry.example.com/python-slim" }}, not {entry!r}'
        )
    return OwnImage(repository, entry["like"], tuple((k, entry[k]) for k in _VARIANTS if k in entry))


_READERS: dict[str, Callable[[Any, str], Any]] = {"mirrors": _mirrors, "allow": _allow, "images": _images}
