"""What pip, Poetry, uv, Pipenv, PDM and Python's own tools make, and where.

Sources: pip.pypa.io (install locations), docs.python.org (site, venv), python-poetry.org (configuration),
docs.astral.sh/uv (projects, environments), pipenv.pypa.io (configuration), nltk.org (data).
"""

from __future__ import annotations

import posixpath
import re

from optimizer.context.manifests.pyproject import read_pyproject
from optimizer.facts.runs import Call
from optimizer.rewrite.stages.products import Place, Product
from optimizer.syntax.patterns import pattern

_RELEASE = pattern(r"3\.\d+(?=[.-]|\Z)")
_ONLY_TOOLS = frozenset(
    "pip setuptools wheel poetry uv pipenv pip-tools pdm hatch build virtualenv poetry-core cython tox nox twine "
    "poetry-plugin-export setuptools-scm flit hatchling".split()
)
_FREE = frozenset({"list", "freeze", "show", "check", "config", "cache", "debug", "help", "inspect", "index", "hash"})
_POETRY_FREE = frozenset({"config", "lock", "check", "show", "env", "cache", "about", "self", "source", "version"})
_MANAGE = frozenset(
    "collectstatic compilemessages makemessages compress tailwind check makemigrations migrate createcachetable "
    "loaddata collectmedia assets build".split()
)
_CHECKS = frozenset("pytest py.test flake8 mypy black ruff isort pylint tox nox bandit coverage".split())
_PYTHON = pattern(r"python\d*(\.\d+)?\Z")
_IMPORTS_ONLY = pattern(
    r"\s*((import|from)\s[\w., ]+(\simport\s[\w., ]+)?\s*(;|\Z)|print\([\w.\"' ,]*\)\s*(;|\Z)|\s)*\Z"
)
VIRTUALENVS = ("/root/.cache/pypoetry/virtualenvs", "/root/.local/share/virtualenvs")


def product_of(place: Place) -> Product | None:
    """Return what a call makes, None where it is none of Python's tools."""
    call = place.call
    program = call.program
    if call.is_("pip"):
        return _pip(place)
    words = [w.value or "" for w in call.words]
    if program == "uv":
        return _uv(place, words)
    if program == "poetry":
        return _poetry(place, words)
    if program == "pipenv":
        return _pipenv(place, words)
    if program == "pdm":
        return Product("PDM installs", (_inside(place, ".venv"),))
    if program == "virtualenv":
        return _environment_made(place, words[1:])
    if program in _CHECKS:
        return Product("it is a gate of the build")
    if program in ("django-admin", "manage.py"):
        return _manage(place, words)
    if program == "spacy" and "download" in words:
        return Product("spaCy's model is installed as a package", _environment(place))
    if program == "playwright" or "playwright" in words[1:3]:
        return Product("", refused="playwright puts browsers and system packages where no stage can take them from")
    if _PYTHON.match(program):
        return _python(place, words)
    return None


def _pip(place: Place) -> Product:
    call = place.call
    if call.action in _FREE or call.action == "":
        return Product("it only tells or sets up")
    if call.action in ("download", "wheel"):
        return Product("pip downloads", (place.folder,))
    if call.action == "uninstall":
        return Product("pip removes packages", _environment(place))
    if call.action != "install":
        return Product("", refused=f"what pip {call.action} leaves in the image is not known")
    return _pip_install(place)


def _pip_install(place: Place) -> Product:
    call = place.call
    if call.has("--prefix", "--root"):
        return Product("", refused="pip installs below a prefix of its own")
    target = next(iter((*call.shell.value_of("-t", "--target"),)), None)
    if target is not None:
        found = place.locate(target)
        return Product("pip installs", (found,), refused="" if found else "where pip installs to is not known")
    trees = _user_site(place) if call.has("--user") else _environment(place)
    editable = [place.locate(v) for v in call.shell.value_of("-e", "--editable") if "://" not in v]
    names = _names(call)
    tools = bool(names) and not call.has("-r", "--requirement") and set(names) <= _ONLY_TOOLS
    return Product("pip installs", (*trees, *(e for e in editable if e)), tool=tools, names=tuple(names))


def _names(call: Call) -> list[str]:
    """Return the projects that pip is told by name; one that is no name is given as it is."""
    return [re.split(r"[\[=<>~!;@ ]", (w.value or w.raw).strip("'\""), maxsplit=1)[0].lower() for w in call.operands]


def _environment(place: Place) -> tuple[str, ...]:
    """Return where the Python in force keeps packages and programs: an environment, a home, or the system's place."""
    program = place.call.command.words[0].value or ""
    if "/bin/" in program and not program.startswith(("/usr/", "/bin/")):
        located = place.locate(program)
        return (located.rpartition("/bin/")[0],) if located else ()
    made = _activated(place)
    if made:
        return (made,)
    first = place.first_on_path
    if first.endswith("/bin") and not first.startswith(("/usr/", "/bin")) and "/.local" not in first:
        folder = first.removesuffix("/bin")
        if folder == place.state.env.get("VIRTUAL_ENV") or _is_made(place, folder):
            return (folder,)
    return _user_site(place) if place.user else system_site(place)


