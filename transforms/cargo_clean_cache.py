"""Cargo's registry is removed in the layer that filled it.

Cargo keeps the index, the archives and the unpacked sources of every crate. The program that it built
needs none of them.

Before:
    FROM rust:1.80
    WORKDIR /src
    COPY . .
    RUN cargo install --path .
    CMD ["app"]
After:
    FROM rust:1.80
    WORKDIR /src
    COPY . .
    RUN cargo install --path . && rm -rf /usr/local/cargo/registry /usr/local/cargo/git
    CMD ["app"]

Safety: review. Nothing in the file calls Cargo again; who builds on this image downloads the crates anew.
Left alone: files where another RUN, the command of the image or a script that was not read may call
Cargo; RUNs with a cache mount; stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.builds import still_needed
from optimizer.facts.document import Document
from optimizer.facts.folders import removed_paths
from optimizer.facts.runs import Call, Run
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import cleaned, dues
from optimizer.rewrite.compose import left
from optimizer.rewrite.registry import transform

TITLE = "Cargo's registry removed"
PROGRAMS = frozenset({"cargo", "rustup", "rustc", "wasm-pack", "trunk"})


@transform(
    phase=Phase.CLEAN,
    safety=Safety.REVIEW,
    triggers=["cargo"],
    claims=[commands_like(r"rm -rf (\S+)/registry \1/git")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave Cargo's registry in the layer of an image that only runs what was built."""
    for due in dues(doc, "cargo", fills=_fills, cleans=_cleans):
        needed = still_needed(doc, due.run, PROGRAMS)
        if needed:
            yield left(doc, due.run.offset(due.call.words[0].start), TITLE, needed)
            continue
        home = _home(due.run)
        if due.call.shell.wrappers or due.call.command.assignments or not home:
            continue
        yield cleaned(
            doc,
            due,
            f"rm -rf {home}/registry {home}/git",
            title=TITLE,
            why="the program does not need the sources of the crates",
            saves="Cargo's registry",
            evidence="no other command calls Cargo",
        )


def _fills(call: Call) -> bool:
    return call.installs and not call.has("--offline", "--frozen")


def _cleans(call: Call) -> bool:
    return any(path.rstrip("/*").endswith("/registry") for path in removed_paths(call))


def _home(run: Run) -> str:
    """Return Cargo's home, "" where it can't be known."""
    if "CARGO_HOME" in run.state.env:
        value = run.state.env["CARGO_HOME"]
        return value if value and value.startswith("/") and " " not in value else ""
    return "/usr/local/cargo" if run.stage.root_image.official == "rust" else "~/.cargo"
