"""Gradle's caches are removed in the layer that filled them.

Gradle keeps every plugin and library that a build asked for in ~/.gradle/caches, and the wrapper keeps
a whole Gradle beside them. The program that it packed needs none of them.

Before:
    FROM eclipse-temurin:21
    WORKDIR /src
    COPY . .
    RUN ./gradlew --no-daemon bootJar
    CMD ["java", "-jar", "build/libs/app.jar"]
After:
    FROM eclipse-temurin:21
    WORKDIR /src
    COPY . .
    RUN ./gradlew --no-daemon bootJar && rm -rf ~/.gradle/caches ~/.gradle/wrapper
    CMD ["java", "-jar", "build/libs/app.jar"]

Safety: review. Nothing in the file calls Gradle again, or speaks of its home; who builds on this image
downloads everything anew.
Left alone: files where another RUN, the command of the image or a script that was not read may call
Gradle; a home in a place of its own; calls without `--no-daemon`, for a daemon may still write there;
RUNs with a cache mount; stages that are only copied from.
"""

from collections.abc import Iterator

from optimizer.facts.builds import still_needed
from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Left, Phase, Safety
from optimizer.rewrite.claims import commands_like
from optimizer.rewrite.cleaning import Due, cleaned, dues
from optimizer.rewrite.compose import left
from optimizer.rewrite.registry import transform

TITLE = "Gradle's caches removed"
PROGRAMS = frozenset({"mvn", "mvnw", "gradle", "gradlew"})


@transform(
    phase=Phase.CLEAN,
    safety=Safety.REVIEW,
    triggers=["gradle"],
    claims=[commands_like(r"rm -rf ~/\.gradle/caches( ~/\.gradle/wrapper)?")],
)
def find(doc: Document) -> Iterator[Change | Left]:
    """Find RUNs that leave Gradle's caches in the layer of an image that only runs what was built."""
    if ".gradle/" in doc.text or ".gradle " in doc.text or "GRADLE_USER_HOME" in doc.text:
        return
    for due in dues(doc, "gradle", fills=lambda call: not call.has("-v", "--version", "--offline", "--stop")):
        reason = still_needed(doc, due.run, PROGRAMS) or _obstacle(due)
        if reason:
            yield left(doc, due.run.offset(due.call.words[0].start), TITLE, reason)
            continue
        wrapper = " ~/.gradle/wrapper" if any(c.program == "gradlew" for c in due.run.calls) else ""
        yield cleaned(
            doc,
            due,
            f"rm -rf ~/.gradle/caches{wrapper}",
            title=TITLE,
            why="the program does not need the plugins and archives that its build asked for",
            saves="Gradle's caches",
            evidence="no other command calls Gradle",
        )


def _obstacle(due: Due) -> str:
    if due.call.shell.wrappers or due.call.command.assignments or due.call.has("-g", "--gradle-user-home"):
        return "it is called in a way that a clean-up can't repeat"
    calls = [c for c in due.run.calls if c.is_("gradle")]
    if not all(c.has("--no-daemon") or "org.gradle.daemon=false" in due.run.script.text for c in calls):
        if "-Dorg.gradle.daemon=false" not in (due.run.state.env.get("GRADLE_OPTS") or ""):
            return "a Gradle daemon may still write there"
    return ""