def _activated(place: Place) -> str:
    """Return the environment that the RUN activates in front of a call."""
    for call in place.run.calls:
        if call.command.start >= place.call.command.start:
            break
        words = [w.value or "" for w in call.words]
        if len(words) > 1 and words[0] in (".", "source") and words[1].endswith("/bin/activate"):
            return place.locate(words[1]).removesuffix("/bin/activate")
    return ""


def _is_made(place: Place, path: str) -> bool:
    """Whether a RUN of the stage makes a virtual environment there."""
    text = "\n".join(run.script.text for run in place.doc.runs_of(place.run.stage) if run.index <= place.run.index)
    name = posixpath.basename(path)
    return (
        re.search(rf"(venv|virtualenv)\b[^\n;&|]*({re.escape(name)}|\$\{{?VIRTUAL_ENV|\$\{{?\w*VENV)", text) is not None
    )


def _user_site(place: Place) -> tuple[str, ...]:
    return (posixpath.join(place.state.env.get("PYTHONUSERBASE") or f"{place.home}/.local"),)


def system_site(place: Place) -> tuple[str, ...]:
    """Return where packages and their programs lie in an official image; all of it where the release floats."""
    image = place.run.stage.root_image
    release = _RELEASE.match(image.tag or "")
    if release is None or image.raw != image.resolved:
        return ("/usr/local",)
    return (f"/usr/local/lib/python{release.group()}/site-packages", "/usr/local/bin")


def _environment_made(place: Place, words: list[str]) -> Product:
    operands = [w for w in words if not w.startswith("-")]
    index = next((n for n, w in enumerate(place.call.words) if operands and w.value == operands[-1]), None)
    raw = place.call.words[index] if index is not None else place.call.words[-1]
    found = place.located(raw)
    return Product("it makes a virtual environment", (found,), refused="" if found else _NOWHERE)


_NOWHERE = "where the virtual environment is made is not known"


def _inside(place: Place, name: str) -> str:
    return posixpath.join(place.folder, name) if place.folder else ""


def _uv(place: Place, words: list[str]) -> Product:
    verb = next((w for w in words[1:] if not w.startswith("-")), "")
    if verb == "pip":
        if "install" not in words and "sync" not in words:
            return Product("it only tells")
        system = "--system" in words or place.state.env.get("UV_SYSTEM_PYTHON")
        return Product("uv installs", system_site(place) if system else _uv_environment(place))
    if verb == "venv":
        operands = [w for w in words[words.index("venv") + 1 :] if not w.startswith("-")]
        path = place.locate(operands[-1]) if operands else _inside(place, ".venv")
        return Product("it makes a virtual environment", (path,), refused="" if path else _NOWHERE)
    if verb == "python":
        return Product("uv installs a Python", (f"{place.home}/.local/share/uv/python",))
    if verb in ("sync", "add", "run"):
        other = _brings_python(place)
        if other:
            return Product("", refused=other)
        return Product("uv installs", (*_uv_environment(place), place.folder))
    if verb in ("lock", "export", "cache", "version", "self", "--version", ""):
        return Product("it only sets up")
    return Product("", refused=f"what uv {verb} leaves in the image is not known")


def _brings_python(place: Place) -> str:
    """Return why uv may fetch a Python of its own, beside the image's: "" where it takes the image's."""
    context, release = place.doc.context, _RELEASE.match(place.run.stage.root_image.tag or "")
    if context is None or release is None:
        return ""
    minor = int(release.group().partition(".")[2])
    pinned = re.match(r"\s*(?:cpython-)?3\.(\d+)", context.text(".python-version") or "")
    if pinned and int(pinned.group(1)) != minor:
        return f".python-version asks for Python 3.{pinned.group(1)}, which uv brings to the home of the user"
    project = read_pyproject(context)
    asked = re.search(r">=\s*3\.(\d+)", project.python) if project is not None else None
    if asked and int(asked.group(1)) > minor:
        return f"the project asks for Python 3.{asked.group(1)}, which uv brings to the home of the user"
    return ""


def _uv_environment(place: Place) -> tuple[str, ...]:
    given = place.state.env.get("UV_PROJECT_ENVIRONMENT") or place.state.env.get("VIRTUAL_ENV")
    return (place.locate(given),) if given else (_inside(place, ".venv"),)


def _poetry(place: Place, words: list[str]) -> Product:
    verb = next((w for w in words[1:] if not w.startswith("-")), "")
    if verb in _POETRY_FREE or verb == "":
        return Product("it only sets up")
    if verb == "export":
        return Product("Poetry writes the requirements", (place.folder,))
    if verb not in ("install", "sync", "add", "update", "run", "build"):
        return Product("", refused=f"what poetry {verb} leaves in the image is not known")
    own = () if "--no-root" in words else (place.folder,)
    return Product("Poetry installs", (*_poetry_environment(place), *own))


