"""What each instruction of a stage is for: the build, the run time, or both. Nothing is left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from optimizer.facts.document import Document
from optimizer.facts.folders import covers as covers_any_home
from optimizer.facts.runs import Call, Run
from optimizer.facts.stages import Stage
from optimizer.rewrite.instructions import cased
from optimizer.rewrite.stages.effects import Effect, effects_of
from optimizer.rewrite.stages.packages import named_packages
from optimizer.rewrite.stages.paths import covers, is_gone
from optimizer.rewrite.stages.split import Refused, Role
from optimizer.rewrite.stages.variables import is_build_only, names_of, used_in
from optimizer.rewrite.stages.writer import text_of
from optimizer.syntax import Instruction
from optimizer.syntax.patterns import pattern

_SETTINGS = frozenset({"CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "STOPSIGNAL", "VOLUME"})
_ROOT = frozenset({"", "root", "0", "root:root", "0:0"})
# What is written there serves the build alone, whoever builds.
SCRATCH = (
    "/tmp",
    "/var/tmp",
    "/root/.cache",
    "/var/lib/apt/lists",
    "/var/cache",
    "/etc/apt",
    "/usr/share/keyrings",
    "/root/.ssh",
    "/root/.gitconfig",
    "/root/.netrc",
    "/usr/share/man",
    "/usr/share/doc",
)
_SYSTEM = frozenset({"/", "/bin", "/etc", "/home", "/lib", "/opt", "/sbin", "/srv", "/usr", "/usr/local", "/var"})
_BELOW_SYSTEM = ("/bin/", "/etc/", "/lib/", "/sbin/", "/usr/bin/", "/usr/lib/", "/usr/local/", "/usr/share/")
_IN_EVERY_BASE = frozenset(
    "/etc /home /media /mnt /opt /run /srv /tmp /usr/local /var /var/lib /var/log /var/run".split()
)
_ARCHIVE = pattern(r"\.(tar(\.\w+)?|tgz|tbz2?|txz|zip|gz|bz2|xz|deb|rpm)\Z")
_CAPABILITIES = frozenset({"setcap", "setfacl"})


@dataclass(frozen=True)
class Policy:
    """What an ecosystem knows: `builds` gives the reason why a call only builds, "" where it is no such call.

    `scratch` are folders whose contents only its builds use; `homes` the folders in which is built; `placed` are
    the paths of files that COPY brought. `variables` are the names of variables that the program reads: they are kept.
    """

    builds: Callable[[Call], str]
    homes: frozenset[str]
    scratch: tuple[str, ...] = ()
    placed: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()


@dataclass
class Account:
    """The sum over all instructions in front of the cut.

    `installed` are the packages that the system's manager was asked for, `virtual` those by the name of their
    group; `made` are paths that are made again, `outside` the paths that something else was written to;
    `removed` are paths, with wildcards, that are not there at the end; `fetched` are folders that were filled from
    elsewhere, and `elsewhere` the first of them, removed or not; `inside` says why a folder in which is built may
    hold more than sources and products, "" where it does not; `folder` is where the lines so far work; `owner` is
    who owns what is copied; `foreign` tells that apt-get was told of other repositories.
    """

    roles: list[Role] = field(default_factory=list)
    replayed: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    installed: list[str] = field(default_factory=list)
    virtual: dict[str, tuple[str, ...]] = field(default_factory=dict)
    outside: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    inside: str = ""
    elsewhere: str = ""
    owner: str = ""
    folder: str = "/"
    foreign: bool = False

    def add(self, instruction: Instruction, part: str, reason: str) -> None:
        """Note what an instruction is for."""
        self.roles.append(Role(instruction, part, reason))


def account_for(doc: Document, stage: Stage, cut: int, policy: Policy) -> Account | Refused:
    """Return what the instructions of a stage are for, or the first one that can't be accounted for."""
    found = Account()
    runs = {id(run.instruction): run for run in doc.runs_of(stage)}
    kept = _kept_variables(doc, stage, cut, policy)
    for index, instruction in enumerate(stage.members):
        if index >= cut:
            found.add(instruction, "run", "it stands behind the last step of the build")
        elif instruction.keyword == "RUN":
            refused = _run(found, doc, runs[id(instruction)], policy)
            if refused is not None:
                return refused
        else:
            refused = _plain(found, doc, stage, instruction, kept)
            if refused is not None:
                return refused
    _place(found, doc, stage, cut)
    _declare(found, doc, stage, cut)
    return found


def _kept_variables(doc: Document, stage: Stage, cut: int, policy: Policy) -> frozenset[str]:
    """Return the build's variables that something at run time asks for all the same."""
    texts = [text_of(doc, i) for n, i in enumerate(stage.members) if n >= cut or i.keyword in _SETTINGS]
    for instruction in stage.members[:cut]:
        if instruction.keyword == "ENV" and not all(is_build_only(n) for n in names_of(doc, instruction)):
            texts.append(instruction.args)
    return used_in(texts) | policy.variables


