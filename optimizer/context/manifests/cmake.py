"""CMakeLists.txt: a program, of which regular forms are read. Source of the form: cmake.org, "cmake-commands(7)"."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LIMIT, is_there
from optimizer.syntax.patterns import pattern

_COMMAND = pattern(r"\b([A-Za-z_]\w*)\s*\(((?:[^()]|\([^()]*\))*)\)")
_REFERENCE = pattern(r"\$\{(\w+)\}")
_KINDS = frozenset({"IMPORTED", "ALIAS", "INTERFACE"})
_ENDS = frozenset({"RUNTIME", "LIBRARY", "ARCHIVE", "DESTINATION", "EXPORT", "BUNDLE", "COMPONENT"})


@dataclass(frozen=True)
class CMakeProject:
    """A CMakeLists.txt.

    `executables` are the targets of add_executable, `installed` those that install() names, `linked`
    what is linked to anything, `packages` what find_package looks for, `folders` what add_subdirectory
    names. `output_folder` is CMAKE_RUNTIME_OUTPUT_DIRECTORY, "" where it is not set.
    """

    path: str
    unreadable: str = ""
    name: str = ""
    executables: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    output_folder: str = ""


def read_cmake(context: BuildContext, path: str = "CMakeLists.txt") -> CMakeProject | None:
    """Read a CMakeLists.txt; None where there is none. Included folders are named, not followed."""
    if not is_there(context, path):
        return None
    text = context.text(path, LIMIT)
    if text is None:
        return CMakeProject(path, "is too large")
    text = re.sub(r"(?m)#(?!\[\[).*$", "", text)
    variables: dict[str, str] = {}
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for match in _COMMAND.finditer(text):
        command = match.group(1).lower()
        words = [_expand(w.strip('"'), variables) for w in re.findall(r'"[^"]*"|[^\s]+', match.group(2))]
        if command == "project" and words:
            found["name"].setdefault(words[0])
            variables["PROJECT_NAME"] = variables["CMAKE_PROJECT_NAME"] = words[0]
        elif command == "set" and len(words) > 1:
            variables[words[0]] = " ".join(words[1:])
        else:
            found[command].update(dict.fromkeys(_named(command, words)))
    return CMakeProject(
        path,
        "",
        next(iter(found["name"]), ""),
        tuple(found["add_executable"]),
        tuple(found["add_library"]),
        tuple(found["install"]),
        tuple(found["target_link_libraries"]),
        tuple(found["find_package"]),
        tuple(found["add_subdirectory"]),
        variables.get("CMAKE_RUNTIME_OUTPUT_DIRECTORY", ""),
    )


def _named(command: str, words: list[str]) -> list[str]:
    """Return what a command is about."""
    if command in ("add_executable", "add_library"):
        return [] if _KINDS.intersection(words) else words[:1]
    if command == "target_link_libraries":
        return [w for w in words[1:] if w not in ("PUBLIC", "PRIVATE", "INTERFACE")]
    if command in ("find_package", "add_subdirectory"):
        return words[:1]
    if command == "install" and words[:1] == ["TARGETS"]:
        end = min((n for n, w in enumerate(words) if w in _ENDS), default=len(words))
        return words[1:end]
    return []


def _expand(text: str, variables: dict[str, str]) -> str:
    for _ in range(5):
        expanded = _REFERENCE.sub(lambda m: variables.get(m.group(1), m.group()), text)
        if expanded == text or len(expanded) > 20_000:
            break
        text = expanded
    return text
