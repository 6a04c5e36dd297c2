"""What a container of the image starts: CMD, ENTRYPOINT, HEALTHCHECK, and the scripts that they call."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.facts.calls import ShellCall, calls_of
from optimizer.facts.document import Document
from optimizer.facts.stages import POSIX_SHELLS, Stage
from optimizer.rewrite.stages.placed import Placed
from optimizer.syntax import Instruction
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Script, exec_script, read_script

_MOST_SCRIPTS = 8
_ALL_WORDS = pattern(r"\$[@*]|\$\{[@*]\}")


@dataclass(frozen=True)
class Start:
    """What runs. `calls` are all calls that were read, the first of them being what the container starts.

    `script_paths` are where the scripts that were read lie in the image. `text` is all that was read.
    `unread` says why there may be more, "" where all was read.
    """

    calls: tuple[ShellCall, ...]
    script_paths: tuple[str, ...]
    text: str
    unread: str

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs as they are written, wrappers such as `exec` left out."""
        found = (call.words[0].value or "" for call in self.calls if call.words)
        return tuple(dict.fromkeys(name for name in found if name))

    @property
    def helpers(self) -> frozenset[str]:
        """The base names of programs that run others: gosu, tini, env."""
        return frozenset(name for call in self.calls for name in call.wrappers) - {"exec", "command"}


def start_of(doc: Document, stage: Stage, placed: Placed) -> Start:
    """Read what a stage's image runs; scripts are looked up in the build context."""
    scripts = list(_scripts(stage))
    texts = [script.text or " ".join(w.raw for c in script.commands for w in c.words) for script in scripts]
    unread = next((script.opaque for script in scripts if script.opaque), "")
    calls = [call for script in scripts for call in calls_of(script)]
    paths: list[str] = []
    queue = list(calls)
    while queue:
        call = queue.pop(0)
        path = _script_path(call, stage.last.workdir or "/", placed)
        if path is None or path in paths:
            continue
        text = placed.text(doc, path)
        if text is None or len(paths) >= _MOST_SCRIPTS:
            unread = unread or f"{path} was not read"
            continue
        if not text.startswith("#!") and not path.endswith(".sh"):
            continue
        script = read_script(text)
        unread = unread or (script.opaque and f"{path} is not understood")
        paths.append(path)
        texts.append(text)
        more = [*calls_of(script), *_handed_on(call, path, text)]
        unread = unread or next((f"{path} calls {c.words[0].raw}" for c in more if _is_unknown(c)), "")
        calls += more
        queue += more
    return Start(tuple(calls), tuple(paths), "\n".join(texts), unread)


def _handed_on(call: ShellCall, path: str, text: str) -> Iterator[ShellCall]:
    """Yield the call that a script makes of the words that it is called with: `exec "$@"`."""
    if not _ALL_WORDS.search(text):
        return
    words = [w.value or "" for w in call.words]
    at = next((n for n, w in enumerate(words) if w and path.endswith(w.removeprefix("."))), None)
    rest = tuple(words[at + 1 :]) if at is not None else ()
    if rest and all(rest):
        yield from calls_of(exec_script(rest))


def _is_unknown(call: ShellCall) -> bool:
    """Whether only the run can tell which program a call is of; the script's own words are known."""
    return bool(call.words) and call.words[0].value is None and not _ALL_WORDS.search(call.words[0].raw)


def _scripts(stage: Stage) -> Iterator[Script]:
    last = {i.keyword: i for i in stage.members}
    entry, command, health = (last.get(k) for k in ("ENTRYPOINT", "CMD", "HEALTHCHECK"))
    if entry is not None and entry.json is not None and command is not None and command.json is not None:
        yield _argv((*entry.json, *command.json))
    else:
        if entry is not None:
            yield _script(entry)
        if command is not None and (entry is None or entry.json is not None):
            yield _script(command)
    if health is not None and health.args.strip().upper() != "NONE":
        yield _script(health)


def _script(instruction: Instruction) -> Script:
    return _argv(instruction.json) if instruction.json is not None else read_script(instruction.args.strip())


def _argv(argv: tuple[str, ...]) -> Script:
    program = argv[0].rpartition("/")[2] if argv else ""
    if program in POSIX_SHELLS and len(argv) >= 3 and argv[1].startswith("-") and argv[1].endswith("c"):
        return read_script(argv[2])
    return exec_script(argv)


def _script_path(call: ShellCall, workdir: str, placed: Placed) -> str | None:
    """Return where the script that a call runs lies in the image, None where it calls none."""
    if not call.words:
        return None
    words = [w.value or "" for w in call.words]
    if call.program in POSIX_SHELLS or words[0] in (".", "source"):
        operands = [w for w in words[1:] if w and not w.startswith("-")]
        return posixpath.normpath(posixpath.join(workdir, operands[0])) if operands else None
    if "/" in words[0]:
        path = posixpath.normpath(posixpath.join(workdir, words[0]))
        return path if path in placed.files or path.endswith(".sh") else None
    return placed.on_path(words[0])
