"""The application's own Python sources: what they import, start, run and open.

Imports and starts stand on lines of their own and are read from the text. What is called is read
with libcst, and only in the files that speak of it: that takes about three seconds a megabyte.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from optimizer.context.files import BuildContext
from optimizer.context.listing import HEAVY, listing
from optimizer.context.sources.found import Found, first_of_each, is_own, line_of
from optimizer.context.sources.projects import PROJECTS
from optimizer.syntax.patterns import pattern

MOST_FILES, MOST_FILE_BYTES = 3000, 1_000_000
# Of the text that is parsed with libcst: some two seconds.
MOST_PARSED = 600_000
_STRINGS = pattern(r"(\"\"\"|''')(?:\\.|.)*?\1", re.DOTALL)
_IMPORT = pattern(r"^[ \t]*(?:import[ \t]+([\w., \t]+)|from[ \t]+([\w.]+)[ \t]+import\b)", re.MULTILINE)
_GUARD = pattern(
    r"^if[ \t]+(__name__[ \t]*==[ \t]*[\"']__main__[\"']|[\"']__main__[\"'][ \t]*==[ \t]*__name__)", re.MULTILINE
)
_APPLICATION = pattern(
    r"^(\w+)[ \t]*(?::[^=\n]+)?=[ \t]*(?:await[ \t]+)?(?:[\w.]+\.)?"
    r"(Flask|FastAPI|Quart|Sanic|Starlette|Litestar|Bottle|Dash|Celery|Robyn|Chalice|Eve|APIFlask|OpenAPI|Application|"
    r"get_wsgi_application|get_asgi_application|create_app|make_app|build_app|App|API|ASGIApp|WSGIApp|default_app)\(",
    re.MULTILINE,
)
# Words of the calls that libcst looks for.
_WORDS = pattern(
    r"\b(subprocess|popen|Popen|os\.(system|exec\w+|spawn\w+|posix_spawn\w*)|from os import|shutil\.which|"
    r"from shutil import|find_executable|import sh\b|from sh\b|invoke|fabric|pexpect|sarge|pty\.spawn|ctypes|cffi|"
    r"dlopen|zoneinfo|pytz|gettz|setlocale|anyio|trio)\b|\b(open|Path|PosixPath|listdir|scandir)\(\s*[rb]*[\"']/"
)


@dataclass(frozen=True)
class PythonSources:
    """What an application's own Python files say, each with the place that says it first.

    `standard`, `own` and `third` are top-level modules by where they come from. `programs` are files
    with a `__main__` guard; `applications` are `package.module:name` of WSGI and ASGI applications.
    `commands` are the programs that it runs, "" where only the run can tell; `files` the absolute paths
    that it opens, `zones` and `locales` what it asks for by name, `libraries` those it loads.
    `unreadable` are files that are not Python 3, with the reason as the name. `whole` is False where
    there was more than was read.
    """

    files_read: int = 0
    standard: tuple[Found, ...] = ()
    own: tuple[Found, ...] = ()
    third: tuple[Found, ...] = ()
    programs: tuple[Found, ...] = ()
    applications: tuple[Found, ...] = ()
    commands: tuple[Found, ...] = ()
    files: tuple[Found, ...] = ()
    zones: tuple[Found, ...] = ()
    locales: tuple[Found, ...] = ()
    libraries: tuple[Found, ...] = ()
    unreadable: tuple[Found, ...] = ()
    whole: bool = True


@dataclass
class _Reader:
    context: BuildContext
    folder: str
    modules: frozenset[str]
    found: dict[str, list[Found]] = field(default_factory=dict)
    parsed: int = 0
    whole: bool = True

    def add(self, kind: str, found: Found) -> None:
        self.found.setdefault(kind, []).append(found)

    def read(self, path: str) -> None:
        text = self.context.text(path, MOST_FILE_BYTES)
        if text is None:
            self.whole = False
            return
        for module, line in imports_of(text):
            self.add(self._origin(module, path), Found(module, path, line))
        for match in _GUARD.finditer(text):
            self.add("programs", Found(self._dotted(path), path, line_of(text, match.start())))
        for match in _APPLICATION.finditer(text):
            self.add("applications", Found(f"{self._dotted(path)}:{match[1]}", path, line_of(text, match.start())))
        if _WORDS.search(text):
            if self.parsed + len(text) > MOST_PARSED:
                self.whole = False
                return
            self.parsed += len(text)
            self._parse(path, text)

    def _parse(self, path: str, text: str) -> None:
        from optimizer.context.sources.python_calls import read_calls

        calls = read_calls(text)
        if calls.problem:
            self.add("unreadable", Found(calls.problem, path, calls.line))
        for kind, name, line in calls.found:
            self.add(kind, Found(name, path, line))

    def _origin(self, module: str, path: str) -> str:
        if module in sys.stdlib_module_names:
            return "standard"
        if module in self.modules:
            return "own"
        near = posixpath.join(posixpath.dirname(path), module)
        if module not in PROJECTS and (self.context.kind(f"{near}.py") or self.context.kind(near) == "folder"):
            return "own"
        return "third"

    def _dotted(self, path: str) -> str:
        """Return a file's module name, seen from the folder."""
        inside = posixpath.relpath(path, self.folder) if self.folder != "." else path
        return inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def python_sources(context: BuildContext, folder: str = ".") -> PythonSources:
    """Read the Python files below a folder of the context that reach the builder; tests and documents are left out."""
    folder = posixpath.normpath(folder.lstrip("/") or ".")
    listed = listing(context, folder, skip=HEAVY)
    paths = [p for p in listed.files if is_own(p, (".py", ".pyw")) and not _is_test(p) and p not in listed.links]
    reader = _Reader(context, folder, frozenset(_own_modules(folder, listed.files)))
    for path in paths[:MOST_FILES]:
        reader.read(path)
    found = {kind: first_of_each(places) for kind, places in reader.found.items()}
    found["unreadable"] = tuple(reader.found.get("unreadable", ()))
    whole = reader.whole and listed.whole and len(paths) <= MOST_FILES
    return PythonSources(files_read=len(paths[:MOST_FILES]), whole=whole, **found)


def imports_of(text: str) -> Iterator[tuple[str, int]]:
    """Yield the top-level modules that a file imports, with the line; relative imports are not told."""
    # Strings of several lines may hold examples; their line breaks stay.
    text = _STRINGS.sub(lambda m: '""' + "\n" * m.group().count("\n"), text)
    for match in _IMPORT.finditer(text):
        line = line_of(text, match.start() + len(match.group()) - len(match.group().lstrip()))
        names = [match[2]] if match[2] else [part.split()[0] for part in match[1].split(",") if part.split()]
        for name in names:
            top = name.partition(".")[0]
            if top and top != "__future__":
                yield top, line


def _is_test(path: str) -> bool:
    name = posixpath.basename(path)
    return name.startswith("test_") or name.endswith("_test.py") or name in ("conftest.py", "setup.py", "noxfile.py")


def _own_modules(folder: str, files: tuple[str, ...]) -> Iterator[str]:
    """Yield the modules that can be imported from the folder, and from `src` or `lib` in it."""
    for path in files:
        if path.endswith(".py"):
            inside = posixpath.relpath(path, folder)
            for root in ("src/", "lib/", ""):
                if inside.startswith(root):
                    yield inside.removeprefix(root).partition("/")[0].removesuffix(".py")
