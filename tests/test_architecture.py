"""The house rules that no type checker holds: who may import whom, sizes, and what the texts speak of."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT

# From the top down: a package may import those on lower lines, and itself.
LEVELS = (
    ("cli", "lsp"),
    ("bulk",),
    ("report",),
    ("prove",),
    ("rewrite",),
    ("facts",),
    ("online",),
    ("context", "catalog"),
    ("syntax",),
)
RANK = {name: rank for rank, names in enumerate(LEVELS) for name in names}
# Who may ask over a network: nothing that decides about a Dockerfile.
MAY_ASK = frozenset({"cli", "lsp", "bulk", "online"})
# What a transform may import; of syntax only what names types.
FOR_TRANSFORMS = frozenset({"facts", "context", "catalog", "rewrite", "syntax"})
MODULES = sorted(p for top in ("optimizer", "transforms") for p in (ROOT / top).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and full name of every module that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: imports are absolute"
            yield node.lineno, node.module or ""


def package(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "optimizer" and len(parts) > 2 else parts[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    own = package(path)
    for line, name in imports(path):
        place = f"{path.relative_to(ROOT)}:{line} imports {name}"
        top, _, rest = name.partition(".")
        assert top not in ("tests", "transforms") or own == "transforms", place
        if top != "optimizer" or not rest:
            continue
        target = rest.partition(".")[0]
        if own == "transforms":
            assert target in FOR_TRANSFORMS, place
        elif own in RANK:
            assert target != "online" or own in MAY_ASK, place
            assert target == own or RANK[target] > RANK[own] or {own, target} == {"cli", "lsp"}, place


def test_every_package_has_its_level() -> None:
    assert {package(p) for p in MODULES} - set(RANK) <= {"optimizer", "transforms"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_is_too_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_no_text_speaks_of_the_place_where_it_was_written() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    # Spelled apart, so that this file is no finding.
    words = re.compile("/" + "work/|/" + "tmp/(dev|bench)|/" + "root/\\.pyenv", re.IGNORECASE)
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            found += [f"{name}: {m.group()}" for m in words.finditer(text)]
    assert found == []
