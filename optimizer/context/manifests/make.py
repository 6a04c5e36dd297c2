"""Makefile: a program, of which regular forms are read.

Source of the form: gnu.org/software/make/manual, "How to Use Variables" and "Rule Syntax".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LIMIT, is_there
from optimizer.syntax.patterns import pattern

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_VARIABLE = pattern(r"^[ ]*(?:override\s+|export\s+)?([\w.-]+)[ \t]*(\?=|::?=|\+=|=)[ \t]*(.*)$", re.MULTILINE)
_RULE = pattern(r"^([^\s#:=][^#:=\n]*?)[ \t]*::?(?!=)[ \t]*([^=\n]*)$", re.MULTILINE)
_REFERENCE = pattern(r"\$[({]([\w.-]+)[)}]|\$(\w)")


@dataclass(frozen=True)
class Makefile:
    """A Makefile. `default` is its first target; `targets` maps targets to their prerequisites.

    `outputs` are the files that the default target makes, where it and what it needs are plain
    names. `whole` is False where it includes other files or has conditions.
    """

    path: str
    unreadable: str = ""
    default: str = ""
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    phony: frozenset[str] = frozenset()
    variables: Mapping[str, str] = field(default_factory=dict)
    recipes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whole: bool = True

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files that the default target stands for: itself, or what it needs where it is no file."""
        if self.default and self.default not in self.phony and self.default not in ("all", "build", "default"):
            return (self.default,)
        return tuple(n for n in self.targets.get(self.default, ()) if n in self.targets and n not in self.phony)


def find_makefile(context: BuildContext, folder: str = ".") -> Makefile | None:
    """Read the Makefile of a folder as make looks for it; None where there is none."""
    for name in MAKEFILES:
        found = read_makefile(context, posixpath.normpath(posixpath.join(folder, name)))
        if found is not None:
            return found
    return None


def read_makefile(context: BuildContext, path: str) -> Makefile | None:
    """Read a Makefile; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LIMIT)
    if text is None:
        return Makefile(path, "is too large")
    text = re.sub(r"\\\r?\n[ \t]*", " ", text)
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("\t"))
    variables: dict[str, str] = {}
    for name, operator, value in _VARIABLE.findall(plain):
        value = value.partition(" #")[0].strip()
        if operator == "+=":
            value = f"{variables.get(name, '')} {value}".strip()
        if operator != "?=" or name not in variables:
            variables[name] = value
    targets: dict[str, tuple[str, ...]] = {}
    recipes: dict[str, tuple[str, ...]] = {}
    phony: set[str] = set()
    named: tuple[str, ...] = ()
    default = ""
    for line in text.splitlines():
        if line.startswith("\t"):
            for name in named:
                recipes[name] = (*recipes.get(name, ()), expand(line.strip(), variables))
            continue
        rule = _RULE.match(line)
        if not rule:
            continue
        left, right = (expand(g, variables).split("#")[0] for g in rule.groups())
        needs = tuple(right.partition(";")[0].replace("|", " ").split())
        named = tuple(left.split())
        if named and named[0] == ".PHONY":
            phony.update(needs)
            continue
        for name in named:
            targets[name] = (*targets.get(name, ()), *needs)
            if not default and not name.startswith(".") and "%" not in name:
                default = name
    goal = variables.get(".DEFAULT_GOAL", default)
    whole = not re.search(r"^(-?include|sinclude|ifeq|ifneq|ifdef|ifndef|define)\b", plain, re.MULTILINE)
    return Makefile(path, "", goal, targets, frozenset(phony), variables, recipes, whole)


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace the variables that are known; the others stay."""
    for _ in range(5):
        expanded = _REFERENCE.sub(lambda m: variables.get(m.group(1) or m.group(2), m.group()), text)
        if expanded == text or len(expanded) > 20_000:
            break
        text = expanded
    return text