def _poetry_environment(place: Place) -> tuple[str, ...]:
    env = place.state.env
    if env.get("POETRY_VIRTUALENVS_CREATE") in ("false", "0") or _is_set(place, "virtualenvs.create", "false"):
        return _environment(place)
    if env.get("POETRY_VIRTUALENVS_IN_PROJECT") in ("true", "1") or _is_set(place, "virtualenvs.in-project", "true"):
        return (_inside(place, ".venv"),)
    path = env.get("POETRY_VIRTUALENVS_PATH")
    return (path,) if path else (f"{place.home}/.cache/pypoetry/virtualenvs",)


def _is_set(place: Place, key: str, value: str) -> bool:
    """Whether a call in front of this one sets an option of Poetry."""
    for run in place.doc.runs_of(place.run.stage):
        for call in run.calls if run.index <= place.run.index else ():
            words = [w.value or "" for w in call.words]
            if call.program == "poetry" and "config" in words and key in words and value in words:
                return True
    context = place.doc.context
    text = context.text("poetry.toml") if context is not None else None
    return text is not None and re.search(rf"{key.rpartition('.')[2]}\s*=\s*{value}", text) is not None


def _pipenv(place: Place, words: list[str]) -> Product:
    verb = next((w for w in words[1:] if not w.startswith("-")), "")
    if verb in ("lock", "check", "graph", "verify", "requirements", ""):
        return Product("it only sets up")
    if verb not in ("install", "sync", "run", "update"):
        return Product("", refused=f"what pipenv {verb} leaves in the image is not known")
    if "--system" in words:
        return Product("Pipenv installs", _environment(place))
    if place.state.env.get("PIPENV_VENV_IN_PROJECT"):
        return Product("Pipenv installs", (_inside(place, ".venv"), place.folder))
    return Product("Pipenv installs", (f"{place.home}/.local/share/virtualenvs", place.folder))


def _manage(place: Place, words: list[str]) -> Product:
    verb = next((w for w in words[1:] if not w.startswith("-") and not w.endswith("manage.py")), "")
    if verb not in _MANAGE:
        return Product("", refused=f"what manage.py {verb} leaves in the image is not known")
    outside = _static_root(place) if verb == "collectstatic" else ()
    if len(set(outside)) > 1:
        return Product("", refused="which settings collectstatic takes is not known")
    return Product(f"manage.py {verb} writes where the application lies", (place.folder, *outside))


def _static_root(place: Place) -> tuple[str, ...]:
    """Return the absolute folders that the settings of the context name for collected files."""
    context = place.doc.context
    if context is None:
        return ()
    found: list[str] = []
    for path in context.matches("*/settings.py") + context.matches("*/settings/*.py") + context.matches("settings.py"):
        text = context.text(path) or ""
        found += re.findall(r"(?m)^STATIC_ROOT\s*=[^\n]*['\"](/[\w./-]+)['\"]", text)
    return tuple(posixpath.normpath(path) for path in found)


def _python(place: Place, words: list[str]) -> Product | None:
    rest = words[1:]
    while rest and rest[0].startswith("-") and rest[0] not in ("-m", "-c"):
        rest = rest[1:]
    if not rest:
        return Product("it only tells")
    if rest[0] == "-m" and len(rest) > 1:
        return _module(place, rest[1], rest[2:])
    if rest[0] == "-c" and len(rest) > 1:
        tried = _IMPORTS_ONLY.match(rest[1]) is not None
        return Product(
            "it only tries an import", refused="" if tried else "what python -c leaves in the image is not known"
        )
    name = posixpath.basename(rest[0])
    if name == "manage.py":
        return _manage(place, words)
    if name == "setup.py":
        return Product("setup.py builds", (*_environment(place), place.folder))
    return Product("", refused=f"what python {name} leaves in the image is not known")


def _module(place: Place, module: str, words: list[str]) -> Product | None:
    if module in ("venv", "virtualenv"):
        return _environment_made(place, words)
    if module == "ensurepip":
        return Product("it installs pip", _environment(place), tool=True)
    if module == "compileall":
        return Product("it compiles to bytecode", (place.folder,))
    if module == "spacy" and "download" in words:
        return Product("spaCy's model is installed as a package", _environment(place))
    if module == "nltk.downloader":
        given = next((words[n + 1] for n, w in enumerate(words[:-1]) if w == "-d"), "")
        return Product("NLTK's data is downloaded", (place.locate(given) if given else f"{place.home}/nltk_data",))
    if module in _CHECKS or module in ("unittest", "django"):
        return Product("it is a gate of the build")
    return Product("", refused=f"what python -m {module} leaves in the image is not known")
