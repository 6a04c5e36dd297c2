"""Configuration: `dockopt.toml`, or `[tool.dockopt]` in `pyproject.toml`."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from optimizer.catalog.overrides import Bases
from optimizer.cli.errors import InputError, reason_of
from optimizer.online.options import Options as Online
from optimizer.report.quoting import quoted

CACHES = ("auto", "mounts", "clean")
MERGES = ("auto", "never", "needed", "cheap", "all")


class Config(NamedTuple):
    """What a configuration file says; None and () mean that it says nothing.

    `folder` is where it stands: `exclude` and `context` count from there. `path` is "" for no file.
    """

    path: str = ""
    folder: str = ""
    level: int | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    caches: str | None = None
    merge: str | None = None
    online: Online = Online()
    bases: Bases = Bases()
    targets: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    context: str | None = None


class Configs:
    """Finds the configuration of each folder, and reads each file once.

    With `path`, that file is the configuration everywhere; with `isolated` there is none.
    """

    def __init__(self, path: str | None = None, isolated: bool = False) -> None:
        self.fixed = Config() if isolated else None
        if path is not None and not isolated:
            found = read(path)
            if found is None:
                raise InputError(f"{quoted(path)}: has no table [tool.dockopt]")
            self.fixed = found
        self.by_folder: dict[str, Config | InputError] = {}

    def of(self, folder: str) -> Config:
        """Return what holds in `folder`; raises InputError where a file is wrong, each time it is asked."""
        if self.fixed is not None:
            return self.fixed
        found = self._find(os.path.realpath(folder))
        if isinstance(found, InputError):
            raise found
        return found

    def _find(self, folder: str) -> Config | InputError:
        if folder not in self.by_folder:
            self.by_folder[folder] = self._look(folder)
        return self.by_folder[folder]

    def _look(self, folder: str) -> Config | InputError:
        try:
            for name in ("dockopt.toml", "pyproject.toml"):
                path = os.path.join(folder, name)
                found = read(path) if os.path.isfile(path) else None
                if found is not None:
                    return found
        except InputError as error:
            return error
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return Config()
        return self._find(parent)


def read(path: str) -> Config | None:
    """Read a configuration file; None for a `pyproject.toml` that has nothing about dockopt.

    Raises InputError with path, line where known, key, what was found and what is right.
    """
    project = os.path.basename(path) == "pyproject.toml"
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise InputError(f"{quoted(path)}: cannot be read: {reason_of(error)}") from error
    if project and b"dockopt" not in data:
        return None
    import tomllib

    try:
        table: Any = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{quoted(path)}: is not valid TOML: {error}") from error
    if project:
        tools = table.get("tool")
        table = tools.get("dockopt") if isinstance(tools, dict) else None
        if table is None:
            return None
    return _checked(path, table, data.decode())


def _checked(path: str, table: Any, text: str) -> Config:
    if not isinstance(table, dict):
        raise InputError(f"{quoted(path)}: 'tool.dockopt' must be a table")
    values = {key: _value(path, key, value, text) for key, value in table.items() if key not in _TABLES}
    if "online" in table:
        from optimizer.cli.config_online import read_online

        where = f"{_place(path, 'online', text)}: online"
        values["online"] = read_online(table["online"], lambda key: f"{_place(path, key, text)}: online.{key}", where)
    if "bases" in table:
        from optimizer.cli.config_bases import read_bases

        where = f"{_place(path, 'bases', text)}: bases"
        values["bases"] = read_bases(table["bases"], lambda key: f"{_place(path, key, text)}: bases.{key}", where)
    return Config(path=path, folder=os.path.dirname(os.path.realpath(path)), **values)


def _value(path: str, key: str, value: Any, text: str) -> Any:
    where = f"{_place(path, key, text)}: {key}"
    if key not in _KEYS:
        from optimizer.cli.names import did_you_mean

        known = did_you_mean(key, _KEYS) or f" Known are {', '.join(_KEYS)}."
        raise InputError(f"{where}: unknown key.{known}")
    allowed = _KEYS[key]
    if allowed is list:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise InputError(f"{where}: must be a list of strings, not {value!r}")
        return tuple(value)
    if allowed is str:
        if not isinstance(value, str):
            raise InputError(f"{where}: must be a string, not {value!r}")
    elif type(value) is not type(allowed[0]) or value not in allowed:
        raise InputError(f"{where}: must be one of {', '.join(map(repr, allowed))}, not {value!r}")
    return value


_KEYS: dict[str, Any] = {
    "level": (1, 2, 3),
    "select": list,
    "ignore": list,
    "caches": CACHES,
    "merge": MERGES,
    "online": dict,
    "bases": dict,
    "targets": list,
    "exclude": list,
    "context": str,
}


_TABLES = frozenset(key for key, kind in _KEYS.items() if kind is dict)


def _place(path: str, key: str, text: str) -> str:
    """Return path and, if it is easily seen, the line in which a key is set."""
    import re

    section = re.search(r"^\s*\[\s*tool\s*\.\s*dockopt\s*\]", text, re.MULTILINE)
    start = section.end() if section and os.path.basename(path) == "pyproject.toml" else 0
    found = re.compile(rf"^[ \t]*[\[\"']*{re.escape(key)}[\]\"']*[ \t]*(=|$)", re.MULTILINE).search(text, start)
    return f"{quoted(path)}:{text.count(chr(10), 0, found.start()) + 1}" if found else quoted(path)
