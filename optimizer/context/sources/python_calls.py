"""What a Python file calls: programs, files, time zones, locales and libraries, read with libcst."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import libcst as cst

from optimizer.context.sources.python_depth import is_too_deep
from optimizer.context.sources.shell import DYNAMIC, script_commands
from optimizer.syntax.patterns import pattern

# How each function is told its program: "argv" a list or a string, "shell" a script, "word" its first
# argument is the program, "second" the one behind it. Source: docs.python.org, `subprocess`, `os`, `shutil`, `asyncio`.
_RUNS = {
    **{f"subprocess.{n}": "argv" for n in ("run", "call", "check_call", "check_output", "Popen")},
    **{f"subprocess.{n}": "shell" for n in ("getoutput", "getstatusoutput")},
    **{f"os.{n}": "shell" for n in ("system", "popen")},
    **{f"os.exec{n}": "word" for n in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")},
    **{f"os.spawn{n}": "second" for n in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")},
    **{f"pexpect.{n}": "shell" for n in ("spawn", "spawnu", "run", "runu")},
    **{f"{n}": "shell" for n in ("invoke.run", "invoke.sudo", "fabric.api.local", "sarge.run", "sarge.capture_stdout")},
    **{f"{n}.subprocess.Popen": "argv" for n in ("gevent", "eventlet.green")},
    "os.posix_spawn": "word",
    "os.posix_spawnp": "word",
    "pty.spawn": "argv",
    "shutil.which": "word",
    "distutils.spawn.find_executable": "word",
    "asyncio.create_subprocess_exec": "word",
    "asyncio.create_subprocess_shell": "shell",
    "anyio.run_process": "argv",
    "anyio.open_process": "argv",
    "trio.run_process": "argv",
}
# Methods of the objects of invoke and fabric, in files that speak of them.
_OBJECT_RUNS = (".run", ".sudo", ".local")
_OBJECT_RUNNERS = pattern(r"\b(invoke|fabric)\b")
_OPENS = frozenset({"open", "io.open", "os.open", "pathlib.Path", "pathlib.PosixPath", "codecs.open", "aiofiles.open",
                    "os.listdir", "os.scandir", "gzip.open", "json.load"})  # fmt: skip
_ZONES = frozenset(
    {"zoneinfo.ZoneInfo", "backports.zoneinfo.ZoneInfo", "pytz.timezone", "dateutil.tz.gettz", "tz.gettz"}
)
_LOADS = frozenset({"ctypes.CDLL", "ctypes.PyDLL", "ctypes.cdll.LoadLibrary", "ctypes.util.find_library",
                    "ctypes.util.find_msvcrt", "cffi.FFI.dlopen", "ctypes.cdll"})  # fmt: skip
# Fields of nodes that hold blanks, comments and punctuation.
_LAYOUT = ("whitespace", "lpar", "rpar", "leading_lines", "lines_after", "comma", "header", "footer", "semicolon")
_LITERAL_HEAD = pattern(r"\s*([\w./+-]+)(\s)")


@dataclass
class Calls:
    """What was found: (kind, name, line), or why the file can't be read, and where."""

    found: list[tuple[str, str, int]] = field(default_factory=list)
    problem: str = ""
    line: int = 1


def read_calls(text: str) -> Calls:
    """Read the calls of a Python file. Kinds are those of PythonSources."""
    if is_too_deep(text):
        return Calls(problem="is nested too deeply")
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        return Calls(problem="is no Python 3", line=error.raw_line)
    except (RecursionError, ValueError, UnicodeError) as error:
        return Calls(problem=f"is not understood: {type(error).__name__}")
    try:
        return Calls(list(_Reader(module, text).results()))
    except RecursionError:
        return Calls(problem="is nested too deeply")


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """Return the fields of a kind of node that hold code, the last one first."""
    return tuple(name for name in reversed(kind.__dataclass_fields__) if not name.startswith(_LAYOUT))


def _walk(module: cst.Module) -> Iterator[cst.CSTNode]:
    """Yield all nodes in the order of the text. A visitor of libcst makes every node anew, in four times the time."""
    stack: list[cst.CSTNode] = [module]
    while stack:
        node = stack.pop()
        yield node
        for name in _fields(type(node)):
            value = getattr(node, name)
            if isinstance(value, cst.CSTNode):
                stack.append(value)
            elif type(value) in (list, tuple):
                stack += (v for v in reversed(value) if isinstance(v, cst.CSTNode))


