"""A signature file is removed in the layer that downloaded and verified it.

Once `gpg --verify` has looked at it, nothing reads the signature again.

Before:
    RUN curl -fsSLO https://example.org/tool.asc && curl -fsSLO https://example.org/tool \\
        && gpg --batch --verify tool.asc tool
After:
    RUN curl -fsSLO https://example.org/tool.asc && curl -fsSLO https://example.org/tool \\
        && gpg --batch --verify tool.asc tool \\
        && rm tool.asc

Safety: safe. Nothing behind it in the file speaks of the signature.
Left alone: signatures that were not downloaded in the same RUN, or are mentioned again; names that only
the run can tell; stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.registry import transform
from optimizer.rewrite.removal import remove_behind
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Word

TITLE = "signature removed once it is verified"
NAME = r"\S+\.(?:asc|sig|sign)"
_SIGNATURE = pattern(rf"[\"']?{NAME}[\"']?")


@transform(
    phase=Phase.CLEAN,
    safety=Safety.SAFE,
    see=["binnacle:gpgVerifyAscRmAsc"],
    triggers=["--verify"],
    claims=[commands_like(rf"rm (-f )?[\"']?{NAME}[\"']?")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find signatures that stay in the layer that verified them."""
    for run in doc.runs:
        if run.editable and not doc.is_copied_only(run.stage) and "--verify" in run.script.text:
            yield from remove_behind(doc, run, _verified, title=TITLE, saves="the signature")


def _verified(call: Call) -> list[Word]:
    """Return the word that names the signature which a call verifies."""
    if call.program not in ("gpg", "gpg2", "gpgv") or not call.has("--verify"):
        return []
    words = [w.raw for w in call.words]
    behind = [w for w in call.words[words.index("--verify") + 1 :] if not w.raw.startswith("-")]
    return [w for w in behind[:1] if _SIGNATURE.fullmatch(w.raw)]
