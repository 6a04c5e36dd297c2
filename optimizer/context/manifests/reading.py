"""What the readers share: files to values, values to the types that are meant."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from typing import Any

from optimizer.context.files import BuildContext

# Lockfiles are large; manifests of this size are not meant to be read.
LOCK_LIMIT, LIMIT = 50_000_000, 2_000_000

Table = Mapping[str, Any]


def load_json(text: str) -> tuple[Table, str]:
    """Return a JSON object, and why the text is none ("" if it is)."""
    try:
        value = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        return {}, f"is not valid JSON: {_first_line(error)}"
    return (value, "") if isinstance(value, dict) else ({}, "is no JSON object")


def load_toml(text: str) -> tuple[Table, str]:
    """Return a TOML document, and why the text is none ("" if it is)."""
    import tomllib

    try:
        return tomllib.loads(text.removeprefix("\ufeff")), ""
    except (ValueError, RecursionError) as error:
        return {}, f"is not valid TOML: {_first_line(error)}"


def load_yaml(text: str) -> tuple[Table, str]:
    """Return a YAML mapping, and why the text is none ("" if it is)."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        value = yaml.load(text, Loader=loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return {}, f"is not valid YAML: {_first_line(error)}"
    return (value, "") if isinstance(value, dict) else ({}, "is no YAML mapping")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def table(value: object, *keys: str) -> Table:
    """Return the table below some keys, an empty one where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text_of(value: object) -> str:
    """Return a string, "" where the value is none."""
    return value if isinstance(value, str) else ""


def texts_of(value: object) -> tuple[str, ...]:
    """Return the strings of a list, or a single one."""
    if isinstance(value, str):
        return (value,)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def pairs_of(value: object) -> dict[str, str]:
    """Return the entries of a table whose values are strings."""
    return {str(k): v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def tables_of(value: object) -> list[Table]:
    """Return the tables of a list."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def beside(path: str, name: str) -> str:
    """Return the path of a file that is named from beside another one."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))


def is_there(context: BuildContext, path: str) -> bool:
    """Tell whether a path is a file of the context, whatever its size."""
    return context.kind(path) in ("file", "archive")
