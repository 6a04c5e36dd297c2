"""Whether a stage that stands on a JDK can stand on a JRE."""

from __future__ import annotations

from optimizer.catalog.distros import distro_of
from optimizer.catalog.tags import Tag
from optimizer.facts.document import Document
from optimizer.facts.needs import Needs
from optimizer.facts.stages import Stage
from optimizer.facts.verdicts import Hold, Verdict, refused
from optimizer.syntax.patterns import pattern

# Source: the folders bin of Eclipse Temurin's JDK and JRE of the same release, 8 to 25.
JDK_TOOLS = frozenset(
    "appletviewer extcheck idlj jar jarsigner java-rmi.cgi javac javadoc javafxpackager javah javap jcmd jconsole jdb "
    "jdeprscan jdeps jhat jhsdb jimage jinfo jlink jmap jmod jnativescan jpackage jps jsadebugd jshell jstack jstat "
    "jstatd native2ascii rmic schemagen serialver wsgen wsimport xjc".split()
)
_BUILDS = frozenset("mvn mvnw gradle gradlew ant sbt lein bazel kotlinc scalac groovyc jbang".split())
_ATTACHES = pattern(
    r"jdk\.attach|jdk\.compiler|com\.sun\.tools|tools\.jar|arthas|\$JAVA_HOME/(jre|lib)|java-\d+-openjdk"
)


def jre_swap(doc: Document, stage: Stage, source: Tag, target: Tag, needs: Needs) -> Verdict:
    """Judge a swap from a JDK to the JRE of the same version, maybe of another distributor."""
    uses = {u.command: u for u in needs.uses}
    builds = next((uses[c] for c in uses if c in _BUILDS), None)
    if builds:
        return refused(f"{builds.caller} builds with {builds.command}: that is a stage of its own")
    tool = next((uses[c] for c in uses if c in JDK_TOOLS), None)
    if tool:
        return refused(f"{tool.caller} calls {tool.command}, which only the JDK has")
    if _ATTACHES.search(doc.text):
        return refused("it speaks of modules or folders that only the JDK has")
    old, new = distro_of(source), distro_of(target)
    if old is None or new is None:
        return refused(f"what {target} stands on is not known")
    if old.name != new.name:
        if old.libc != new.libc:
            return refused(f"{target} has another C library")
        if needs.installed or any(run.calls for run in doc.runs_of(stage)):
            return refused(f"{target} stands on {new.name} and {source} on {old.name}, and RUN calls programs of it")
    if "java" not in uses and not needs.unread:
        return refused("nothing says that the image runs java")
    reasons = tuple(r for r in needs.unread if ".jar" not in r)
    evidence = ["it calls java and no tool of the JDK"]
    if source.image != target.image:
        evidence.append(f"{source.image} is not renewed any more, and {target} is the newest of its line")
    return Verdict(Hold.ASSUMED if reasons or not needs.started else Hold.SHOWN, reasons, tuple(evidence))
