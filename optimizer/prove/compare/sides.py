"""One image of the two, and what is asked of it again and again."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from optimizer.facts.document import Document
from optimizer.prove.image import FileEntry, ImageReading, resolve

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What a build or a package manager generates, and two builds of one Dockerfile may make differently.
GENERATED = re.compile(
    r"(var/(log|cache|tmp|lib/(dpkg|apt|apk|rpm|dnf|yum|systemd|pam|ucf))|usr/lib/sysimage|lib/apk|run|tmp|proc|sys|dev)/.*"
    r"|etc/(ld\.so\.cache|(passwd|group|shadow|gshadow|subuid|subgid)-?|\.pwd\.lock|machine-id|mailcap|alternatives/.*"
    r"|ssl/certs/.*|ca-certificates/.*|hostname|hosts|resolv\.conf|mtab|apk/.*|rc\d?\.d/.*)"
    r"|usr/share/(mime|fonts|info/dir|applications|glib-2\.0/schemas).*|(usr/)?lib/locale/.*"
    r"|.*\.pyc|.*/__pycache__|\.dockerenv"
)
_DEPENDENCY = re.compile(
    r"(?:.*/)?(?:site-packages|dist-packages|node_modules|vendor/bundle|gems)/((?:@[^/]+/)?[^/]+).*"
)
_LAYER = re.compile(r"(?:/bin/\w+ -c )?(?:#\(nop\)\s+)?(?:\|\d+ .*)?\b(RUN|COPY|ADD|WORKDIR)\b")
_MAKES_LAYER = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})


@dataclass(frozen=True)
class User:
    """Who a container runs as; `known` tells that the image knows the name."""

    name: str
    uid: int
    gids: frozenset[int]
    known: bool


@dataclass(frozen=True)
class Side:
    """An image with the number of its layers that are the base image's."""

    reading: ImageReading
    base_layers: int = 0

    def entry(self, path: str) -> FileEntry | None:
        """Return what is at a path, links followed."""
        return self.reading.find(path)

    def real(self, path: str) -> str:
        """Return the path with links followed, "" where nothing is."""
        return resolve(self.reading.tree, path) or ""

    @cached_property
    def workdir(self) -> str:
        """Where the image's command starts."""
        return self.reading.config.workdir or "/"

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The folders of PATH."""
        return tuple(f for f in self.reading.config.env.get("PATH", DEFAULT_PATH).split(":") if f)

    def is_package(self, path: str) -> bool:
        """Tell whether a distribution's package manager knows the file."""
        return path in self.reading.packages.owner

    def is_base(self, entry: FileEntry) -> bool:
        """Tell whether a file is from the base image."""
        return entry.layer < self.base_layers

    def is_own(self, entry: FileEntry) -> bool:
        """Tell whether a file is the application's: not a package's, not generated, not the base image's."""
        return not (self.is_package(entry.path) or GENERATED.fullmatch(entry.path) or self.is_base(entry))

    def command(self, name: str) -> str:
        """Return the real path of a command as the shell finds it, "" where it finds none."""
        if "/" in name:
            places = [posixpath.join(self.workdir, name)]
        else:
            places = [posixpath.join(self.workdir, folder, name) for folder in self.path]
        for place in places:
            entry = self.entry(place)
            if entry is not None and entry.has_content and self.may(entry, 1) and self.reachable(place):
                return entry.path
        return ""

    @cached_property
    def commands(self) -> dict[str, str]:
        """All commands that PATH has, with where each is, whoever may run it."""
        found: dict[str, str] = {}
        folders = {self.real(folder): None for folder in (*self.path, *DEFAULT_PATH.split(":"))}
        for path, entry in self.reading.tree.items():
            folder, _, name = path.rpartition("/")
            if folder in folders and name not in found and entry.kind in ("file", "hardlink", "link"):
                real = self.entry(path)
                if real is not None and real.executable:
                    found[name] = path
        return found

    @cached_property
    def parents(self) -> frozenset[str]:
        """The folders that are not empty."""
        return frozenset(path.rpartition("/")[0] for path in self.reading.tree)

    @cached_property
    def user(self) -> User:
        """Who the image's command runs as."""
        name, _, group = self.reading.config.user.partition(":")
        users, groups = (list(_rows(self.reading.texts.get(table, ""))) for table in ("etc/passwd", "etc/group"))
        uid = _number(name)
        row = next((r for r in users if r[0] == name or (uid is not None and _number(r[2]) == uid)), None)
        if uid is None:
            uid = _number(row[2]) if row else 0 if not name else None
        gid = _number(group)
        if group and gid is None:
            gid = next((_number(r[2]) for r in groups if r[0] == group), None)
            known = gid is not None
        else:
            known = True
        if group:
            gids = {gid}
        else:
            gids = {_number(row[3]) if row else 0}
            gids |= {_number(r[2]) for r in groups if row and row[0] in r[3].split(",")}
        return User(
            self.reading.config.user, uid or 0, frozenset(g for g in gids if g is not None), known and uid is not None
        )

    def may(self, entry: FileEntry, bit: int) -> bool:
        """Tell whether the image's user may read (4), write (2) or execute (1) a file or folder."""
        user = self.user
        if user.uid == 0:
            return bit != 1 or entry.kind == "folder" or bool(entry.mode & 0o111)
        if entry.uid == user.uid:
            return bool(entry.mode & (bit << 6))
        return bool(entry.mode & (bit << 3 if entry.gid in user.gids else bit))

    def reachable(self, path: str) -> bool:
        """Tell whether the image's user may go through all folders above a file."""
        folder = self.real(path).rpartition("/")[0]
        while folder:
            entry = self.reading.tree.get(folder)
            if entry is not None and not self.may(entry, 1):
                return False
            folder = folder.rpartition("/")[0]
        return True


def _number(text: str) -> int | None:
    """Return the id that a text is, None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _rows(table: str) -> Iterator[list[str]]:
    """Yield the fields of passwd(5) or group(5), padded."""
    for line in table.splitlines():
        if line and not line.startswith("#"):
            yield (line.split(":") + [""] * 7)[:7]


def dependency_of(path: str) -> str:
    """Return the Python, Node or Ruby package whose folder a path is in, "" for none."""
    found = _DEPENDENCY.fullmatch(path)
    return found[1] if found else ""


def sides_of(
    before: ImageReading, after: ImageReading, old: Document | None = None, new: Document | None = None
) -> tuple[Side, Side]:
    """Return both sides; the Dockerfiles tell which layers are the base images'."""
    common = 0
    for one, other in zip(before.layers, after.layers, strict=False):
        if one.digest != other.digest:
            break
        common += 1
    return Side(before, _base_layers(before, old, common)), Side(after, _base_layers(after, new, common))


def _base_layers(reading: ImageReading, document: Document | None, common: int) -> int:
    """Return how many layers are below those that the last stage's instructions made."""
    if document is None or not document.stages or not any(layer.created_by for layer in reading.layers):
        return common
    lineage = document.stages[-1].lineage
    left = [m.keyword for stage in reversed(lineage) for m in stage.members if m.keyword in _MAKES_LAYER]
    count = len(reading.layers)
    while count and left:
        made = made_by(reading.layers[count - 1].created_by)
        # A WORKDIR that is there already makes no layer in some builders.
        while left and left[-1] != made and left[-1] == "WORKDIR":
            left.pop()
        if not left or left.pop() != made:
            break
        count -= 1
    return count


def made_by(created_by: str) -> str:
    """Return the keyword of the instruction that made a layer, as the builders write it down."""
    found = _LAYER.match(created_by)
    return found[1] if found else "RUN"
