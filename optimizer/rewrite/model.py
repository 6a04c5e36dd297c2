"""The build model: what a Dockerfile makes the builder do, as a flat list of entries.

Two files with the same model build the same image. The model is read from the tree anew, not
from what a transform believes of it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from optimizer.facts.document import Document
from optimizer.facts.environment import Pair, evaluate, pairs_of_shape
from optimizer.facts.lexer import meaning
from optimizer.facts.runs import Run
from optimizer.facts.stages import Stage, State, join_path
from optimizer.syntax import Instruction
from optimizer.syntax.lines import strip
from optimizer.syntax.nodes import Shape
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Command, Redirect, Script, Word
from optimizer.syntax.shell.behaviour import errexit_before, switches_errexit
from optimizer.syntax.words import blank_words

ONBUILD = "ONBUILD "
_NO_STATE = State()
_HOLE = "\0"
_HOLES = pattern(f"{_HOLE}+")
_NAMES = pattern(r"\w+")
_QUOTED_OR_BLANKS = pattern(r"(\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\")|\s+")
_BLANKS = pattern(r"\s+")
_AROUND = pattern(r" ?([;&|(){}]) ?")
_LINES = pattern(r"\s*\n\s*")


class Entry(NamedTuple):
    """One thing that happens.

    `kind` is an instruction's keyword, or "$" for a command of a RUN, "$end" for what follows the
    last one, "$awake" behind a compound in which `set -e` works, "$text" for a script that is not
    understood. `glue` is what stands between a command
    and the one before it: operators and keywords of the shell.
    """

    kind: str
    glue: str
    words: tuple[str, ...]


def build_model(document: Document) -> list[Entry]:
    """Return the build model of a document."""
    entries: list[Entry] = []
    states = {id(i): state for i, _, state, _ in document.located}
    runs = {id(run.instruction): run for run in (*document.runs, *document.triggers)}
    for instruction in document.tree.instructions:
        spoken = instruction.onbuild or instruction
        run = runs.get(id(spoken))
        found = _run(run) if run else _plain(spoken, states.get(id(instruction), _NO_STATE), document.escape)
        entries += found if spoken is instruction else _below_onbuild(found)
        if instruction.heredocs:
            entries += _bodies(instruction, document.text)
    for stage in document.stages:
        entries.append(_stage_end(stage))
    return entries


def _below_onbuild(entries: Iterable[Entry]) -> list[Entry]:
    """Mark what runs in somebody else's build; the commands of a RUN follow their mark."""
    return [e if e.kind.startswith("$") else e._replace(kind=f"{ONBUILD}{e.kind}") for e in entries]


def _stage_end(stage: Stage) -> Entry:
    state = stage.last
    env = tuple(f"{k}={v}" for k, v in sorted(state.env.items()))
    return Entry("STAGE", "", (str(stage.index), str(state.user), str(state.workdir), *state.shell, *env))


def _run(run: Run) -> Sequence[Entry]:
    state = run.state
    flags = _flags(run.instruction.shape)
    head = Entry("RUN", "", (" ".join(state.shell), f"user={state.user}", f"workdir={state.workdir}", *flags))
    if run.instruction.json is not None:
        return [head, Entry("$", "exec", run.instruction.json)]
    if run.script.opaque:
        return [head, Entry("$text", "", (run.script.text.strip(),))]
    return [head, *_commands(run.script, state.errexit)]


@lru_cache(maxsize=8192)
def _commands(script: Script, errexit: bool) -> tuple[Entry, ...]:
    entries = []
    at = 0
    awake = _awake(script, errexit)
    nested = [c for c in script.commands if "substitution" in c.where]
    for command in script.commands:
        inside = [c for c in nested if command.start < c.start and c.end <= command.end]
        words = (
            *_raw(command.assignments, inside),
            *_raw(command.words, inside),
            *(_redirect(script, r, inside) for r in command.redirects),
        )
        if "substitution" in command.where:
            entries.append(Entry("$", "$(", words))
            continue
        entries.append(Entry("$", _glue(script, at, command.start, nested), words))
        at = max(at, command.end)
        if command.start in awake:
            entries.append(Entry("$awake", "", ()))
    rest = _glue(script, at, len(script.text), nested).rstrip(";")
    if rest:
        entries.append(Entry("$end", rest, ()))
    return tuple(entries)


def _awake(script: Script, errexit: bool) -> set[int]:
    """Return where the last commands of those compounds start in which `set -e` works.

    It sleeps in all that stands on the left of `&&` or `||`.
    """
    found = set()
    for index, step in enumerate(script.steps):
        if step.kind == "compound" and (switches_errexit(step) or errexit_before(script, index, errexit)):
            following = script.steps[index + 1].operator if index + 1 < len(script.steps) else ""
            if following not in ("&&", "||"):
                found.update(sorted(c.start for c in step.commands if "substitution" not in c.where)[-1:])
    return found


