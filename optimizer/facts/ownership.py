"""What a `chown -R` changes: whether that is all brought by COPYs, which could set the owner themselves."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.facts.brought import Brought, brought_by, placed_before
from optimizer.facts.copied import copies_before, sources_and_target
from optimizer.facts.document import Document
from optimizer.facts.folders import runs_as_root
from optimizer.facts.installs.needs import Files
from optimizer.facts.installs.read import needs_of_run
from optimizer.facts.runs import Call, Run
from optimizer.facts.scripts import hidden_programs
from optimizer.facts.stages import Stage, State, join_path
from optimizer.syntax import Instruction
from optimizer.syntax.patterns import pattern

# Folders that every Linux image with a shell has: a COPY does not make them. Source: FHS 3.0, and Debian's base-files.
_STANDARD = frozenset(
    "/ /bin /boot /dev /etc /home /lib /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /usr/bin /usr/lib "
    "/usr/local /usr/local/bin /usr/local/lib /usr/local/share /usr/sbin /usr/share /usr/src /var /var/cache /var/lib "
    "/var/log /var/tmp".split()
)
# Below these a base image may hold files of its own.
_BASES = pattern(r"/(bin|boot|dev|etc|home|lib\w*|proc|root|run|sbin|sys|tmp|usr(?!/src/)|var(?!/(app|task)\b))(/|\Z)")
_SPEC = pattern(r"(?P<user>[A-Za-z_][\w-]*|\d+)(?P<colon>:(?P<group>[A-Za-z_][\w-]*|\d+)?)?\Z")
_USERS = frozenset(
    "useradd adduser usermod userdel deluser groupadd addgroup groupmod groupdel delgroup newusers".split()
)


@dataclass(frozen=True)
class Owned:
    """A `chown -R` that COPYs can do: those that need the flag, and its value.

    `step` is the number of the call's step; `keeps_folder` tells that the folder itself stood there
    before, so that a chown of it alone must stay. `exact` tells that nothing at all can differ.
    """

    run: Run
    call: Call
    step: int
    copies: tuple[Instruction, ...]
    spec: str
    keeps_folder: bool
    exact: bool


def owned_by(doc: Document, run: Run, call: Call, step: int) -> Owned | str | None:
    """Return what the COPYs in front of a `chown -R` can do in its place, why not, or None where it is another call."""
    words = [w.value for w in call.words[1:]]
    if call.program != "chown" or len(words) != 3 or words[0] not in ("-R", "--recursive"):
        return None
    if words[1] is None or words[2] is None:
        return "a variable decides what it does"
    spec = _spec(words[1])
    folder = join_path(run.state.workdir, (words[2], True))
    if folder is not None and all(_apart(target, posixpath.normpath(folder)) for target in _targets(run)):
        return None
    if spec is None or folder is None or not runs_as_root(run):
        return "owner, folder or user can't be told"
    folder = posixpath.normpath(folder)
    if folder in _STANDARD or _BASES.match(folder):
        return "the base image may hold files there"
    return _Look(doc, run, call, step, folder, spec).result()


def _targets(run: Run) -> Iterator[str]:
    """Yield where the COPYs in front of a RUN go."""
    for instruction, state in copies_before(run):
        named = sources_and_target(instruction, state)
        target = join_path(state.workdir, (named[1], True)) if named is not None else None
        if target is not None:
            yield posixpath.normpath(target)


def _spec(text: str) -> str | None:
    """Return the flag's value for an owner as chown takes it: without a group it leaves root's."""
    match = _SPEC.match(text)
    if match is None or (match["colon"] and not match["group"]):
        # `user:` means the user's own group, which only /etc/passwd knows.
        return None
    return f"{match['user']}:{match['group'] or '0'}"


@dataclass(frozen=True)
class _Look:
    doc: Document
    run: Run
    call: Call
    step: int
    folder: str
    spec: str

    def result(self) -> Owned | str | None:
        stage = self.run.stage
        if any(self._mentions(i, State()) for s in stage.lineage[1:] for i in s.members):
            return "an earlier stage may hold files there"
        copies: list[tuple[int, Instruction, Brought | None]] = []
        for index, (instruction, state) in enumerate(zip(stage.members[: self.run.index], stage.states, strict=False)):
            problem = self._problem(instruction, state)
            if problem:
                return problem
            if instruction.keyword == "COPY" and self._target(instruction, state) is not None:
                copies.append((index, instruction, self._brought(instruction, state)))
        wanting = [(index, i) for index, i, _ in copies if i.flag("chown") is None]
        problem = self._own_steps() or (self._names(stage, wanting[0][0]) if wanting else "")
        if not wanting or problem:
            return problem or None
        first = copies[0][0]
        made = self._made_before(stage, first)
        if not made and posixpath.dirname(self.folder) not in _STANDARD:
            return "the COPY would make the folder above it, too"
        seen = all(b is not None and not b.links for _, _, b in copies)
        exact = seen and stage.root_image.official is not None and stage.parent is None
        return Owned(self.run, self.call, self.step, tuple(i for _, i in wanting), self.spec, made, exact)

    def _target(self, instruction: Instruction, state: State) -> str | None:
        """Return where a COPY goes if that is the folder or below it."""
        named = sources_and_target(instruction, state)
        target = join_path(state.workdir, (named[1], True)) if named is not None else None
        return target if target is not None and _is_in(posixpath.normpath(target), self.folder) else None

    def _brought(self, instruction: Instruction, state: State) -> Brought | None:
        found = brought_by(self.doc.context, instruction, state) if self.doc.context is not None else ""
        return None if isinstance(found, str) else found

    def _problem(self, instruction: Instruction, state: State) -> str:
        """Return what of an instruction in front of the chown keeps the COPYs from doing its work."""
        keyword = instruction.keyword
        if keyword in ("COPY", "ADD"):
            named = sources_and_target(instruction, state)
            target = join_path(state.workdir, (named[1], True)) if named is not None else None
            if target is None:
                return "it can't be told where a COPY goes"
            target = posixpath.normpath(target)
            if target != self.folder and _is_in(self.folder, target):
                return "a COPY brings more than the folder" if self._may_bring(instruction, state) else ""
            if not _is_in(target, self.folder):
                return ""
            if keyword == "ADD" or instruction.flag("link") is not None or instruction.heredocs:
                return (
                    f"an {keyword} with other ways brings files there"
                    if keyword == "ADD"
                    else "a COPY --link brings files"
                )
            flag = instruction.flag("chown")
            return "" if flag in (None, self.spec) else "a COPY sets another owner"
        if keyword == "WORKDIR":
            folder = join_path(state.workdir, (instruction.args.strip(), "$" not in instruction.args))
            inner = folder is None or (
                _is_in(posixpath.normpath(folder), self.folder) and posixpath.normpath(folder) != self.folder
            )
            return "a WORKDIR makes a folder in it" if inner else ""
        if keyword == "VOLUME":
            return "a VOLUME stands in front of it" if self._mentions(instruction, state) else ""
        if keyword == "RUN":
            return self._writes(next(r for r in self.doc.runs if r.instruction is instruction))
        return ""

    def _may_bring(self, instruction: Instruction, state: State) -> bool:
        found = self._brought(instruction, state)
        return found is None or any(_is_in(path, self.folder) for path in found.files)

    def _writes(self, run: Run, until: int | None = None) -> str:
        inside = run.state.workdir is None or _is_in(run.state.workdir, self.folder)
        if until is None and not inside and not self._mentions(run.instruction, run.state):
            return ""
        if self.doc.context is None:
            return "a RUN may make files there, too"
        found = needs_of_run(run, Files(self.doc.context, placed_before(self.doc, run)), until)
        if isinstance(found, str):
            return "a RUN may make files there, too"
        made = any(_is_in(p, self.folder) or _is_in(self.folder, p) for p in (*found.writes, *found.touches))
        calls = {c.program for c in run.calls if until is None or c.command.start < run.script.steps[until].start}
        # A user's home can be the folder.
        homes = not calls.isdisjoint(_USERS) and self._mentions(run.instruction, run.state)
        return "a RUN makes files there, too" if made or homes or "mkdir" in calls else ""

    def _mentions(self, instruction: Instruction, state: State) -> bool:
        text = instruction.folded.text
        names = [
            name
            for name, value in state.env.items()
            if value and (_is_in(value, self.folder) or _is_in(self.folder, value))
        ]
        return self.folder in text or any(re.search(rf"\$\{{?{re.escape(name)}\b", text) for name in names)

    def _own_steps(self) -> str:
        """Return what of the RUN itself, in front of the chown, may write into the folder or make users."""
        if self.run.script.opaque or self.run.script.background:
            return "the script is not understood"
        if self.step == 0:
            return ""
        before = [c for c in self.run.calls if c.command.start < self.call.command.start]
        if any(c.program in _USERS for c in before) and not self._is_numeric:
            return "the user is made after the COPY"
        return self._writes(self.run, self.step)

    @property
    def _is_numeric(self) -> bool:
        return self.spec.replace(":", "").isdigit()

    def _names(self, stage: Stage, first: int) -> str:
        """Return why the names may not be known yet where the first COPY stands, "" if they are (D7)."""
        if self._is_numeric:
            return ""
        for run in self.doc.runs_of(stage):
            if not first < run.index < self.run.index:
                continue
            if (
                run.script.opaque
                or any(c.program in _USERS for c in run.calls)
                or any(True for _ in hidden_programs(run))
            ):
                return "the user is made after the COPY"
            if any(c.manager is not None and c.manager.yes_forms and c.installs for c in run.calls):
                return "a package that is installed after the COPY may make the user"
        return ""

    def _made_before(self, stage: Stage, first: int) -> bool:
        """Whether a WORKDIR made the folder before the first COPY into it."""
        workdirs = [state.workdir for state in stage.states[: first + 1]]
        return any(w is not None and _is_in(w, self.folder) for w in workdirs)


def _apart(path: str, other: str) -> bool:
    return not _is_in(path, other) and not _is_in(other, path)


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
