"""pip, uv, Poetry, PDM and pipenv: which files of the project an install reads."""

from __future__ import annotations

import posixpath

from optimizer.context.manifests.pipfile import read_pipfile
from optimizer.context.manifests.pyproject import PyProject, read_pyproject
from optimizer.context.manifests.python_locks import read_python_lock
from optimizer.context.manifests.requirements import is_local, read_requirements
from optimizer.facts.calls import ShellCall
from optimizer.facts.installs.needs import Files, Needs
from optimizer.facts.installs.words import values_of
from optimizer.syntax.patterns import pattern

_LOCAL_OPTIONS = ("-e", "--editable", "-f", "--find-links", "--no-index", "--config-settings", "-C", "--src")
_PINNED = pattern(r"""["']?[A-Za-z0-9][\w.-]*(\[[\w,.-]+\])?[=<>~!]=""")
_LOCAL_PROJECT = "it installs what stands in the build context"


def needs_of_python(call: ShellCall, words: list[str], cwd: str, files: Files) -> Needs | str:
    """Return what a call of Python or one of its package managers reads; a reason where that is more than manifests."""
    manager = call.manager.name if call.manager is not None else call.program
    if manager == "pip":
        return _pip(call, cwd, files)
    if manager == "uv":
        return _uv(call, cwd, files)
    if manager in _BY_WORDS:
        return _BY_WORDS[manager](words, cwd, files)
    if words[:2] == ["-m", "venv"] and len(words) > 2 and "$" not in words[-1]:
        return Needs(writes=(posixpath.join(cwd, words[-1]),))
    return f"{call.program} may read the sources"


def _pip(call: ShellCall, cwd: str, files: Files) -> Needs | str:
    if call.action in ("cache", "config", "list", "freeze", "check", "show", "--version"):
        return Needs()
    if call.action != "install":
        return f"pip {call.action} may read the sources"
    if any(call.has(option) for option in _LOCAL_OPTIONS):
        return _LOCAL_PROJECT
    needs = Needs(writes=tuple(posixpath.join(cwd, t) for t in values_of(call, "-t", "--target", "--root", "--prefix")))
    for word in call.operands:
        if word.value is None and not _PINNED.match(word.raw):
            return "a variable decides what is installed"
        if is_local(word.value or ""):
            return _LOCAL_PROJECT
    for name in values_of(call, "-r", "--requirement", "-c", "--constraint"):
        read = _requirements(name, cwd, files)
        if isinstance(read, str):
            return read
        needs += read
    return needs


def _requirements(name: str, cwd: str, files: Files) -> Needs | str:
    if "://" in name:
        return Needs()
    path = posixpath.normpath(posixpath.join(cwd, name))
    origin = files.origin(path)
    if "$" in name or origin is None:
        return f"{name} is not copied from the build context"
    found = read_requirements(files.context, origin)
    if found is None or found.unreadable:
        return f"{origin} {found.unreadable if found else 'is not there'}"
    if found.missing:
        return f"{found.missing[0]}, which {origin} names, is not in the build context"
    if found.local or any(r.editable for r in found.requirements):
        return f"{origin} names files of the build context"
    for option, value in found.options:
        if option in ("-f", "--find-links") and "://" not in value:
            return f"{origin} looks for packages in the build context"
    reads = []
    for one in found.files:
        place = posixpath.normpath(
            posixpath.join(posixpath.dirname(path), posixpath.relpath(one, posixpath.dirname(origin) or "."))
        )
        if files.origin(place) != one:
            return f"{one}, which {origin} names, is not copied beside it"
        reads.append(place)
    return Needs(tuple(reads), project=True)


def _uv(call: ShellCall, cwd: str, files: Files) -> Needs | str:
    if call.action in ("venv", "cache", "--version", "python"):
        folder = next((w.value or "" for w in call.operands), ".venv")
        return Needs(writes=(posixpath.join(cwd, folder),) if call.action == "venv" else ())
    settings = files.there(cwd, ("pyproject.toml", "uv.toml", ".python-version"))
    if call.action == "pip":
        return _uv_pip(call, cwd, files, settings)
    if call.action != "sync":
        return f"uv {call.action} may read the sources"
    if any(call.has(o) for o in ("--all-packages", "--package", "--script", "--directory", "--project")):
        return "it does not install the project that it stands in"
    project = _project(cwd, files)
    if isinstance(project, str):
        return project
    skips = call.has("--no-install-project", "--no-install-workspace")
    if project.workspace or files.above(cwd, ("uv.toml", "uv.lock")):
        return "it is part of a workspace"
    if not call.has("--frozen", "--locked"):
        return "uv may write uv.lock anew without --frozen or --locked"
    if not skips and project.packaged:
        return "it installs the project itself, too"
    return _locked(project, cwd, files, "uv.lock", (*settings, *files.there(cwd, ("uv.lock",))), (".venv",))


