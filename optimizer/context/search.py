"""Which file of a build context speaks of a program."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping

from optimizer.context.files import BuildContext
from optimizer.context.ignore import is_ignored
from optimizer.syntax.patterns import pattern

_NOT_SHIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv"})
_FOR_READERS = pattern(r"(?i)(\A|/)(.*\.(md|rst|adoc|lock|svg|map)|licen[cs]e.*|copying|changelog.*|.*Dockerfile.*)\Z")
# Ignore files, compose files, patches, and what steers editors and services.
_LISTS = pattern(
    r"(\A|/)(\.[\w-]*ignore|\.git\w*|(docker-)?compose[^/]*\.ya?ml|.*\.(diff|patch)|\.env[^/]*|"
    r"\.(github|circleci|vscode|idea|devcontainer)/.*)\Z"
)
_SCRIPT = pattern(r"(?i).*\.(sh|bash|ash|ksh|zsh)\Z")
MOST_FILES, MOST_BYTES = 4000, 300_000


def speaks_of(context: BuildContext, program: re.Pattern[str], scripts_only: bool = False) -> str:
    """Return the path of a file that names a program and may reach the image, "" if there is none.

    Texts for readers and what .dockerignore holds back do not count. A context that is too large to be
    read speaks of everything.
    """
    for number, path in enumerate(_files(context)):
        if number == MOST_FILES:
            return "a file of the build context"
        text = context.text(path, MOST_BYTES) or ""
        if scripts_only and not (_SCRIPT.match(path) or text.startswith("#!")):
            continue
        if "\0" not in text[:1000] and program.search(text) and not is_ignored(context, path):
            return path
    return ""


def speakers(context: BuildContext, words: Mapping[str, re.Pattern[str]]) -> dict[str, str]:
    """Return, by name, the first file that speaks of a pattern.

    What lists ignored files, or steers services and editors, does not count.
    A context that is too large to be read speaks of everything.
    """
    found: dict[str, str] = {}
    for number, path in enumerate(_files(context)):
        if number == MOST_FILES:
            return dict.fromkeys(words, "a file of the build context") | found
        if _LISTS.search(path) or len(found) == len(words):
            continue
        text = context.text(path, MOST_BYTES) or ""
        if "\0" not in text[:1000]:
            found |= {name: path for name, word in words.items() if name not in found and word.search(text)}
    return found


def _files(context: BuildContext) -> Iterator[str]:
    for folder, folders, names in os.walk(context.root):
        folders[:] = sorted(set(folders) - _NOT_SHIPPED)
        inside = os.path.relpath(folder, context.root).replace(os.sep, "/")
        for name in sorted(names):
            path = posixpath.normpath(posixpath.join(inside, name))
            if not _FOR_READERS.search(path):
                yield path
