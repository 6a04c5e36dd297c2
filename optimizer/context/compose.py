"""The builds of a compose file. Source of the form: docs.docker.com, "Compose Build Specification"."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from optimizer.context.build import REMOTE, Build
from optimizer.context.manifests.reading import load_yaml, table
from optimizer.syntax.patterns import pattern

_VARIABLE = pattern(r"\$\$|\$\{(\w+)(?::?-([^}]*))?[^}]*\}|\$(\w+)")


def read_compose(path: str, text: str) -> Iterator[Build]:
    """Yield the builds of a compose file's services, those left out whose paths only a variable knows."""
    data, _ = load_yaml(text)
    folder = os.path.dirname(path)
    for name, service in table(data, "services").items():
        build = table(service).get("build")
        spec = {"context": build} if isinstance(build, str) else table(build)
        if not spec or "dockerfile_inline" in spec:
            continue
        context, file, target = (_filled(spec.get(key)) for key in ("context", "dockerfile", "target"))
        if None in (context, file) or REMOTE.match(context or ""):
            continue
        root = os.path.join(folder, context or ".")
        yield Build(path, str(name), root, os.path.join(root, file or "Dockerfile"), target or "")


def _filled(value: object) -> str | None:
    """Return a value with the defaults of its variables, "" for none, None where a variable has no default."""
    if not isinstance(value, str):
        return ""
    unknown = False

    def put(match: re.Match[str]) -> str:
        nonlocal unknown
        if match.group() == "$$":
            return "$"
        unknown = unknown or match.group(2) is None
        return match.group(2) or ""

    filled = _VARIABLE.sub(put, value)
    return None if unknown else filled