class _Reader:
    def __init__(self, module: cst.Module, text: str) -> None:
        self.module = module
        self.text = text
        self.names: dict[str, str] = {}
        self.values: dict[str, list[cst.BaseExpression]] = {}
        self.calls: list[cst.Call] = []
        for node in _walk(module):
            if isinstance(node, cst.Call):
                self.calls.append(node)
            elif isinstance(node, cst.Import):
                self._import(node)
            elif isinstance(node, cst.ImportFrom):
                self._import_from(node)
            elif isinstance(node, cst.Assign):
                for target in node.targets:
                    if isinstance(target.target, cst.Name):
                        self.values.setdefault(target.target.value, []).append(node.value)

    def _import(self, node: cst.Import) -> None:
        for alias in node.names:
            name = dotted(alias.name)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                self.names[alias.asname.name.value] = name
            else:
                self.names[name.partition(".")[0]] = name.partition(".")[0]

    def _import_from(self, node: cst.ImportFrom) -> None:
        if node.module is not None and not node.relative and not isinstance(node.names, cst.ImportStar):
            source = dotted(node.module)
            for alias in node.names:
                name = dotted(alias.name)
                known = alias.asname.name if alias.asname is not None else None
                self.names[known.value if isinstance(known, cst.Name) else name] = f"{source}.{name}"

    def results(self) -> Iterator[tuple[str, str, int]]:
        for name in self.names.values():
            if name.startswith(("sh.", "plumbum.cmd.")):
                yield "commands", name.rpartition(".")[2].replace("_", "-"), self._line_of_word(name.rpartition(".")[2])
        for call in self.calls:
            for kind, name in self._read(call):
                yield kind, name, self._line(call)

    def _read(self, call: cst.Call) -> Iterator[tuple[str, str]]:
        function = self._name(call.func)
        if function in _RUNS:
            yield from (("commands", name) for name in self._programs(call, _RUNS[function]))
        elif function == "sh.Command":
            yield "commands", literal(_argument(call, 0)) or DYNAMIC
        elif function.startswith("sh.") and function.count(".") == 1:
            yield "commands", function[3:].replace("_", "-")
        elif function.endswith(_OBJECT_RUNS) and _OBJECT_RUNNERS.search(self.text):
            yield from (("commands", name) for name in self._programs(call, "shell"))
        elif function in _OPENS:
            path = literal(_argument(call, 0))
            if path is not None and path.startswith("/"):
                yield "files", path
        elif function in _ZONES:
            yield "zones", literal(_argument(call, 0)) or DYNAMIC
        elif function == "locale.setlocale":
            yield "locales", literal(_argument(call, 1)) or DYNAMIC
        elif function in _LOADS or function.endswith(".dlopen"):
            yield "libraries", literal(_argument(call, 0)) or DYNAMIC

    def _name(self, node: cst.BaseExpression) -> str:
        """Return what a function is called where it comes from, such as `subprocess.run` for an imported `run`."""
        name = dotted(node)
        head, dot, rest = name.partition(".")
        return f"{self.names.get(head, head)}{dot}{rest}"

    def _programs(self, call: cst.Call, how: str) -> Sequence[str]:
        argument = _argument(call, 1 if how == "second" else 0, "args", "cmd", "command", "path", "file", "program")
        if argument is None:
            return [DYNAMIC]
        found: list[str] = []
        for value in self._meant(argument):
            if how in ("word", "second"):
                found.append(self._program(value))
            elif how == "shell" or (_is_true(_keyword(call, "shell")) and not isinstance(value, cst.List | cst.Tuple)):
                found += self._script(value)
            else:
                found.append(self._first(value))
        return found

    def _meant(self, node: cst.BaseExpression) -> list[cst.BaseExpression]:
        """Return the values that a name was given in this file, or the expression itself."""
        if isinstance(node, cst.Name) and node.value in self.values:
            return self.values[node.value]
        return [node]

    def _first(self, node: cst.BaseExpression) -> str:
        """Return the program of an argument list."""
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
            return self._first(node.left)
        if isinstance(node, cst.List | cst.Tuple) and node.elements and isinstance(node.elements[0], cst.Element):
            return self._program(node.elements[0].value)
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "split":
            # shlex.split("git status"), "git status".split()
            text = _argument(node, 0) if dotted(node.func.value) == "shlex" else node.func.value
            return next(iter(self._script(text)), DYNAMIC) if text is not None else DYNAMIC
        return self._program(node)

    def _program(self, node: cst.BaseExpression) -> str:
        if dotted(node) == "sys.executable" or self._name(node) == "sys.executable":
            return "python"
        values = [literal(value) for value in self._meant(node)]
        return values[0] or DYNAMIC if len(values) == 1 else DYNAMIC

    def _script(self, node: cst.BaseExpression) -> Sequence[str]:
        text = literal(node)
        if text is not None:
            return script_commands(text)
        head = _LITERAL_HEAD.match(_head(node))
        return [head.group(1)] if head else [DYNAMIC]

    def _line(self, node: cst.CSTNode) -> int:
        """Return the line of a node: of the first place where its text stands."""
        at = self.text.find(self.module.code_for_node(node))
        return self.text.count("\n", 0, max(at, 0)) + 1

    def _line_of_word(self, word: str) -> int:
        match = re.search(rf"\b{re.escape(word)}\b", self.text)
        return self.text.count("\n", 0, match.start()) + 1 if match else 1


def dotted(node: cst.CSTNode) -> str:
    """Return a dotted name, "" for any other expression."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr.value}" if head else f"().{node.attr.value}"
    return ""


def literal(node: cst.BaseExpression | None) -> str | None:
    """Return a string's value, None for any other expression."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        value = node.evaluated_value
        return (
            value if isinstance(value, str) else value.decode("utf-8", "replace") if isinstance(value, bytes) else None
        )
    return None


def _head(node: cst.BaseExpression) -> str:
    """Return the literal text that a string starts with: of an f-string, a sum, a `%` or a `.format`."""
    if isinstance(node, cst.FormattedString) and node.parts and isinstance(node.parts[0], cst.FormattedStringText):
        return node.parts[0].value
    if isinstance(node, cst.BinaryOperation):
        return literal(node.left) or _head(node.left)
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        return literal(node.func.value) or ""
    if isinstance(node, cst.ConcatenatedString):
        return literal(node.left) or _head(node.left)
    return ""


def _argument(call: cst.Call, number: int, *names: str) -> cst.BaseExpression | None:
    plain = [a for a in call.args if a.keyword is None]
    if number < len(plain) and not any(a.star for a in plain[: number + 1]):
        return plain[number].value
    return next((found for name in names if (found := _keyword(call, name)) is not None), None)


def _keyword(call: cst.Call, name: str) -> cst.BaseExpression | None:
    return next((a.value for a in call.args if a.keyword is not None and a.keyword.value == name), None)


def _is_true(node: cst.BaseExpression | None) -> bool:
    return node is not None and not (isinstance(node, cst.Name) and node.value in ("False", "None"))