def _uv_pip(call: ShellCall, cwd: str, files: Files, settings: tuple[str, ...]) -> Needs | str:
    words = [w.value or w.raw for w in call.operands]
    if not words or words[0] not in ("install", "sync"):
        return f"uv pip {' '.join(words[:1])} may read the sources"
    needs = Needs(settings)
    names = list(values_of(call, "-r", "--requirement", "--requirements", "-c", "--constraint"))
    if words[0] == "sync":
        names += words[1:]
    elif any(is_local(w) or "$" in w for w in words[1:]) or any(call.has(o) for o in _LOCAL_OPTIONS):
        return _LOCAL_PROJECT
    for name in names:
        if posixpath.basename(name) in ("pyproject.toml", "setup.py", "setup.cfg"):
            return "it reads the project's own requirements by building it"
        read = _requirements(name, cwd, files)
        if isinstance(read, str):
            return read
        needs += read
    return needs


def _poetry(words: list[str], cwd: str, files: Files) -> Needs | str:
    verb = next((w for w in words if not w.startswith("-")), "")
    if verb in ("config", "self", "about", "cache", "--version", ""):
        return "it writes a setting beside the project" if "--local" in words else Needs()
    if verb not in ("install", "sync") or any(w in words for w in ("-C", "--directory", "-P", "--project")):
        return f"poetry {verb} may read the sources"
    project = _project(cwd, files)
    if isinstance(project, str):
        return project
    if "--no-root" not in words and project.packaged is not False:
        return "it installs the project itself, too"
    return _locked(project, cwd, files, "poetry.lock", files.there(cwd, ("poetry.lock", "poetry.toml")), (".venv",))


def _pdm(words: list[str], cwd: str, files: Files) -> Needs | str:
    verb = next((w for w in words if not w.startswith("-")), "")
    if verb in ("config", "self", "cache"):
        return Needs()
    if verb not in ("install", "sync"):
        return f"pdm {verb} may read the sources"
    if verb == "install" and not {"--frozen-lockfile", "--no-lock"} & set(words):
        return "pdm may write pdm.lock anew without --frozen-lockfile"
    project = _project(cwd, files)
    if isinstance(project, str):
        return project
    if "--no-self" not in words and project.packaged:
        return "it installs the project itself, too"
    return _locked(
        project,
        cwd,
        files,
        "pdm.lock",
        files.there(cwd, ("pdm.lock", "pdm.toml", ".pdm-python")),
        (".venv", "__pypackages__"),
    )


def _pipenv(words: list[str], cwd: str, files: Files) -> Needs | str:
    verb = next((w for w in words if not w.startswith("-")), "")
    operands = [w for w in words if not w.startswith("-")][1:]
    if verb not in ("install", "sync") or operands:
        return f"pipenv {verb} may read the sources"
    reads = files.there(cwd, ("Pipfile", "Pipfile.lock", ".env"))
    origin = files.origin(posixpath.join(cwd, "Pipfile"))
    found = read_pipfile(files.context, origin) if origin is not None else None
    if found is None or found.unreadable:
        return "its Pipfile is not copied from the build context" if found is None else f"{origin} {found.unreadable}"
    lock = read_python_lock(files.context, files.origin(posixpath.join(cwd, "Pipfile.lock")) or "")
    if found.local or (lock is not None and (lock.unreadable or lock.local)):
        return f"{origin} names files of the build context"
    if lock is not None and verb == "install" and not {"--deploy", "--ignore-pipfile", "--skip-lock"} & set(words):
        return "pipenv may write Pipfile.lock anew without --deploy"
    writes = [posixpath.join(cwd, ".venv")]
    if lock is None:
        writes.append(posixpath.join(cwd, "Pipfile.lock"))
    return Needs(reads, tuple(writes), project=True)


def _project(cwd: str, files: Files) -> PyProject | str:
    origin = files.origin(posixpath.join(cwd, "pyproject.toml"))
    found = read_pyproject(files.context, origin) if origin is not None else None
    if found is None:
        return "its pyproject.toml is not copied from the build context"
    return f"{origin} {found.unreadable}" if found.unreadable else found


def _locked(
    project: PyProject, cwd: str, files: Files, lock_name: str, reads: tuple[str, ...], writes: tuple[str, ...]
) -> Needs | str:
    origin = files.origin(posixpath.join(cwd, lock_name))
    lock = read_python_lock(files.context, origin) if origin is not None else None
    if lock is None:
        return f"it has no {lock_name}"
    if lock.unreadable:
        return f"{origin} {lock.unreadable}"
    if lock.local or project.local:
        return f"{project.path} names files of the build context"
    manifest = posixpath.join(cwd, "pyproject.toml")
    places = tuple(posixpath.join(cwd, name) for name in writes)
    return Needs(tuple(dict.fromkeys((manifest, *reads))), places, project=True)


_BY_WORDS = {"poetry": _poetry, "pdm": _pdm, "pipenv": _pipenv}
