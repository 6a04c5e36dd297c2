"""Start programs without a shell around them.

In shell form the container's first process is `/bin/sh -c`, which does not pass on signals: the
program never hears of `docker stop`, and is killed ten seconds later.

Before:
    CMD gunicorn --bind 0.0.0.0:8000 app:app
After:
    CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]

Safety: review. The program becomes the first process and receives signals itself; arguments of
`docker run` behind the image's name are now passed to an ENTRYPOINT. A program in a file of your own needs
a first line such as `#!/bin/sh`, which a shell does without: where it can't be seen, the change is risky.
Left alone: whatever needs a shell (variables, wildcards, several commands, redirections, built-ins); an
ENTRYPOINT whose CMD is ignored today and would become its arguments; a CMD that an ENTRYPOINT in exec form
receives; a file that sets another SHELL; Windows.
"""

import json
import shlex
from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.stages import DEFAULT_SHELL, Stage, State
from optimizer.rewrite.change import Change, Edit, Left, Phase, Safety
from optimizer.rewrite.claims import entries_as
from optimizer.rewrite.compose import left
from optimizer.rewrite.instructions import args_span, put, put_before, put_behind
from optimizer.rewrite.model import Entry
from optimizer.rewrite.registry import transform
from optimizer.syntax import Instruction, Span
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Command, read_script