def _plain(
    found: Account, doc: Document, stage: Stage, instruction: Instruction, kept: frozenset[str]
) -> Refused | None:
    keyword = instruction.keyword
    if keyword in _SETTINGS:
        found.replayed.append(text_of(doc, instruction))
        found.add(instruction, "both", "it describes the image that runs")
    elif keyword == "ENV":
        names = names_of(doc, instruction)
        if names and all(is_build_only(n) and n not in kept for n in names):
            found.add(instruction, "build", f"only builds read {', '.join(names)}")
        else:
            found.replayed.append(text_of(doc, instruction))
            found.add(instruction, "both", "the program may read it")
    elif keyword == "SHELL":
        found.replayed.append(text_of(doc, instruction))
        found.add(instruction, "both", "what is in shell form at run time uses it")
    elif keyword in ("WORKDIR", "USER"):
        found.add(instruction, "both", "the state at its end is set again")
    elif keyword in ("COPY", "ADD", "ARG"):
        found.add(instruction, "build", "what is needed of it is copied from the build stage")
    else:
        return Refused(f"what {keyword} is for is not known", instruction.start)
    return None


def _place(found: Account, doc: Document, stage: Stage, cut: int) -> None:
    """Set the working directory and the user again that hold at the cut; folders that something names are made."""
    state = stage.states[cut] if cut < len(stage.states) else stage.last
    texts = [*found.replayed, *(text_of(doc, i) for i in stage.members[cut:])]
    for folder in dict.fromkeys(s.workdir for s in stage.states[:cut]):
        if folder and not covers(folder, state.workdir or "/") and any(names_path(text, folder) for text in texts):
            found.replayed.append(f"{cased(stage.head, 'WORKDIR')} {folder}")
            found.folder = folder
    if state.workdir and state.workdir != found.folder:
        found.replayed.append(f"{cased(stage.head, 'WORKDIR')} {state.workdir}")
    if state.user:
        found.replayed.append(f"{cased(stage.head, 'USER')} {state.user}")
        if state.user not in _ROOT:
            found.owner = found.owner or state.user


def names_path(text: str, folder: str) -> bool:
    """Tell whether a text names a folder, or something in it."""
    return re.search(rf"(?<![\w./-]){re.escape(folder)}(?![\w-])", text) is not None


def _declare(found: Account, doc: Document, stage: Stage, cut: int) -> None:
    """Declare the arguments again that something behind the cut, or something replayed, expands."""
    used = used_in([*found.replayed, *(text_of(doc, i) for i in stage.members[cut:])])
    for instruction in stage.members[:cut]:
        if instruction.keyword == "ARG" and not used.isdisjoint(names_of(doc, instruction)):
            found.arguments.append(text_of(doc, instruction))


def _run(found: Account, doc: Document, run: Run, policy: Policy) -> Refused | None:
    at = run.instruction.start
    if run.script.opaque:
        return Refused(f"a RUN can't be read: {run.script.opaque}", at)
    again: list[Effect] = []
    reasons: list[str] = []
    for effect in effects_of(run):
        verdict = _call(found, effect, policy)
        if isinstance(verdict, Refused):
            return Refused(verdict.reason, at)
        if verdict == "again":
            again.append(effect)
        elif verdict:
            reasons.append(verdict)
    if again:
        text = _repeated(run, again)
        if text is None or (run.state.user or "") not in _ROOT:
            return Refused("users and folders are made in a way that can't be repeated", at)
        folder = run.state.workdir
        if folder is not None and folder != found.folder and any(covers(folder, p) for e in again for p in e.paths):
            found.replayed.append(f"{cased(run.stage.head, 'WORKDIR')} {folder}")
            found.folder = folder
        found.replayed.append(f"{cased(run.stage.head, 'RUN')} {text}")
    reason = "; ".join(dict.fromkeys(reasons)) or "it leaves nothing that runs"
    found.add(run.instruction, "both" if again else "build", reason)
    return None


