"""requirements.txt: what pip is told to install.

Source of the form: pip.pypa.io, "Requirements File Format".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LIMIT, beside, is_there
from optimizer.syntax.patterns import pattern

MOST_FILES = 50
_NAME = pattern(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)\Z", re.DOTALL)
_COMMENT = pattern(r"(^|\s+)#.*$")
_VCS = pattern(r"(git|hg|svn|bzr)\+")
_URL = pattern(r"[A-Za-z][A-Za-z0-9+.-]*://|file:")
_OPTION = pattern(r"\s--[a-z]")
_FILES = {"-r": "requirement", "--requirement": "requirement", "-c": "constraint", "--constraint": "constraint"}
_INDEX = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index", "--trusted-host", "--pre",
          "--prefer-binary", "--require-hashes", "--no-binary", "--only-binary", "--use-feature")  # fmt: skip


@dataclass(frozen=True)
class Requirement:
    """One requirement. `name` is normalized, "" where only its source is known.

    `local` tells that it is a file or folder of the context, `vcs` that it is fetched from version
    control, `url` the address it comes from. `marker` is its environment marker.
    """

    name: str
    version: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    url: str = ""
    editable: bool = False
    local: bool = False
    vcs: bool = False
    hashed: bool = False


@dataclass(frozen=True)
class Requirements:
    """A requirements file with all that it includes.

    `files` are the files that were read, it first; `missing` those that it names and that are not
    there. `options` are options that are about all of it, with their values.
    """

    path: str
    unreadable: str = ""
    requirements: tuple[Requirement, ...] = ()
    files: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The normalized names of the projects."""
        return frozenset(r.name for r in self.requirements if r.name)

    @property
    def local(self) -> tuple[Requirement, ...]:
        """The requirements that are files or folders of the context, those to find links in included."""
        return tuple(r for r in self.requirements if r.local)


def read_requirements(context: BuildContext, path: str = "requirements.txt") -> Requirements | None:
    """Read a requirements file and those that it includes; None where there is none."""
    if not is_there(context, path):
        return None
    reader = _Reader(context)
    problem = reader.read(posixpath.normpath(path))
    if problem:
        return Requirements(path, problem)
    return Requirements(
        path, "", tuple(reader.found), tuple(reader.files), tuple(reader.missing), tuple(dict.fromkeys(reader.options))
    )


class _Reader:
    def __init__(self, context: BuildContext) -> None:
        self.context = context
        self.found: list[Requirement] = []
        self.files: list[str] = []
        self.missing: list[str] = []
        self.options: list[tuple[str, str]] = []

    def read(self, path: str) -> str:
        if len(self.files) >= MOST_FILES:
            return "includes too many files"
        text = self.context.text(path, LIMIT)
        if text is None:
            self.missing.append(path)
            return "is too large" if not self.files else ""
        if "\0" in text:
            # PowerShell's `>` writes UTF-16.
            return "is no UTF-8 text" if not self.files else ""
        self.files.append(path)
        for line in logical_lines(text):
            problem = self._line(path, line)
            if problem:
                return problem
        return ""

    def _line(self, path: str, line: str) -> str:
        option, value = _option(line)
        if option in _FILES:
            return self._include(path, value, _FILES[option] == "constraint")
        if option in ("-e", "--editable"):
            self.found.append(_read(value, editable=True))
        elif option in _INDEX:
            self.options.append((option, value))
        elif not option:
            self.found.append(_read(line))
        else:
            self.options.append((option, value))
        return ""

    def _include(self, path: str, name: str, constraint: bool) -> str:
        if _URL.match(name):
            self.options.append(("-c" if constraint else "-r", name))
            return ""
        target = beside(path, name)
        if target in self.files or target in self.missing:
            return ""
        before = len(self.found)
        problem = self.read(target)
        if constraint:
            # A constraint installs nothing.
            del self.found[before:]
        return problem


def logical_lines(text: str) -> Iterator[str]:
    """Yield the lines of a requirements file, joined where one continues, without comments and blank ones."""
    joined = ""
    for line in text.removeprefix("\ufeff").splitlines():
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += line[:-1] + " "
            continue
        whole = _COMMENT.sub("", joined + line).strip()
        joined = ""
        if whole:
            yield whole
    whole = _COMMENT.sub("", joined).strip()
    if whole:
        yield whole


def _option(line: str) -> tuple[str, str]:
    if not line.startswith("-"):
        return "", ""
    if not line.startswith("--") and len(line) > 2 and line[2] not in " =":
        return line[:2], line[2:].strip()
    head, _, rest = re.sub(r"\A(-[-\w]+)[= ]\s*", "\\1\0", line).partition("\0")
    return head, rest.strip().strip("\"'")


def _read(text: str, editable: bool = False) -> Requirement:
    hashed = "--hash" in text
    option = _OPTION.search(text)
    if option:
        text = text[: option.start()]
    text, _, marker = text.partition(";") if not _URL.match(text) else _split_marker(text)
    text, marker = text.strip(), marker.strip()
    if is_local(text) or _URL.match(text) or _VCS.match(text):
        egg = re.search(r"#(?:.*&)?egg=([A-Za-z0-9._-]+)", text)
        return _from_source(normal_name(egg.group(1)) if egg else "", text, marker, editable, hashed)
    match = _NAME.match(text)
    if not match:
        return Requirement("", url=text, marker=marker, editable=editable, hashed=hashed)
    name, extras, rest = match.group(1), match.group(2) or "", match.group(3)
    if rest.startswith("@"):
        return _from_source(normal_name(name), rest[1:].strip(), marker, editable, hashed)
    return Requirement(
        normal_name(name),
        rest.strip().strip("()").replace(" ", ""),
        tuple(e.strip().lower() for e in extras.strip("[]").split(",") if e.strip()),
        marker,
        editable=editable,
        hashed=hashed,
    )


def _split_marker(text: str) -> tuple[str, str, str]:
    match = re.search(r"\s;", text)
    return (text[: match.start()], ";", text[match.end() :]) if match else (text, "", "")


def _from_source(name: str, source: str, marker: str, editable: bool, hashed: bool) -> Requirement:
    local = is_local(source) or source.startswith("file:")
    vcs = bool(_VCS.match(source))
    return Requirement(name, "", (), marker, source, editable, local, vcs, hashed)


def is_local(text: str) -> bool:
    """Tell whether pip takes a requirement for a path: it has a slash, is a dot, or ends like an archive."""
    head = text.partition("[")[0].strip()
    if _URL.match(head) or _VCS.match(head) or "@" in head.partition("/")[0]:
        return False
    archive = head.endswith((".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz")) and "=" not in head
    return head in (".", "..") or "/" in head or archive


def normal_name(name: str) -> str:
    """Return the name of a project in its normal form: lower case, one dash between words."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_requirement(text: str) -> Requirement:
    """Read one requirement as pyproject.toml has it, or as pip takes it on its command line."""
    return _read(text)
