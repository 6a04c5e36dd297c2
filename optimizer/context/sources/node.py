"""The application's own JavaScript sources: what they import and which programs they run, by regular expressions.

Source of the calls: nodejs.org/api/child_process; execa and zx by their own pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.listing import HEAVY, listing
from optimizer.context.sources.found import Found, first_of_each, is_own, line_of
from optimizer.context.sources.shell import DYNAMIC, script_commands
from optimizer.syntax.patterns import pattern

MOST_FILES, MOST_FILE_BYTES = 3000, 1_000_000
_SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".vue", ".svelte")
_TEST = pattern(r"(\.|-)(test|spec|stories|e2e)\.[a-z]+\Z")
_RUNNERS = pattern(r"\b(child_process|execa|shelljs|cross-spawn|zx|tinyexec|nano-spawn)\b")
_CALL = pattern(
    r"\b(execFileSync|execFile|execSync|spawnSync|spawn|execaSync|execaCommand|execa|exec|shell\.exec|crossSpawn)"
    r"\s*\(\s*(?:(['\"`])((?:\\.|(?!\2).)*)\2|([^)\s,]))",
    re.DOTALL,
)
_TEMPLATE = pattern(r"(?<![\w$.])\$(?:\([^)]*\))?`((?:\\.|[^`])*)`")
_IMPORT = pattern(
    r"""(?:\brequire(?:\.resolve)?\s*\(\s*|\bimport\s*\(\s*|\bfrom\s+|^\s*import\s+)['"]([^'"\n]+)['"]""", re.MULTILINE
)
_TYPE_ONLY = pattern(r"^\s*(?:import|export)\s+type\b[^'\"]*\bfrom\s+['\"][^'\"\n]+['\"]", re.MULTILINE)
_PACKAGE = pattern(r"(@[\w.~-]+/[\w.~-]+|[\w~-][\w.~-]*)")
# A script (`exec`, a template) rather than a program by itself.
_SHELL = frozenset({"exec", "execSync", "execaCommand", "shell.exec"})


@dataclass(frozen=True)
class NodeSources:
    """What an application's own JavaScript and TypeScript files say, each with the place that says it first.

    `packages` are the packages that are imported, `node:` modules as `node:fs`. `commands` are the
    programs that it runs, "" where only the run can tell. `whole` is False where there was more than
    was read.
    """

    files_read: int = 0
    packages: tuple[Found, ...] = ()
    commands: tuple[Found, ...] = ()
    whole: bool = True


def node_sources(context: BuildContext, folder: str = ".") -> NodeSources:
    """Read the JavaScript and TypeScript files below a folder that reach the builder; tests are left out."""
    listed = listing(context, folder, skip=HEAVY)
    paths = [p for p in listed.files if is_own(p, _SUFFIXES) and not _TEST.search(p) and p not in listed.links]
    whole = listed.whole and len(paths) <= MOST_FILES
    packages: list[Found] = []
    commands: list[Found] = []
    for path in paths[:MOST_FILES]:
        text = context.text(path, MOST_FILE_BYTES)
        if text is None:
            whole = False
            continue
        packages += (Found(name, path, line_of(text, at)) for name, at in packages_of(text))
        if _RUNNERS.search(text):
            commands += (Found(name, path, line_of(text, at)) for name, at in _commands(text))
    return NodeSources(len(paths[:MOST_FILES]), first_of_each(packages), first_of_each(commands), whole)


def packages_of(text: str) -> Iterator[tuple[str, int]]:
    """Yield the packages that a file imports, types left out, and where."""
    types = [m.span() for m in _TYPE_ONLY.finditer(text)]
    for match in _IMPORT.finditer(text):
        name = match.group(1)
        if name.startswith((".", "/", "#", "@/", "~/")) or any(a <= match.start() < b for a, b in types):
            continue
        found = _PACKAGE.match(name.removeprefix("node:"))
        if found:
            yield f"node:{found.group()}" if name.startswith("node:") else found.group(), match.start(1)


def _commands(text: str) -> Iterator[tuple[str, int]]:
    for match in _CALL.finditer(text):
        function, quote, value, _ = match.groups()
        before = text[max(match.start() - 1, 0) : match.start()]
        if (
            function == "exec"
            and before == "."
            and not re.search(
                r"(child_process|cp|shell|childProcess)\.\Z", text[max(match.start() - 20, 0) : match.start()]
            )
        ):
            # RegExp.prototype.exec, and queries of databases.
            continue
        if re.search(r"\bfunction\s+\Z", text[max(match.start() - 12, 0) : match.start()]):
            continue
        yield from ((name, match.start()) for name in _named(function, quote, value))
    for match in _TEMPLATE.finditer(text):
        yield from ((name, match.start()) for name in _named("exec", "`", match.group(1)))


def _named(function: str, quote: str | None, value: str | None) -> tuple[str, ...]:
    if quote is None or value is None:
        return (DYNAMIC,)
    if quote == "`" and "${" in value:
        head = re.match(r"\s*([\w./+-]+)\s", value) if function in _SHELL else None
        return (head.group(1),) if head else (DYNAMIC,)
    return script_commands(value) if function in _SHELL else (value,)