def _call(found: Account, effect: Effect, policy: Policy) -> str | Refused:
    """Return why a call only builds, "again" for one that is repeated, "" for one that leaves nothing."""
    call = effect.call
    manager = call.manager
    if manager is not None and manager.name in ("apt", "apk"):
        if call.installs:
            names = named_packages(call)
            if names is None or call.action not in ("install", "add", "upgrade"):
                return Refused("which packages are installed is not known")
            found.installed += names if call.action != "upgrade" else ()
            for name in call.shell.value_of("--virtual", "-t") if manager.name == "apk" else ():
                found.virtual[name] = names
            return "it installs packages, which are looked at one by one"
        if call.action in manager.remove:
            gone = {w.value for w in call.operands}
            gone |= {name for group in gone for name in found.virtual.get(group or "", ())}
            found.installed = [name for name in found.installed if name not in gone]
        return ""
    built = policy.builds(call)
    if built:
        return built
    if effect.kind == "quiet":
        return ""
    if effect.kind == "user":
        return "again"
    if call.program in _CAPABILITIES:
        return Refused(f"{call.program} sets what COPY may not carry")
    if effect.kind == "unknown":
        return Refused(f"what {call.program or call.command.words[0].raw} leaves in the image is not known")
    return _paths(found, effect, policy)


def _paths(found: Account, effect: Effect, policy: Policy) -> str | Refused:
    found.foreign = found.foreign or any(p.startswith("/etc/apt/sources") for p in effect.paths)
    if effect.kind == "remove":
        found.removed += effect.paths
        found.fetched = [f for f in found.fetched if not is_gone(f, effect.paths)]
        found.outside = [f for f in found.outside if not is_gone(f, effect.paths)]
        return "it removes what was in the way"
    found.removed += effect.gone
    inside = [p for p in effect.paths if any(covers(home, p) for home in policy.homes)]
    scratch = (*SCRATCH, *policy.scratch)
    paths = [p for p in effect.paths if p in inside or not any(covers_any_home(folder, p) for folder in scratch)]
    found.removed = [r for r in found.removed if not any(is_gone(p, [r]) for p in effect.paths)]
    if effect.call.program in ("curl", "wget") and all(_ARCHIVE.search(p) for p in paths):
        return "it downloads an archive of sources"
    if effect.kind == "fetch":
        return _fetch(found, effect, paths)
    if effect.call.program == "mkdir" and not effect.call.has("-m", "--mode"):
        last = effect.call.run.stage.last.workdir or "/"
        paths = [p for p in paths if not covers(p, last)]
    if not paths:
        return "what it touches only serves the build"
    if effect.kind == "mode":
        return _mode(found, effect, policy, paths, inside)
    if effect.made and len(inside) == len(paths) and not _is_of_a_build(effect, policy):
        found.made += paths
        return "again"
    if len(inside) == len(paths):
        found.inside = found.inside or f"{effect.call.program} writes to {inside[0]}"
        return "it writes where is built"
    if effect.made and not inside:
        found.made += paths
        return "again"
    found.outside += paths
    return "what it writes is copied"


def _is_of_a_build(effect: Effect, policy: Policy) -> bool:
    """Whether a folder is made in a RUN that builds, or goes there: then it is a folder to build in."""
    run = effect.call.run
    return any(policy.builds(call) or call.program in ("cd", "pushd") for call in run.calls)


def _fetch(found: Account, effect: Effect, paths: list[str]) -> str | Refused:
    """Note what is fetched from elsewhere: sources, if it is put into a folder of its own."""
    found.elsewhere = found.elsewhere or effect.paths[0]
    if any(p in _SYSTEM or p.startswith(_BELOW_SYSTEM) for p in paths):
        return Refused(f"what {effect.call.program} puts into {paths[0]} is not known")
    found.fetched += paths
    return "it fetches sources"


def _mode(found: Account, effect: Effect, policy: Policy, paths: list[str], inside: list[str]) -> str | Refused:
    """Return what becomes of a call of chmod, chown or chgrp."""
    if effect.call.program == "chown" and effect.call.words:
        owner = next((w.value for w in effect.call.words[1:] if not w.raw.startswith("-")), None)
        found.owner = owner or found.owner
        if effect.call.has("-R", "--recursive") and inside:
            return "its owner is given anew"
        if all(p in found.made or p in inside or p in _IN_EVERY_BASE for p in paths):
            return "again"
        if all(p in found.outside or p in policy.placed for p in paths):
            return "its owner is given anew"
        return Refused(f"what chown changes in {paths[0]} is not known")
    carried = {*inside, *found.outside, *policy.placed}
    if all(p in carried or any(covers(p, c) for c in carried) for p in paths):
        return "modes are copied along"
    if all(p in found.made or p in _IN_EVERY_BASE for p in paths):
        return "again"
    return Refused(f"what {effect.call.program} changes in {paths[0]} is not known")


def _repeated(run: Run, effects: list[Effect]) -> str | None:
    """Return the commands of effects, joined; None where one of them is not plain enough."""
    if run.instruction.json is not None or any(e.call.command.where for e in effects):
        return None
    commands = [run.script.text[e.call.command.start : e.call.command.end] for e in effects]
    if any(re.search(r"[\n#]", c) for c in commands) or "set" in {c.program for c in run.calls}:
        commands = [re.sub(r"\\\s*\n\s*", "", c) for c in commands]
    return " && ".join(commands)
