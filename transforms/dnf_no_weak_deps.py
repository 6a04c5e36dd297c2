"""Install only what dnf was asked for.

dnf and microdnf install "weak" dependencies too, packages that another one merely recommends, unless
told not to. In an image they are weight that nobody chose.

Before:
    FROM fedora:41
    RUN dnf install -y git && dnf clean all
After:
    FROM fedora:41
    RUN dnf install --setopt=install_weak_deps=False -y git && dnf clean all

Safety: review. A program can rely on a package that came in only because another one recommended it.
Left alone: calls that already say something about weak dependencies, and files that write dnf.conf.
"""

from collections.abc import Iterator

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Phase, Safety
from optimizer.rewrite.claims import words_of
from optimizer.rewrite.compose import insert_after
from optimizer.rewrite.registry import transform

FLAG = "--setopt=install_weak_deps=False"
PROGRAMS = ("dnf", "dnf5", "microdnf")
INSTALLS = ("install", "groupinstall", "localinstall")


@transform(phase=Phase.PACKAGES, safety=Safety.REVIEW, triggers=["dnf"], claims=[words_of(PROGRAMS, FLAG)])
def find(doc: Document) -> Iterator[Change]:
    """Find installs that bring weak dependencies."""
    if "weak_deps" in doc.text.replace(FLAG, "") or "dnf.conf" in doc.text:
        return
    for call in doc.calls("dnf", "microdnf"):
        if call.program not in PROGRAMS or call.action not in INSTALLS or call.verb is None:
            continue
        if FLAG in call.run.script.text[call.command.start : call.command.end]:
            continue
        yield Change(
            title=f"{call.program} installs no weak dependencies",
            why="packages that are only recommended are weight that nobody chose",
            edits=(insert_after(call, call.verb, f" {FLAG}"),),
            saves="the recommended packages",
        )
