"""What a stage inherits from its base image, and what becomes of it on another base."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.catalog.configs import BaseConfig, config_of
from optimizer.catalog.tags import Tag
from optimizer.facts.environment import pairs_of
from optimizer.facts.stages import Stage
from optimizer.rewrite.instructions import cased
from optimizer.rewrite.stages.paths import covers

# Entry points that only set up something for tools or certificates, and then start what they are given.
# Sources: carlossg/docker-maven (mvn-entrypoint.sh), adoptium/containers (entrypoint.sh).
_HARMLESS = frozenset({(), ("/usr/local/bin/mvn-entrypoint.sh",), ("/__cacert_entrypoint.sh",)})


class Inherited(NamedTuple):
    """Lines that say again what the old base set, a note for the reader, and why that is not possible."""

    lines: tuple[str, ...] = ()
    note: str = ""
    refused: str = ""


def inherited(stage: Stage, old: Tag, new: Tag, asked: frozenset[str], scratch: tuple[str, ...] = ()) -> Inherited:
    """Return what of the old base's configuration must be said again.

    `asked` are variables that something reads, `scratch` folders that only builds use.
    """
    before, after = config_of(old), config_of(new)
    if before is None or after is None:
        return Inherited(refused=f"what {old} sets is not known")
    set_here = {i.keyword for i in stage.members}
    refused = _refused(before, after, set_here, scratch)
    if refused:
        return Inherited(refused=refused)
    lines = []
    own = {pair.name for i in stage.members if i.keyword == "ENV" for pair in pairs_of(i)}
    gone = [n for n in before.env if n not in after.env and n not in own and n != "PATH"]
    for name in gone:
        if name in asked:
            if not before.env[name]:
                return Inherited(refused=f"it reads {name}, which {old} sets")
            lines.append(f"{cased(stage.head, 'ENV')} {name}={before.env[name]}")
    if before.stop_signal != after.stop_signal and "STOPSIGNAL" not in set_here:
        lines.append(f"{cased(stage.head, 'STOPSIGNAL')} {before.stop_signal or 'SIGTERM'}")
    left = [n for n in gone if n not in asked]
    note = f"{', '.join(left)} and the PATH of {old} go with it" if left else ""
    for name in ("LANG", "LC_ALL"):
        value = after.env.get(name, "")
        if name not in own and value and value != before.env.get(name, ""):
            note = f"{note}, {name} is {value}" if note else f"{name} is {value}"
    return Inherited(tuple(lines), note)


def _refused(before: BaseConfig, after: BaseConfig, set_here: set[str], scratch: tuple[str, ...]) -> str:
    if before.onbuild or after.onbuild:
        return "its base image has ONBUILD triggers"
    if "ENTRYPOINT" not in set_here and before.entrypoint != after.entrypoint:
        if before.entrypoint not in _HARMLESS or after.entrypoint not in _HARMLESS:
            return "its entry point is the old base image's"
    if before.user != after.user and "USER" not in set_here:
        return "its user is the old base image's"
    volumes = [v for v in set(before.volumes) - set(after.volumes) if not any(covers(f, v) for f in scratch)]
    if volumes or set(before.exposed) - set(after.exposed):
        return "its volumes or ports are the old base image's"
    return ""