KEYWORDS = ("CMD", "ENTRYPOINT")
# What is left of a word without its quoted parts must mean nothing to any shell.
QUOTED = pattern(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")
PLAIN = pattern(r"[\w@%+=:,./-]*")
BUILTINS = frozenset(
    ". : [ alias bg break case cd command continue declare dirs disown do done echo enable esac eval exec exit export "
    "false fc fg fi for getopts hash help history if in jobs kill let local logout popd printf pushd pwd read readonly "
    "return set shift shopt source suspend test then time times trap true type typeset ulimit umask unalias unset "
    "until wait while".split()
)
# Programs that run what is behind them, and nothing else with it.
RUNNERS = frozenset({"tini", "dumb-init", "catatonit", "docker-init", "su-exec", "gosu", "s6-setuidgid"})
SYSTEM = pattern(r"/(usr/)?s?bin/[\w.+-]+\Z|/usr/(lib|share)/")


def as_exec(entry: Entry) -> Entry:
    """Return a CMD or ENTRYPOINT with its words taken apart as a shell would."""
    if entry.words[:1] == ("exec",):
        return entry._replace(words=("exec", *(" ".join(w.split()) for w in entry.words[1:])))
    try:
        words = shlex.split(entry.words[-1])
    except ValueError:
        return entry
    return entry._replace(words=("exec", *(" ".join(w.split()) for w in words[words[:1] == ["exec"] :])))


@transform(
    phase=Phase.TIDY,
    safety=Safety.REVIEW,
    see=["hadolint:DL3025", "buildkit:JSONArgsRecommended"],
    triggers=["cmd", "entrypoint"],
    claims=[entries_as(KEYWORDS, as_exec)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find programs that need no shell to be started."""
    for stage in doc.stages:
        last = {member.keyword: (member, index) for index, member in enumerate(stage.members)}
        for keyword in KEYWORDS:
            member, index = last.get(keyword, (None, 0))
            if member is None or member.json is not None or member.shape.flags or member.shape.open:
                continue
            state = stage.states[index]
            command = _command(member, state)
            if command is None:
                continue
            title = f"{keyword} without a shell"
            reason = _reason(stage, keyword)
            if reason:
                yield left(doc, member.start, title, reason)
                continue
            edits = _edits(member, command)
            if edits is not None:
                safety, evidence = _judge(doc, stage, keyword, command)
                yield Change(
                    title=title,
                    why="a shell in front does not pass signals on, so that the program can't end in order",
                    edits=edits,
                    safety=safety,
                    evidence=evidence,
                )


def _command(instruction: Instruction, state: State) -> Command | None:
    """Return the one simple command of a shell form that needs no shell."""
    if state.windows or state.shell != DEFAULT_SHELL:
        return None
    script = read_script(instruction.args)
    if script.opaque or len(script.steps) != 1 or script.steps[0].kind != "simple" or script.background:
        return None
    command = script.commands[0]
    words = command.words
    if len(script.commands) != 1 or command.redirects or command.assignments or script.comments:
        return None
    if command.start != 0 or command.end != args_span(instruction).end - instruction.shape.args_at:
        return None
    if any(w.value is None or not PLAIN.fullmatch(QUOTED.sub("", w.raw)) for w in words):
        return None
    program = words[1:2] if words[0].raw == "exec" else words[:1]
    if not program or not program[0].value or program[0].value in BUILTINS or program[0].value.startswith("-"):
        return None
    return command


def _reason(stage: Stage, keyword: str) -> str:
    """Return why the exec form would start something else, "" where it would not."""
    if keyword == "ENTRYPOINT":
        # An ENTRYPOINT drops the CMD that a base image brings, but not that of its own stage.
        if _gives_arguments(stage):
            return "the CMD is ignored today and would become its arguments"
        return ""
    entry = _entrypoint(stage)
    if entry is None or entry.json == ():
        return ""
    if entry.json is None:
        return "the ENTRYPOINT is in shell form, so that no CMD has any effect"
    programs = {w.rpartition("/")[2] for w in entry.json if not w.startswith("-")}
    return "" if programs <= RUNNERS else "the ENTRYPOINT receives the shell and its script as arguments today"


def _gives_arguments(stage: Stage) -> bool:
    """Whether a CMD in the stage, or in one that stands on it, meets the stage's ENTRYPOINT."""
    if any(m.keyword == "CMD" and m.json != () for m in stage.members):
        return True
    heirs = (c for c in stage.children if not any(m.keyword == "ENTRYPOINT" for m in c.members))
    return any(_gives_arguments(child) for child in heirs)


def _entrypoint(stage: Stage) -> Instruction | None:
    for ancestor in stage.lineage:
        for member in reversed(ancestor.members):
            if member.keyword == "ENTRYPOINT":
                return member
    return None


def _judge(doc: Document, stage: Stage, keyword: str, command: Command) -> tuple[Safety | None, str]:
    """Return how safe the exec form is, and how that is known."""
    words = [w.value or "" for w in command.words]
    program = words[1] if words[0] == "exec" else words[0]
    shebang = _shebang(doc, program)
    if shebang is False:
        return Safety.RISKY, f"{program} has no first line such as #!/bin/sh, so that only a shell can start it"
    if shebang is None and not SYSTEM.match(program) and ("/" in program or program.endswith((".sh", ".py", ".bash"))):
        return Safety.RISKY, f"it needs {program} to be a binary, or to have a first line such as #!/bin/sh"
    if keyword == "ENTRYPOINT":
        return None, "arguments of docker run were ignored and are passed on now"
    if _entrypoint(stage) is None:
        return None, "an ENTRYPOINT of the base image, if there is one, now sees the program and not /bin/sh -c"
    return None, "it is one command that needs nothing of a shell"


def _shebang(doc: Document, program: str) -> bool | None:
    """Tell whether a script in the build context names its interpreter; None where it can't be seen."""
    if doc.context is None:
        return None
    name = program.rpartition("/")[2]
    for path in (program.lstrip("./"), name):
        text = doc.context.text(path) if path else None
        if text is not None:
            return text.startswith("#!") or "\0" in text[:64]
    return None


def _edits(instruction: Instruction, command: Command) -> tuple[Edit, ...] | None:
    at = instruction.shape.args_at
    words = command.words
    edits: list[Edit | None] = []
    if words[0].raw == "exec":
        edits.append(put(instruction, Span(at + words[0].start, at + words[1].start), ""))
        words = words[1:]
    edits.append(put_before(instruction, at + words[0].start, "["))
    for word in words:
        comma = "" if word is words[-1] else ","
        text = json.dumps(word.value, ensure_ascii=False) + comma
        edits.append(put(instruction, Span(at + word.start, at + word.end), text))
    edits.append(put_behind(instruction, at + words[-1].end, "]"))
    whole = tuple(e for e in edits if e is not None)
    return whole if len(whole) == len(edits) else None
