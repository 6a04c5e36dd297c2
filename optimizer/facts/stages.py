"""Build stages: their bases, lineage, and the state that each instruction meets."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from optimizer.facts.environment import evaluate, pairs_of
from optimizer.facts.images import ImageRef, read_image
from optimizer.syntax import Dockerfile, Instruction, Span
from optimizer.syntax.lines import strip
from optimizer.syntax.patterns import pattern
from optimizer.syntax.words import blank_words

DEFAULT_SHELL = ("/bin/sh", "-c")
POSIX_SHELLS = frozenset({"sh", "bash", "ash", "dash", "ksh", "zsh", "busybox"})
_NUMBER = pattern(r"[0-9]{1,6}\Z")
_WINDOWS = pattern(r"windows|nanoserver|servercore", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class State:
    """What an instruction meets: user, working directory, shell, variables.

    `user` is None as long as the base image's user holds; `workdir` is None while it is unknown,
    for a base image can set one. `env` are the variables that ENV set and ARG declared, those with
    their defaults; a value of None is not known. `shell` is the effective SHELL, `shell_set` whether the file sets it.
    """

    user: str | None = None
    workdir: str | None = None
    shell: tuple[str, ...] = DEFAULT_SHELL
    shell_set: bool = False
    env: Mapping[str, str | None] = field(default_factory=dict)
    windows: bool = False

    @property
    def posix(self) -> bool:
        """Whether the shell is known to understand POSIX syntax."""
        program = self.shell[0].rpartition("/")[2] if self.shell else ""
        return program in POSIX_SHELLS and not (self.windows and not self.shell_set)

    @property
    def errexit(self) -> bool:
        """Whether the shell itself is started with -e, as in `SHELL ["bash", "-ec"]`."""
        return any(re.match(r"-[a-z]*e", word) for word in self.shell[1:]) or "errexit" in self.shell


@dataclass(eq=False)
class Stage:
    """One build stage. `parent` is the stage that it is built from, None for an image.

    `members` are its instructions behind FROM; `states` what each of them meets, and `last` what
    the end of the stage leaves. `copied_from` lists the later stages that copy from it or mount it.
    """

    index: int
    head: Instruction
    name: str | None
    name_span: Span | None
    image: ImageRef
    image_span: Span | None
    platform: str | None
    parent: Stage | None
    members: list[Instruction] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    children: list[Stage] = field(default_factory=list)
    copied_from: list[Stage] = field(default_factory=list)
    last: State = field(default_factory=State)
    shipped: bool = False

    @property
    def lineage(self) -> list[Stage]:
        """The stage and its ancestors in the file, nearest first."""
        out, stage = [], self
        while True:
            out.append(stage)
            if stage.parent is None:
                return out
            stage = stage.parent

    @property
    def root_image(self) -> ImageRef:
        """The image that the stage stands on in the end."""
        return self.lineage[-1].image


def read_stages(dockerfile: Dockerfile, base: State | None = None) -> tuple[list[Stage], dict[str, str | None]]:
    """Return the stages of a file, and the global ARGs with their defaults.

    `base` is the state that the base images leave, None where it is not known.
    """
    stages: list[Stage] = []
    args: dict[str, str | None] = {}
    by_name: dict[str, Stage] = {}
    for instruction in dockerfile.instructions:
        if instruction.keyword == "FROM":
            stage = _open_stage(instruction, len(stages), args, by_name, dockerfile.escape, base)
            stages.append(stage)
            if stage.name:
                by_name[stage.name.lower()] = stage
        elif not stages:
            if instruction.keyword == "ARG":
                for pair in pairs_of(instruction, dockerfile.escape):
                    value, known = evaluate(pair.raw, args, dockerfile.escape)
                    args[pair.name] = value if pair.given and known else None
        else:
            _add(stages, instruction, by_name, args, dockerfile.escape)
    if stages:
        for stage in stages[-1].lineage:
            stage.shipped = True
    return stages, args


def _open_stage(
    head: Instruction,
    index: int,
    args: dict[str, str | None],
    by_name: dict[str, Stage],
    escape: str,
    base: State | None,
) -> Stage:
    text = head.folded.text
    words = blank_words(text, head.shape.args_at)
    raw = words[0].of(text) if words else ""
    image = read_image(raw, args)
    named = len(words) >= 3 and words[1].of(text).lower() == "as"
    parent = by_name.get(image.resolved.lower())
    windows = escape == "`" or bool(_WINDOWS.search(image.resolved))
    stage = Stage(
        index=index,
        head=head,
        name=words[2].of(text) if named else None,
        name_span=words[2] if named else None,
        image=image,
        image_span=words[0] if words else None,
        platform=head.flag("platform"),
        parent=parent,
        last=_inherited(parent, escape) if parent else replace(base or State(), windows=windows),
    )
    if parent:
        parent.children.append(stage)
    return stage


def _inherited(parent: Stage, escape: str) -> State:
    """Return what a stage meets that is built from `parent`: an ARG ends with its stage."""
    kept = set(parent.states[0].env) if parent.states else set(parent.last.env)
    for instruction in parent.members:
        if instruction.keyword == "ENV":
            kept.update(pair.name for pair in pairs_of(instruction, escape))
    return replace(parent.last, env={k: v for k, v in parent.last.env.items() if k in kept})


def _add(
    stages: list[Stage],
    instruction: Instruction,
    by_name: dict[str, Stage],
    args: dict[str, str | None],
    escape: str,
) -> None:
    stage = stages[-1]
    stage.members.append(instruction)
    stage.states.append(stage.last)
    for source in source_stages(instruction):
        found = by_name.get(source.lower())
        if found is None and _NUMBER.match(source) and int(source) < len(stages) - 1:
            found = stages[int(source)]
        if found is not None and found is not stage:
            found.copied_from.append(stage)
    stage.last = _after(stage.last, instruction, args, escape)


def source_stages(instruction: Instruction) -> list[str]:
    """Return the names of the stages or images that an instruction copies from or mounts."""
    names = []
    if instruction.keyword in ("COPY", "ADD"):
        name = instruction.flag("from")
        if name:
            names.append(name)
    elif instruction.keyword == "RUN":
        for mount in mounts_of(instruction):
            if mount.get("from"):
                names.append(mount["from"])
    return names


def mounts_of(instruction: Instruction) -> list[dict[str, str]]:
    """Return the mounts of a RUN as their options; `target` also holds what `dst` gives."""
    mounts = []
    for flag in instruction.shape.flags:
        if flag.name == "mount" and flag.value:
            options = {"type": "bind"}
            for part in flag.value.split(","):
                key, _, value = part.partition("=")
                options["target" if key in ("dst", "destination") else key.lower()] = value
            mounts.append(options)
    return mounts


def _after(state: State, instruction: Instruction, args: dict[str, str | None], escape: str) -> State:
    keyword = instruction.keyword
    if keyword == "USER":
        return replace(state, user=evaluate(strip(instruction.args), state.env, escape)[0])
    if keyword == "WORKDIR":
        folder = join_path(state.workdir, evaluate(strip(instruction.args), state.env, escape))
        # None where it is not known: what held before no longer does.
        return replace(state, workdir=folder and posixpath.normpath(folder))
    if keyword == "SHELL" and instruction.json:
        return replace(state, shell=instruction.json, shell_set=True)
    if keyword == "ENV":
        env = dict(state.env)
        for pair in pairs_of(instruction, escape):
            # One ENV sees the values from before it.
            value, known = evaluate(pair.raw, state.env, escape)
            env[pair.name] = value if known else None
        return replace(state, env=env)
    if keyword == "ARG":
        env = dict(state.env)
        for pair in pairs_of(instruction, escape):
            if pair.given:
                value, known = evaluate(pair.raw, env, escape)
                env.setdefault(pair.name, value if known else None)
            else:
                env.setdefault(pair.name, args.get(pair.name))
        return replace(state, env=env)
    return state


def join_path(base: str | None, path: tuple[str, bool]) -> str | None:
    """Return an absolute path for `path` seen from `base`, None where it can't be known."""
    text, known = path
    if not known:
        return None
    if text.startswith("/"):
        return text
    return f"{base.rstrip('/')}/{text}" if base else None
