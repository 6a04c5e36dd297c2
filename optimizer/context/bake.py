"""The builds of a bake file, HCL or JSON. Source of the form: docs.docker.com, "Bake file reference"."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from optimizer.context.build import REMOTE, Build
from optimizer.context.manifests.reading import Table, table, text_of, texts_of
from optimizer.syntax.patterns import pattern

_VARIABLE = pattern(r"\$\{\s*(\w+)\s*\}")
_DEEPEST = 10


def read_bake(path: str, text: str) -> Iterator[Build]:
    """Yield the builds of a bake file's targets, those left out whose paths only the run knows."""
    data = _load(path, text)
    targets = _blocks(data.get("target"))
    defaults = {name: text_of(block.get("default")) for name, block in _blocks(data.get("variable")).items()}
    folder = os.path.dirname(path)
    for name in targets:
        spec = _inherited(targets, name)
        if "dockerfile-inline" in spec:
            continue
        context, file, target = (
            _filled(text_of(spec.get(key)), defaults) for key in ("context", "dockerfile", "target")
        )
        if any("${" in value for value in (context, file)) or REMOTE.match(context):
            continue
        root = os.path.join(folder, context or ".")
        yield Build(path, name, root, os.path.join(root, file or "Dockerfile"), "" if "${" in target else target)


def _load(path: str, text: str) -> Table:
    if path.endswith(".json"):
        try:
            return table(json.loads(text))
        except (ValueError, RecursionError):
            return {}
    import hcl2

    try:
        return table(_unquoted(hcl2.loads(text)))
    except Exception:  # its parser raises errors of several libraries
        return {}


def _unquoted(value: Any) -> Any:
    """Take the quotes off that newer releases of python-hcl2 leave around strings."""
    if isinstance(value, dict):
        return {_unquoted(k): _unquoted(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_unquoted(v) for v in value]
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


def _blocks(value: object) -> dict[str, Table]:
    """Return blocks by their label: HCL lists one table for each, JSON has one table for all."""
    listed = value if isinstance(value, list) else [value]
    return {str(name): table(block) for one in listed for name, block in table(one).items() if isinstance(block, dict)}


def _inherited(targets: dict[str, Table], name: str, depth: int = 0) -> dict[str, object]:
    spec: dict[str, object] = {}
    for parent in texts_of(targets[name].get("inherits")):
        if parent in targets and depth < _DEEPEST:
            spec |= _inherited(targets, parent, depth + 1)
    return spec | dict(targets[name])


def _filled(text: str, defaults: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: defaults.get(match.group(1)) or match.group(), text)
