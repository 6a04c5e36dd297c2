"""What of a build context no COPY can need, by what is seen in it and in the Dockerfiles that share it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.ignore import Pattern
from optimizer.context.listing import HEAVY, listing
from optimizer.context.search import speakers
from optimizer.facts.copied import sources_and_target
from optimizer.facts.document import Document
from optimizer.facts.remade import remade
from optimizer.facts.stages import State, mounts_of
from optimizer.syntax import Instruction, parse
from optimizer.syntax.patterns import pattern

MOST_DOCKERFILES = 20
_GIT, _MADE, _EDITOR = "version control", "made by the build", "editors and tests"
_SECRET = "secrets that nothing reads"
ITSELF = "the build's own files"
_DOCKERFILE = pattern(r"(.*/)?(Dockerfile(\.[\w.-]+)?|[\w.-]+\.[Dd]ockerfile|Containerfile)\Z")
_VERSION_CONTROL = (".git", ".hg", ".svn", ".bzr")
_EDITORS = (".idea", ".vscode", ".vs", ".DS_Store", ".devcontainer")
_PYTHON_CACHES = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox", ".hypothesis", ".coverage", "htmlcov")
# Programs and libraries that look into the repository while they build or run.
_READS_GIT = pattern(
    r"\bgit[\"',\s]+(describe|rev-parse|rev-list|log|show|status|submodule|diff|tag|ls-files|archive|shortlog)\b|"
    r"setuptools[-_]scm|versioneer|hatch-vcs|versioningit|dynamic-versioning|\bpbr\b|dunamai|vcs-versioning|gitpython|pygit2|"
    r"git-commit-id|git-version|git-properties|gitversion|minver|nerdbank|vergen|shadow-rs|built::|git2\b|simple-git|nodegit|"
    r"isomorphic-git|git-rev|ReadBuildInfo|buildvcs|go-git|(?<![\w.-])\.git(?![\w-])",
    re.IGNORECASE,
)
# What reads a .env by itself: libraries, frameworks at build time, and whoever names it.
_READS_ENV = pattern(
    r"dotenv|decouple|environs|django-environ|environ\.Env|pydantic[-_]settings|BaseSettings|load_env|loadEnvFile|env_file|"
    r"--env-file|envied|figaro|viper|cleanenv|godotenv|\"(next|vite|nuxt|gatsby|react-scripts|astro|@vue/cli-service|"
    r"@sveltejs/kit|parcel|@nestjs/config|@remix-run/dev|expo)\"|laravel/framework|symfony/|(?<![\w-])\.env\b(?!\.)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Unneeded:
    """A pattern for an ignore file, the group that it belongs to, and why no COPY needs what it matches.

    `there` tells that the context has such files. `minor` are those for which alone no file is worth it.
    """

    pattern: str
    group: str
    why: str
    there: bool = True
    minor: bool = False


def is_broad(instruction: Instruction, state: State) -> bool:
    """Tell whether a COPY or ADD takes the whole build context."""
    if instruction.keyword not in ("COPY", "ADD") or instruction.flag("from") is not None or instruction.heredocs:
        return False
    named = sources_and_target(instruction, state)
    return named is not None and any(posixpath.normpath(s.lstrip("/") or ".") in (".", "*") for s in named[0])


def broad_copies(doc: Document) -> list[Instruction]:
    """Return the COPYs that take the whole build context."""
    return [instruction for instruction, _, state, _ in doc.located if is_broad(instruction, state)]


def unneeded(doc: Document) -> list[Unneeded] | str:
    """Return what no COPY can need, in groups; a reason where that can't be told."""
    context = doc.context
    if context is None:
        return "there is no build context to look into"
    others = _others(context)
    if others is None:
        return "too many Dockerfiles share the build context"
    found = _candidates(doc, context)
    named = [path for one in (doc, *others) for path in _named(one)]
    for other in others:
        if broad_copies(other):
            theirs = {u.pattern for u in _candidates(other, context)}
            found = [u for u in found if u.pattern in theirs or u.group != _MADE]
    return [u for u in found if not any(_touches(u.pattern, path) for path in named)]


