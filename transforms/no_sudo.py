"""Leave out sudo where the build is root already.

sudo changes nothing for root but the environment, needs a package, and hides that the rest of the
instruction runs as root as well.

Before:
    USER root
    RUN sudo apt-get update
After:
    USER root
    RUN apt-get update

Safety: review. sudo clears most variables and sets its own PATH; without it the command sees those of
the build, which is what the line next to it sees too.
Left alone: a user that is not root, or not known to be; sudo as another user or with a login shell;
variables in front of sudo, which it would have dropped.
"""

from collections.abc import Iterator

from optimizer.catalog.images import runs_as_root
from optimizer.facts.document import Document
from optimizer.facts.runs import Run
from optimizer.rewrite.change import Change, Edit, Left, Phase, Safety
from optimizer.rewrite.claims import commands_as
from optimizer.rewrite.compose import left, remove_word, replace_word
from optimizer.rewrite.registry import transform
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Word

HARMLESS = pattern(r"-[EHn]+|--(preserve-env|set-home|non-interactive)?")
ROOT = pattern(r"(root|0)(:(root|0))?")
# As built-ins of the shell they would act on the rest of the script.
BUILTINS = frozenset("cd pushd popd export source . set exec eval exit umask unset alias ulimit read".split())


def without_sudo(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a command without a plain sudo in front."""
    at = 0
    while words[at : at + 1] == ("sudo",):
        at += 1
        while at < len(words) and HARMLESS.fullmatch(words[at]):
            at += 1
    return words[at:]


@transform(
    phase=Phase.TIDY,
    safety=Safety.REVIEW,
    see=["hadolint:DL3004", "parfum:DL3004"],
    triggers=["sudo"],
    claims=[commands_as(without_sudo)],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find sudo where root runs it."""
    for run in doc.runs:
        if not run.editable:
            continue
        for command in run.script.commands:
            words = command.words
            if command.program != "sudo" or words[0].raw != "sudo" or command.assignments:
                continue
            rest = words[len(words) - len(without_sudo(tuple(w.raw for w in words))) :]
            if not rest or rest[0].raw.startswith("-") or rest[0].raw in BUILTINS:
                continue
            program = next((w.raw for w in rest if "=" not in w.raw), rest[0].raw)
            title = f"{program} without sudo"
            why_root = _root(run)
            if not why_root:
                yield left(doc, run.offset(command.start), title, "the user is not known to be root")
                continue
            edits = _edits(doc, run, words[: len(words) - len(rest)], rest[0])
            if edits:
                yield Change(title=title, why="the build is root already", edits=edits, evidence=why_root)


def _edits(doc: Document, run: Run, sudo: tuple[Word, ...], first: Word) -> tuple[Edit, ...]:
    """Remove sudo and its options up to the first word of what it runs."""
    whole = replace_word(run, sudo[0]._replace(end=first.start), "")
    if whole is not None:
        return (whole,)
    edits = [remove_word(doc, run, word) for word in sudo]
    return tuple(e for e in edits if e is not None) if None not in edits else ()


def _root(run: Run) -> str:
    """Return how the user is known to be root, "" where it is not."""
    for stage in run.stage.lineage:
        members = stage.members[: run.index] if stage is run.stage else stage.members
        users = [member.args.strip() for member in members if member.keyword == "USER"]
        if users:
            # One that a variable gives can be another in the next build.
            return f"USER {users[-1]}" if ROOT.fullmatch(users[-1].strip("\"'")) else ""
    image = run.stage.root_image
    return f"{image.official} runs as root unless told otherwise" if runs_as_root(image) else ""
