"""setup.cfg and setup.py: the older manifests of a Python project.

setup.cfg is read; setup.py is a program, of which only literal arguments of `setup()` are taken.
Source of the keys: setuptools.pypa.io, "Configuring setuptools using setup.cfg files".
"""

from __future__ import annotations

import ast
import configparser
from collections.abc import Mapping
from dataclasses import dataclass, field

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LIMIT, is_there
from optimizer.context.manifests.requirements import Requirement, read_requirement


@dataclass(frozen=True)
class SetupProject:
    """What setup.cfg or setup.py say. `whole` is False where something is computed, or has extensions to compile."""

    path: str
    unreadable: str = ""
    name: str = ""
    python: str = ""
    dependencies: tuple[Requirement, ...] = ()
    scripts: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True


def read_setup_cfg(context: BuildContext, path: str = "setup.cfg") -> SetupProject | None:
    """Read a setup.cfg; None where there is none."""
    if not is_there(context, path):
        return None
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(context.text(path, LIMIT) or "")
    except configparser.Error as error:
        return SetupProject(path, f"is not valid: {str(error).splitlines()[0]}")
    asked = parser.get("options", "install_requires", fallback="")
    scripts = parser.get("options.entry_points", "console_scripts", fallback="")
    return SetupProject(
        path,
        "",
        parser.get("metadata", "name", fallback=""),
        parser.get("options", "python_requires", fallback=""),
        tuple(read_requirement(line) for line in _lines(asked)),
        dict(_pair(line) for line in _lines(scripts) if "=" in line),
        not asked.startswith("file:"),
    )


def _lines(text: str) -> list[str]:
    return [
        line.strip() for line in text.replace(";\n", "\n").splitlines() if line.strip() and not line.startswith("#")
    ]


def _pair(line: str) -> tuple[str, str]:
    name, _, target = line.partition("=")
    return name.strip(), target.strip()


def read_setup_py(context: BuildContext, path: str = "setup.py") -> SetupProject | None:
    """Read the literal arguments of a setup.py's `setup()`; None where there is none."""
    if not is_there(context, path):
        return None
    try:
        tree = ast.parse(context.text(path, LIMIT) or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return SetupProject(path, f"is not Python 3: {error}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node.func) == "setup":
            return _arguments(path, node)
    return SetupProject(path, "calls no setup()")


def _called(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _arguments(path: str, call: ast.Call) -> SetupProject:
    values: dict[str, object] = {}
    whole = True
    for keyword in call.keywords:
        try:
            values[keyword.arg or "**"] = ast.literal_eval(keyword.value)
        except (ValueError, TypeError, MemoryError, RecursionError):
            whole = whole and keyword.arg not in ("install_requires", "ext_modules", "cmdclass", "entry_points", None)
    asked = values.get("install_requires")
    entry_points = values.get("entry_points")
    scripts = entry_points.get("console_scripts") if isinstance(entry_points, dict) else None
    return SetupProject(
        path,
        "",
        str(values.get("name", "")),
        str(values.get("python_requires", "")),
        tuple(read_requirement(str(line)) for line in asked) if isinstance(asked, list | tuple) else (),
        dict(_pair(str(s)) for s in scripts if "=" in str(s)) if isinstance(scripts, list | tuple) else {},
        whole,
    )
