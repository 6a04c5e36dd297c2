"""Files that are not split whatever their ecosystem is."""

from __future__ import annotations

import re

from optimizer.facts.document import Document
from optimizer.facts.later import run_time
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.split import Refused

_DEVELOPMENT = re.compile(
    r"\b(go\s+run|air|realize|CompileDaemon|reflex|gow|fresh|cargo\s+(run|watch|test)|mvnw?\s|gradlew?\s|sbt\s|nodemon|"
    r"ts-node-dev|webpack-dev-server|ng\s+serve|dotnet\s+(run|watch)|make|cmake|g?cc|g\+\+|rustc|javac)\b"
)


_COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
# A command as a string, or as a list on one line or on several.
_COMPOSE_COMMAND = re.compile(r"^[ \t]*(?:command|entrypoint):[ \t]*([^\n]*(?:\n[ \t]*-[ \t][^\n]*)*)", re.MULTILINE)
_PUNCTUATION = re.compile(r"[\[\]\"',]|\n[ \t]*-")


def why_not(doc: Document, stage: Stage, inherits: bool = False) -> Refused | None:
    """Return why a single stage is left as it is, None where an ecosystem may look at it.

    `inherits` tells that both stages stand on one image, so that what it starts is started still.
    `docker build --target NAME` gives the stage that is named: one that the user builds by name stays whole.
    """
    if stage.image.raw == "scratch" or not stage.image.known:
        return Refused("the base image is a variable without a default", stage.head.start)
    if stage.last.windows or not stage.last.posix:
        return Refused("its shell is not known to be POSIX", stage.head.start)
    if stage.name and stage.name.lower() in {t.lower() for t in doc.settings.targets}:
        return Refused(f"the stage {stage.name} is built by name", stage.head.start)
    if stage.platform and "BUILD" in stage.platform:
        return Refused("it is built for another platform than its own", stage.head.start)
    for instruction in stage.members:
        if instruction.keyword == "ONBUILD":
            return Refused("its ONBUILD runs in the builds of other images, which need all of it", instruction.start)
    commands = run_time(doc, stage)
    if not inherits and not any(i.keyword in ("CMD", "ENTRYPOINT") for i in commands):
        return Refused("the file does not say what the image runs", stage.head.start)
    for instruction in commands:
        text = " ".join(instruction.json) if instruction.json is not None else instruction.args
        found = _DEVELOPMENT.search(text)
        if found:
            return Refused(f"the image builds when it runs: {found.group().strip()}", instruction.start)
    return _by_compose(doc, stage)


def _by_compose(doc: Document, stage: Stage) -> Refused | None:
    """Return why a compose file beside the Dockerfile needs the compiler in the image that it runs."""
    for name in _COMPOSE_FILES:
        text = doc.context.text(name) if doc.context is not None else None
        for command in _COMPOSE_COMMAND.findall(text or ""):
            found = _DEVELOPMENT.search(_PUNCTUATION.sub(" ", command))
            if found:
                called = " ".join(found.group().split())
                return Refused(f"{name} starts it with {called}, which only the build stage could", stage.head.start)
    return None