def _candidates(doc: Document, context: BuildContext) -> list[Unneeded]:
    names = {e.name for e in context.entries("")}
    python = any(name.endswith(".py") or name in ("requirements.txt", "pyproject.toml", "setup.py") for name in names)
    asked = {}
    if names.intersection(_VERSION_CONTROL):
        asked["git"] = _READS_GIT
    if ".env" in names:
        asked["env"] = _READS_ENV
    own = context.dockerfile.name if context.dockerfile is not None else "Dockerfile"
    if own in names:
        asked["own"] = re.compile(rf"(?<![\w.-]){re.escape(own)}(?![\w.-])")
    texts = " ".join(i.folded.text for i in doc.tree.instructions)
    spoken = speakers(context, asked) if asked else {}
    spoken |= {name: "the Dockerfile" for name, word in asked.items() if word.search(texts)}
    out = []
    if "git" not in spoken:
        out += [Unneeded(n, _GIT, "nothing that is built or run asks for it") for n in _VERSION_CONTROL if n in names]
    out += _made(doc, context, names, python, texts)
    tests = [n for n in _PYTHON_CACHES if n in names] if python else []
    out += [Unneeded(n, _EDITOR, "it is a tool's own") for n in (*_EDITORS, *tests) if n in names and n not in texts]
    if ".env" in names and "env" not in spoken:
        out.append(Unneeded(".env", _SECRET, "nothing that is built or run reads it"))
    itself = (".dockerignore", *((own,) if own in names and "own" not in spoken else ()))
    return [*out, *(Unneeded(name, ITSELF, "the builder reads it, the image does not", False, True) for name in itself)]


def _made(doc: Document, context: BuildContext, names: set[str], python: bool, texts: str) -> Iterator[Unneeded]:
    by_name: dict[str, list[tuple[str, str]]] = {}
    for folder, name, call in remade(doc):
        by_name.setdefault(name, []).append((folder, call))
    for name, places in by_name.items():
        for folder, call in dict(places).items():
            path = posixpath.join(folder, name)
            there = context.kind(path) == "folder"
            if there or name == "node_modules":
                yield Unneeded(path, _MADE, f"{call} makes it", there)
    if python:
        cached = any("__pycache__" in e.name for e in context.entries("")) or _holds(context, "__pycache__")
        if "__pycache__" not in texts:
            yield Unneeded("**/__pycache__", _MADE, "Python makes it anew", cached, not cached)
        for name in sorted(names):
            if context.kind(f"{name}/pyvenv.cfg") == "file" and not re.search(rf"(?<![\w.-]){re.escape(name)}/", texts):
                yield Unneeded(name, _MADE, "it is a virtual environment of the host")


def _holds(context: BuildContext, name: str) -> bool:
    return any(f"/{name}/" in path for path in listing(context, skip=HEAVY - {name}).files)


def _others(context: BuildContext) -> list[Document] | None:
    """Return the other Dockerfiles of the context, None where there are too many."""
    own = context.dockerfile.resolve() if context.dockerfile is not None else (context.root / "Dockerfile").resolve()
    paths = [path for path in listing(context, skip=HEAVY).files if _DOCKERFILE.match(path)]
    if len(paths) > MOST_DOCKERFILES:
        return None
    others = [path for path in paths if (context.root / path).resolve() != own]
    return [Document(parse(context.text(path) or ""), context) for path in others]


def _named(doc: Document) -> Iterator[str]:
    """Yield the paths of the context that COPY, ADD and mounts name."""
    for instruction, _, state, _ in doc.located:
        one = instruction.onbuild or instruction
        if one.keyword in ("COPY", "ADD") and one.flag("from") is None:
            named = sources_and_target(one, state)
            words = named[0] if named is not None else one.args.split()
            yield from (posixpath.normpath(word.lstrip("/") or ".") for word in words)
        elif one.keyword == "RUN":
            for mount in mounts_of(one):
                if mount.get("type") == "bind" and not mount.get("from"):
                    yield posixpath.normpath((mount.get("source") or mount.get("src") or ".").lstrip("/") or ".")


def _touches(text: str, path: str) -> bool:
    """Tell whether a pattern keeps back a path that is named, a folder above it, or all that it can match."""
    if path in (".", "*"):
        return False
    found = Pattern(text)
    literal = re.split(r"[*?\[$]", path, maxsplit=1)[0]
    parts = path.split("/")
    heads = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    wild = literal != path and posixpath.basename(text).startswith(posixpath.basename(literal)) and literal != ""
    return wild or any(found.matches(head) for head in heads) or text.startswith(f"{path}/")


def grouped(found: Iterable[Unneeded]) -> dict[str, list[Unneeded]]:
    """Return what was found by its group, in the order of the groups."""
    out: dict[str, list[Unneeded]] = {}
    for one in found:
        out.setdefault(one.group, []).append(one)
    return out
