"""Leave out tools that nothing in the file uses.

Editors, pagers and terminal tools are for people, and nobody types in a production container; curl
and wget that nothing calls are what an intruder would install first. `docker debug`, or a stage of
its own for development, serves those who look inside.

Before:
    RUN apt-get update && apt-get install -y --no-install-recommends libpq5 nano
After:
    RUN apt-get update && apt-get install -y --no-install-recommends libpq5

Safety: review. The image lacks the tools that the change names, and no file of the build context
speaks of them. Without a build context to look at, and for curl and wget, which a script of the base
image may call, it is risky, and waits for -O3.
Left alone: tools that anything else in the file mentions, or a file of the build context; stages that
are not shipped; a package with a comment of its own; an image that opens a shell, for people.
"""

import re
from collections.abc import Iterator

from optimizer.context.search import speaks_of
from optimizer.facts.document import Document
from optimizer.facts.later import run_time
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import left, remove_words
from optimizer.rewrite.registry import transform
from optimizer.syntax.shell import Word

MANAGERS = ("apt", "apk", "yum", "dnf", "microdnf", "zypper")
PROGRAMS = ("apt-get", "apt", "apk", "yum", "dnf", "microdnf", "zypper")
# Package and the command by which it would be used.
FOR_PEOPLE = {
    "vim": "vim?",
    "vim-tiny": "vim?",
    "vim-nox": "vim?",
    "nano": "nano",
    "emacs": "emacs",
    "emacs-nox": "emacs",
    "joe": "joe",
    "htop": "htop",
    "mc": "mc(edit)?",
    "tmux": "tmux",
    "byobu": "byobu",
    "man-db": "man",
    "bash-completion": "bash.completion",
}
DOWNLOADS = {"curl": "curl", "wget": "wget"}
COMMANDS = FOR_PEOPLE | DOWNLOADS
SHELL = re.compile(r"(exec )?(\S*/)?(ba|z|fi|da|a|k)?sh(\s+(-l|-i|-il|-li|--login))*")


@transform(
    phase=Phase.PACKAGES,
    safety=Safety.REVIEW,
    triggers=[*FOR_PEOPLE, *DOWNLOADS],
    claims=[words_of(PROGRAMS, *(re.escape(n) for n in (*FOR_PEOPLE, *DOWNLOADS)))],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find installs of tools that nothing calls."""
    for call in doc.calls(*MANAGERS):
        if not call.installs or call.verb is None or not doc.is_shipped(call.run.stage) or not _lists_packages(call):
            continue
        unused = [w for w in call.operands if _unused(doc, call, w)]
        if not unused or len(unused) == len(call.operands):
            continue
        if _opens_a_shell(doc, call):
            yield left(doc, call.run.offset(unused[0].start), f"without {unused[0].value}", "the image opens a shell")
            continue
        for word in list(unused):
            caller = _caller(doc, word)
            if caller:
                unused.remove(word)
                yield left(doc, call.run.offset(word.start), f"without {word.value}", f"{caller} speaks of it")
        # With a download tool first: where that is applied, it takes the others with it.
        if any(w.value in DOWNLOADS for w in unused):
            yield from _without(doc, call, unused, Safety.RISKY)
        people = [w for w in unused if w.value in FOR_PEOPLE]
        yield from _without(doc, call, people, Safety.REVIEW if doc.context else Safety.RISKY)


def _without(doc: Document, call: Call, words: list[Word], safety: Safety) -> Iterator[Change]:
    edits = remove_words(doc, call.run, words)
    if not edits:
        return
    names = " and ".join(str(w.value) for w in words)
    yield Change(
        title=f"without {names}",
        why="nothing in the file uses what every container would carry",
        edits=tuple(edits),
        safety=safety,
        evidence="no other instruction mentions it"
        + (
            "; scripts that are only copied were not read"
            if doc.context is None
            else ", nor a file of the build context"
        ),
        saves=f"the package{'s' if len(words) > 1 else ''} {names}",
    )


def _lists_packages(call: Call) -> bool:
    """Whether the operands are packages, and are known."""
    return (
        call.action in ("install", "add", "in") and not call.has("-r", "--root") and all(w.value for w in call.operands)
    )


def _unused(doc: Document, call: Call, word: Word) -> bool:
    """Whether nothing speaks of a tool but the install itself, which may name it in several packages."""
    command = COMMANDS.get(word.value or "")
    if command is None:
        return False
    names = f"{command}|{re.escape(word.value or '')}"
    spoken = re.findall(rf"(?<![\w/.-])(?:[/\w]*/)?({names})(?![\w-])", _without_comments(doc), re.IGNORECASE)
    own = sum(1 for w in call.operands if re.fullmatch(names, w.value or "", re.IGNORECASE))
    return len(spoken) <= own and not _commented(doc, word)


def _opens_a_shell(doc: Document, call: Call) -> bool:
    """Whether the image is one to type in: its command is a shell, and nothing for it to run."""
    return any(
        SHELL.fullmatch(" ".join(i.json) if i.json is not None else i.args)
        for i in run_time(doc, call.run.stage)
        if i.keyword in ("CMD", "ENTRYPOINT")
    )


def _caller(doc: Document, word: Word) -> str:
    """Return the file of the build context that may call a tool; an editor's name counts in scripts only."""
    if doc.context is None:
        return ""
    name = word.value or ""
    command = re.compile(rf"(?<![\w.-])({COMMANDS[name]})(?![\w-])")
    return speaks_of(doc.context, command, scripts_only=name in FOR_PEOPLE)


def _without_comments(doc: Document) -> str:
    return "\n".join(i.folded.text + "".join(h.body.of(doc.text) for h in i.heredocs) for i in doc.tree.instructions)


def _commented(doc: Document, word: Word) -> bool:
    """Whether a comment line stands above a line that holds only this word."""
    own_line = rf"^[ \t]*#.*\n[ \t]*{re.escape(word.raw)}[ \t]*\S?[ \t]*$"
    return re.search(own_line, doc.text, re.MULTILINE) is not None
