"""Maven's repository is removed in the layer that filled it.

Maven keeps every plugin and library that a build asked for in ~/.m2/repository. The program that it
packed needs none of them.

Before:
    FROM maven:3.9-eclipse-temurin-21
    WORKDIR /src
    COPY . .
    RUN mvn -B package
    CMD ["java", "-jar", "target/app.jar"]
After:
    FROM maven:3.9-eclipse-temurin-21
    WORKDIR /src
    COPY . .
    RUN mvn -B package && rm -rf ~/.m2/repository
    CMD ["java", "-jar", "target/app.jar"]

Safety: review. Nothing in the file calls Maven again, or speaks of its repository; who builds on this
image downloads everything anew.
Left alone: files where another RUN, the command of the image or a script that was not read may call
Maven; a repository in a place of its own; RUNs with a cache mount; stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.builds import still_needed
from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import cleaned, dues
from optimizer.rewrite.compose import left
from optimizer.rewrite.registry import transform

TITLE = "Maven's repository removed"
PROGRAMS = frozenset({"mvn", "mvnw", "mvnd", "gradle", "gradlew", "ant", "sbt", "lein"})


@transform(
    phase=Phase.CLEAN,
    safety=Safety.REVIEW,
    triggers=["mvn"],
    claims=[commands_like(r"rm -rf ~/\.m2/repository")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave Maven's repository in the layer of an image that only runs what was built."""
    if ".m2" in doc.text or "repo.local" in doc.text:
        return
    for due in dues(doc, "maven", fills=lambda call: not call.has("-o", "--offline", "-v", "--version")):
        needed = still_needed(doc, due.run, PROGRAMS)
        if needed or due.call.shell.wrappers or due.call.command.assignments:
            reason = needed or "it is called in a way that a clean-up can't repeat"
            yield left(doc, due.run.offset(due.call.words[0].start), TITLE, reason)
            continue
        yield cleaned(
            doc,
            due,
            "rm -rf ~/.m2/repository",
            title=TITLE,
            why="the program does not need the plugins and archives that its build asked for",
            saves="Maven's repository",
            evidence="no other command calls Maven",
        )
