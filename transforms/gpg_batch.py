"""Tell gpg that nobody is there to answer.

Without --batch gpg may open the terminal to ask, and a build has none: it fails with "cannot open
/dev/tty", or for no clear reason when several gpg run at the same time.

Before:
    RUN gpg --keyserver keys.openpgp.org --recv-keys 0123456789ABCDEF
After:
    RUN gpg --batch --keyserver keys.openpgp.org --recv-keys 0123456789ABCDEF

Safety: safe. These commands ask nothing when they work, so that they do the same.
Left alone: commands that are made to ask (making, editing or deleting keys, passphrases), and a gpg
that gets its answers from a pipe.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after
from optimizer.rewrite.registry import transform

PROGRAMS = ("gpg", "gpg2")
QUIET = (
    "--recv-keys",
    "--recv-key",
    "--receive-keys",
    "--recv",
    "--import",
    "--fetch-keys",
    "--verify",
    "--dearmor",
    "--export",
    "--list-keys",
    "--fingerprint",
)


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["binnacle:gpgUseBatchFlag"],
    triggers=["gpg"],
    claims=[words_of(PROGRAMS, "--batch")],
)
def find(doc: Document) -> Iterator[Change]:
    """Find calls of gpg that do not say --batch."""
    for call in doc.calls(*PROGRAMS):
        if not call.has(*QUIET) or call.has("--batch", "--no-batch", "--command-fd", "--passphrase", "--passphrase-fd"):
            continue
        # What is piped in may be answers; keys are read by --import and --dearmor, signed text by --verify.
        piped = "pipeline" in call.command.where and not call.has("--import", "--dearmor", "--verify", "--export")
        if not piped:
            yield Change(
                title=f"{call.program} --batch",
                why="nobody can answer a question in a build",
                edits=(insert_after(call, call.words[0], " --batch"),),
            )
