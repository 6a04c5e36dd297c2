"""What pip and its like install: each project, and whether it comes as a wheel."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from optimizer.catalog.wheels import python_wheel
from optimizer.context.manifests.pyproject import read_pyproject
from optimizer.context.manifests.python_locks import read_python_lock
from optimizer.context.manifests.requirements import Requirement, normal_name, read_requirement, read_requirements
from optimizer.facts.copied import found_in_workdir
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.facts.uses import Dependency, Installs
from optimizer.syntax.patterns import pattern

# Without these pip itself does not build anything.
_TOOLS = frozenset({"pip", "setuptools", "wheel", "pipenv", "poetry", "uv", "pip-tools", "virtualenv", "build"})
_LOCKS = {
    "poetry": ("poetry.lock", "pyproject.toml"),
    "uv": ("uv.lock", "pyproject.toml"),
    "pdm": ("pdm.lock", "pyproject.toml"),
    "pipenv": ("Pipfile.lock",),
}
_UPPER = pattern(r"(?:===?|<=?|~=)\s*([\d.]+)")
_FILES = ("-r", "--requirement")
_OWN = "the project itself"


def python_installs(doc: Document, call: Call) -> Installs | None:
    """Return what a call installs from PyPI, None where it is no such call."""
    words = [w.value for w in call.words]
    if call.is_("pip", "install", "wheel", "download"):
        return _pip(doc, call)
    if call.is_("uv", "pip"):
        return _pip(doc, call, call.operands[1:] if "install" in words else call.operands[:0])
    if call.program in _LOCKS and any(w in ("install", "sync") for w in words[1:]):
        return _locked(doc, call, *_LOCKS[call.program])
    if call.program in ("easy_install", "python", "python3") and "setup.py" in words and "install" in words:
        return Installs(unread=("setup.py was not read",))
    return None


def _pip(doc: Document, call: Call, operands: Iterable[object] | None = None) -> Installs:
    found: list[Dependency] = []
    unread: list[str] = []
    calls: set[str] = set()
    named = call.operands if operands is None else tuple(w for w in call.operands if w in tuple(operands))
    for word in named:
        if word.value is None:
            unread.append(f"{word.raw} is known only to the build")
            continue
        _take(read_requirement(word.value), found, unread, calls)
    for path in _named_files(call):
        place = found_in_workdir(doc, call.run, path) if "$" not in path else None
        listed = read_requirements(doc.context, place) if doc.context is not None and place is not None else None
        if listed is None or listed.unreadable or listed.missing:
            unread.append(f"{path} was not read")
            continue
        for requirement in listed.requirements:
            _take(requirement, found, unread, calls)
    for value in call.shell.value_of("-e", "--editable"):
        _take(read_requirement(value), found, unread, calls)
    if _OWN in unread:
        unread.remove(_OWN)
        found += _project(doc, call, unread)
    if call.has("--no-binary"):
        unread.append("--no-binary compiles what has wheels")
    return Installs(tuple(found), tuple(dict.fromkeys(unread)), tuple(sorted(calls)))


def _named_files(call: Call) -> Iterator[str]:
    yield from call.shell.value_of(*_FILES)
    for word in call.words:
        text = word.value or ""
        if text.startswith("-r") and not text.startswith("--") and len(text) > 2:
            yield text[2:]


def _take(requirement: Requirement, found: list[Dependency], unread: list[str], calls: set[str]) -> None:
    if requirement.vcs:
        calls.add(requirement.url.partition("+")[0])
        unread.append(f"{requirement.name or requirement.url} comes from version control")
    elif requirement.local:
        archive = requirement.url.endswith((".whl", ".gz", ".zip", ".bz2"))
        unread.append(f"{requirement.url} was not read" if archive else _OWN)
    elif requirement.url:
        unread.append(f"{requirement.url} was not read")
    elif requirement.name and requirement.name not in _TOOLS:
        found.append(described(requirement.name, requirement.version))


def described(name: str, version: str) -> Dependency:
    """Return a project with what the catalog knows of its wheels."""
    wheel = python_wheel(normal_name(name))
    if wheel is None:
        return Dependency(name, version)
    musl = "" if wheel.musl == "wheel" and _is_older(version, wheel.musl_since) else wheel.musl
    return Dependency(name, version, wheel.glibc, musl, tuple(wheel.needs))


def _is_older(wish: str, since: str) -> bool:
    """Whether a wish for one version, or for versions up to one, may be for one from before `since`."""
    bounds = _UPPER.findall(wish)
    return any(not since or _numbers(bound) < _numbers(since) for bound in bounds)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _project(doc: Document, call: Call, unread: list[str]) -> list[Dependency]:
    place = found_in_workdir(doc, call.run, "pyproject.toml")
    project = read_pyproject(doc.context, place) if doc.context is not None and place is not None else None
    if project is None or project.unreadable or "dependencies" in project.dynamic:
        unread.append("the project's own dependencies were not read")
        return []
    found: list[Dependency] = []
    for requirement in project.dependencies:
        _take(requirement, found, unread, set())
    return found


def _locked(doc: Document, call: Call, lock: str, *manifests: str) -> Installs:
    place = found_in_workdir(doc, call.run, lock)
    found = read_python_lock(doc.context, place) if doc.context is not None and place is not None else None
    if found is None or found.unreadable:
        return Installs(unread=(f"{posixpath.basename(lock)} was not read",))
    projects = []
    unread = []
    for package in found.packages:
        if package.vcs:
            unread.append(f"{package.name} comes from version control")
        elif not package.local:
            own = described(package.name, f"=={package.version}" if package.version else "")
            if package.wheels is not None and own.form in ("", "wheel"):
                # The lock names the files: none of them a wheel means that all is compiled.
                own = own._replace(form=own.form if package.wheels else "sdist")
            projects.append(own)
    return Installs(tuple(projects), tuple(unread), ("git",) if unread else ())
