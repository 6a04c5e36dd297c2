"""The folders that an interpreted application lives in: what COPY brings, what builds write there, and who owns it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from optimizer.facts.copied import sources_and_target
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.facts.stages import Stage, State
from optimizer.rewrite.stages.paths import covers
from optimizer.rewrite.stages.placed import Placed
from optimizer.rewrite.stages.products import ROOTS
from optimizer.syntax import Instruction

# Folders of the system: of what lies there only named files are the application's.
_SYSTEM = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/var")
_SHARED = frozenset({"/", "/home", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var/www", "/usr/src", "/usr/local"})
# Shared ones that are empty in every base: who copies a folder there has them for himself.
_TAKEN_WHOLE = frozenset({"/mnt", "/opt", "/srv", "/usr/src", "/var/www"})
_SYSTEM_FOLDERS = frozenset(
    "/bin /etc /lib /sbin /usr/bin /usr/lib /usr/local/bin /usr/local/etc /usr/local/lib /usr/local/sbin /usr/sbin "
    "/usr/share /usr/local/share /var /var/lib /var/log /etc/nginx /etc/supervisor /etc/ssl/certs".split()
)
_OWN = ("/usr/src/", "/var/www/", "/var/lib/", "/var/app", "/usr/local/src/", "/usr/app", "/usr/share/nginx/html")


@dataclass
class Homes:
    """Where the application lies at the cut.

    `paths` are folders and single files, `brought` what each COPY and ADD fills, and for whom. `owners` maps a path
    to those who own something in it, "" for root; `regiven` are the calls that give a whole home to someone.
    `foreign` are COPYs from other images. `refused` says why what is copied can't be told.
    """

    paths: list[str] = field(default_factory=list)
    brought: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    owners: dict[str, set[str]] = field(default_factory=dict)
    regiven: list[tuple[Call, tuple[str, ...]]] = field(default_factory=list)
    foreign: list[Instruction] = field(default_factory=list)
    refused: str = ""

    def of(self, path: str) -> str | None:
        """Return the home that a path lies in."""
        return next((home for home in self.paths if covers(home, path)), None)

    def written(self, path: str, owner: str) -> None:
        """Note that someone writes to a path."""
        home = self.of(path)
        if home is not None:
            self.owners.setdefault(home, set()).add(owner)

    def given(self, call: Call, paths: tuple[str, ...]) -> None:
        """Note that chown gives paths to someone."""
        owner = named_owner(next((w.value or "" for w in call.words[1:] if not w.raw.startswith("-")), ""))
        for path in paths:
            for home in self.paths:
                if covers(path, home) and call.has("-R", "--recursive"):
                    self.owners[home] = {owner}
                    self.regiven.append((call, paths))
                elif covers(home, path):
                    self.owners.setdefault(home, set()).add(owner)

    def owner(self, path: str) -> str:
        """Return who owns all of a path, "" for root and where there are several."""
        found = self.owners.get(self.of(path) or path, set())
        # A user's own group is called like the user.
        short = {a if a == b else owner for owner in found for a, _, b in [owner.partition(":")]} if found else set()
        return max(found, key=len) if len(short) == 1 else ""


def is_shared(path: str) -> bool:
    """Tell whether a folder holds more than one application's files."""
    if path in _SHARED:
        return True
    return any(covers(folder, path) for folder in _SYSTEM) and not f"{path}/".startswith(_OWN)


def homes_of(doc: Document, stage: Stage, cut: int, written: list[str]) -> Homes:
    """Return where COPY and ADD put files in front of the cut; `written` are folders that builds fill."""
    found = Homes()
    for instruction, state in zip(stage.members[:cut], stage.states, strict=False):
        if instruction.keyword not in ("COPY", "ADD"):
            continue
        named = sources_and_target(instruction, state)
        if instruction.heredocs or named is None:
            found.refused = f"what {instruction.keyword} copies is not known"
            return found
        if instruction.flag("from") is not None:
            found.foreign.append(instruction)
            continue
        places = _places(doc, instruction, state, *named)
        if isinstance(places, str):
            found.refused = f"{instruction.keyword} {places}"
            return found
        found.brought[id(instruction)] = [(p, named_owner(instruction.flag("chown") or "")) for p in places]
    paths = {path for places in found.brought.values() for path, _ in places}
    paths |= {path for path in written if path and not is_shared(path)}
    found.paths = sorted(p for p in paths if not any(o != p and covers(o, p) for o in paths))
    return found


def named_owner(owner: str) -> str:
    """Return an owner as it is written, "" for root."""
    return "" if owner in ROOTS else owner


def _places(doc: Document, instruction: Instruction, state: State, sources: list[str], target: str) -> list[str] | str:
    """Return the homes that one COPY fills, folders or single files in shared ones; or what it does otherwise."""
    if not target.startswith("/") and not state.workdir:
        return "puts files to a folder that is not known"
    place = posixpath.normpath(posixpath.join(state.workdir or "/", target))
    context = doc.context
    kinds = {s: context.kind(posixpath.normpath(s.lstrip("/") or ".")) if context else None for s in sources}
    folders = [s for s in sources if kinds[s] == "folder"]
    is_folder = target.endswith(("/", "/.")) or target in (".", "..") or len(sources) > 1 or place == state.workdir
    is_folder = is_folder or bool(folders) or place in _SHARED or place in _SYSTEM_FOLDERS or place.endswith(".d")
    if covers("/tmp", place):
        return []
    unpacked = instruction.keyword == "ADD" and "archive" in kinds.values()
    if folders or unpacked or any("*" in s or "?" in s for s in sources):
        own = not is_shared(place) or place in _TAKEN_WHOLE
        return [place] if own else f"puts a folder into {place}, beside what the system has there"
    parent = place if is_folder else posixpath.dirname(place)
    if not is_shared(parent):
        return [parent]
    return [posixpath.join(place, posixpath.basename(s)) if is_folder else place for s in sources]


def covered_late(placed: Placed, home: str) -> bool:
    """Tell whether COPYs behind the cut bring all files of a home again."""
    early = [path for path in placed.files if covers(home, path)]
    return not placed.unknown and bool(early) and all(path in placed.late for path in early)