def _raw(words: Iterable[Word], inside: Sequence[Command]) -> Iterator[str]:
    """Yield words as written, but without the commands of their substitutions: these are entries too."""
    if not inside:
        yield from (word.raw for word in words)
        return
    for word in words:
        touching = [c for c in inside if c.start < word.end and word.start < c.end]
        if not any(c.start <= word.start and word.end <= c.end for c in touching):
            yield _punched(word, touching)


def _punched(word: Word, commands: Sequence[Command]) -> str:
    text, end = "", word.start
    for command in commands:
        if command.start >= end:
            text += word.raw[end - word.start : command.start - word.start] + _HOLE
        end = max(end, command.end)
    return text + word.raw[end - word.start :]


def _redirect(script: Script, redirect: Redirect, inside: Sequence[Command]) -> str:
    if redirect.target is None:
        return script.text[redirect.start : redirect.end]
    target = " ".join(_raw((redirect.target,), inside))
    return _BLANKS.sub("", script.text[redirect.start : redirect.target.start]) + target


def _glue(script: Script, start: int, end: int, nested: Sequence[Command]) -> str:
    text = script.text[start:end]
    if text.strip() in ("", "&&", "||", "|", ";"):
        return text.strip()
    for command in nested:
        # Such as in the list of a `for`: the command itself is an entry.
        first, last = max(command.start, start), min(command.end, end)
        if first < last:
            text = text[: first - start] + _HOLE * (last - first) + text[last - start :]
    for first, last in script.comments:
        if start <= first and last <= end:
            text = text[: first - start] + " " * (last - first) + text[last - start :]
    text = _HOLES.sub(_HOLE, text)
    return _AROUND.sub(r"\1", _BLANKS.sub(" ", _LINES.sub(";", text.strip()))).strip()


def _plain(instruction: Instruction, state: State, escape: str) -> Sequence[Entry]:
    keyword, shape = instruction.keyword, instruction.shape
    if keyword in ("COPY", "ADD"):
        words, flags = _copy_words(shape)
        if words:
            target = join_path(state.workdir, evaluate(words[-1], state.env, escape))
            words = (*words[:-1], _normal_target(target) if target else words[-1])
        return (Entry(keyword, "", (*words, *flags)),)
    if keyword == "WORKDIR":
        folder = join_path(state.workdir, evaluate(strip(instruction.args), state.env, escape))
        if folder:
            return (Entry(keyword, "", (posixpath.normpath(folder),)),)
    return _stateless(shape, escape)


@lru_cache(maxsize=8192)
def _copy_words(shape: Shape) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return shape.json or _words(shape), _flags(shape)


@lru_cache(maxsize=8192)
def _stateless(shape: Shape, escape: str) -> tuple[Entry, ...]:
    """Return the entries of an instruction that means the same wherever it stands."""
    keyword = shape.keyword
    if keyword in ("ENV", "LABEL", "ARG"):
        pairs = pairs_of_shape(shape, escape)
        if pairs:
            return tuple(_pair(keyword, pairs, n, escape) for n in range(len(pairs)))
    if keyword == "FROM":
        words = _words(shape)
        return (Entry(keyword, "", (*(w.lower() if n else w for n, w in enumerate(words)), *_flags(shape))),)
    return (Entry(keyword, "", (*_flags(shape), *_text(shape))),)


def _flags(shape: Shape) -> tuple[str, ...]:
    return tuple(sorted(f"--{f.name}={f.value}" for f in shape.flags))


def _normal_target(path: str) -> str:
    """Return where a COPY goes; a slash or dot at the end marks a folder."""
    normal = posixpath.normpath(path)
    return normal.rstrip("/") + "/" if path.endswith(("/", "/.", "/..")) else normal


def _pair(keyword: str, pairs: Sequence[Pair], number: int, escape: str) -> Entry:
    """Return one pair of several. A variable has in all of them the value from before the instruction."""
    pair = pairs[number]
    earlier = {p.name for p in pairs[:number]} if keyword == "ENV" and "$" in pair.raw else set()
    hidden = sorted(earlier.intersection(_NAMES.findall(pair.raw)))
    value = (meaning(pair.raw, escape),) if pair.given else ()
    return Entry(keyword, " ".join(hidden), (pair.name, *value))


def _text(shape: Shape) -> tuple[str, ...]:
    if shape.json is not None:
        return ("exec", *shape.json)
    return (_squeezed(shape.folded.text[shape.args_at :]),)


def _squeezed(text: str) -> str:
    """Make blanks outside of quotes single ones."""
    return _QUOTED_OR_BLANKS.sub(lambda match: str(match.group(1) or " "), text).strip()


def _words(shape: Shape) -> tuple[str, ...]:
    text = shape.folded.text
    return tuple(span.of(text) for span in blank_words(text, shape.args_at))


def _bodies(instruction: Instruction, text: str) -> list[Entry]:
    if instruction.keyword == "RUN" and len(instruction.heredocs) == 1:
        if instruction.args.strip().startswith("<<") and " " not in instruction.args.strip():
            return []
    return [Entry("<<", h.name, (h.body.of(text),)) for h in instruction.heredocs]
