"""Leave out a --platform that says the default.

`FROM --platform=$TARGETPLATFORM` asks for the platform that the build is for, which is what FROM
does without it.

Before:
    FROM --platform=$TARGETPLATFORM debian:bookworm
After:
    FROM debian:bookworm

Safety: safe. The builder chooses the same platform.
Left alone: `$BUILDPLATFORM`, which is needed to cross-compile; a file that gives TARGETPLATFORM a
default of its own; a FROM that stands on another stage.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.claims import flags_of
from optimizer.rewrite.instructions import drop_flag
from optimizer.rewrite.registry import transform

NAMES = ("$TARGETPLATFORM", "${TARGETPLATFORM}")


@transform(
    phase=Phase.TIDY,
    safety=Safety.SAFE,
    see=["hadolint:DL3065", "buildkit:RedundantTargetPlatform"],
    triggers=["targetplatform"],
    claims=[flags_of("FROM", r"--platform=\$(TARGETPLATFORM|\{TARGETPLATFORM\})")],
)
def find(doc: Document) -> Iterator[Change]:
    """Find FROM with the target's platform."""
    if doc.global_args.get("TARGETPLATFORM") is not None:
        return
    for stage in doc.stages:
        if stage.platform not in NAMES or stage.parent is not None:
            continue
        edit = drop_flag(stage.head, "platform")
        if edit is not None:
            yield Change(
                title="FROM without the default platform",
                why="the target's platform is what FROM takes anyway",
                edits=(edit,),
            )
