"""Whether a Python file is nested so deeply that libcst, which recurses, could take the process down."""

from __future__ import annotations

import ast
import re
import warnings

from optimizer.syntax.patterns import pattern

DEEPEST = 200
# A file with none of these is not looked at closely: a bracket group or a line of this size, so many `elif`.
_LONG_GROUP, _LONG_LINE, _MANY_BRACKETS = 10_000, 1000, 50
_BRACKET = pattern(r"[()\[\]{}]")
_BESIDE = pattern(r"[\"'][ \t\\\n]+[rbfuRBFU]{0,2}[\"']")


def is_too_deep(text: str) -> bool:
    """Tell whether a file nests expressions, or joins strings, more than DEEPEST times; not where it is no Python 3."""
    if not _is_odd(text):
        return False
    if sum(1 for _ in _BESIDE.finditer(text)) > DEEPEST * 5:
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        return "too many" in str(error)
    except (RecursionError, MemoryError, ValueError):
        return True
    stack: list[tuple[ast.AST, int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > DEEPEST:
            return True
        stack += ((inner, depth + 1) for inner in ast.iter_child_nodes(node))
    return False


def _is_odd(text: str) -> bool:
    if any(len(line) > _LONG_LINE for line in text.splitlines()) or len(re.findall(r"\belif\b", text)) > DEEPEST:
        return True
    depth = start = 0
    for match in _BRACKET.finditer(text):
        if depth and match.start() - start > _LONG_GROUP:
            return True
        if match.group() in "([{":
            start = start if depth else match.start()
            depth += 1
        else:
            depth = max(depth - 1, 0)
        if depth > _MANY_BRACKETS:
            return True
    return False
