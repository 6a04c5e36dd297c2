"""requirements.txt, pyproject.toml, their lockfiles, Pipfile and setup files."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.context.files import BuildContext
from optimizer.context.manifests.pipfile import read_pipfile
from optimizer.context.manifests.pyproject import PyProject, read_pyproject
from optimizer.context.manifests.python_locks import PythonLock, read_python_lock
from optimizer.context.manifests.requirements import Requirement, Requirements, read_requirements
from optimizer.context.manifests.setup_py import read_setup_cfg, read_setup_py


@pytest.fixture
def context(tmp_path: Path) -> BuildContext:
    return BuildContext(tmp_path)


def requirements(context: BuildContext, text: str, name: str = "requirements.txt") -> Requirements:
    (context.root / name).write_text(text)
    found = read_requirements(BuildContext(context.root), name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Flask_Login", Requirement("flask-login")),
        ("flask == 2.0 # why", Requirement("flask", "==2.0")),
        ("a>=1,<2 ; python_version < '3'", Requirement("a", ">=1,<2", marker="python_version < '3'")),
        ("a[x, Y]~=1", Requirement("a", "~=1", ("x", "y"))),
        ("a==1 \\\n --hash=sha256:0", Requirement("a", "==1", hashed=True)),
        ("-e .", Requirement("", url=".", editable=True, local=True)),
        ("--editable=./p[x]", Requirement("", url="./p[x]", editable=True, local=True)),
        (
            "-e git+https://e.org/p.git#egg=My_P",
            Requirement("my-p", url="git+https://e.org/p.git#egg=My_P", editable=True, vcs=True),
        ),
        ("git+ssh://git@e.org/p@v1", Requirement("", url="git+ssh://git@e.org/p@v1", vcs=True)),
        ("p @ git+https://e.org/p", Requirement("p", url="git+https://e.org/p", vcs=True)),
        ("p @ file:///x/p.whl", Requirement("p", url="file:///x/p.whl", local=True)),
        (
            "https://e.org/p-1.zip ; os_name == 'nt'",
            Requirement("", url="https://e.org/p-1.zip", marker="os_name == 'nt'"),
        ),
        ("./dist/p-1-py3-none-any.whl", Requirement("", url="./dist/p-1-py3-none-any.whl", local=True)),
        ("p-1.tar.gz", Requirement("", url="p-1.tar.gz", local=True)),
        ("..", Requirement("", url="..", local=True)),
    ],
)
def test_a_requirement(context: BuildContext, line: str, expected: Requirement) -> None:
    assert requirements(context, f"# a file\n\n{line}\n").requirements == (expected,)


def test_files_that_include_files(context: BuildContext) -> None:
    (context.root / "r").mkdir()
    requirements(context, "a\n-r ../requirements.txt\n-c c.txt\n", "r/base.txt")
    requirements(context, "pinned==1\n", "r/c.txt")
    found = requirements(
        context, "-r r/base.txt\n--requirement=missing.txt\nb\n-r https://e.org/r.txt\n-i https://e.org\n"
    )
    assert [r.name for r in found.requirements] == ["a", "b"]
    assert found.files == ("requirements.txt", "r/base.txt", "r/c.txt")
    assert found.missing == ("missing.txt",)
    assert found.options == (("-r", "https://e.org/r.txt"), ("-i", "https://e.org"))


def test_requirements_never_leave_the_context(context: BuildContext, tmp_path_factory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "r.txt"
    outside.write_text("secret\n")
    found = requirements(context, f"-r {outside}\n-r ../{outside.parent.name}/r.txt\n")
    assert found.requirements == () and len(found.missing) == 2


def test_utf16_is_unreadable(context: BuildContext) -> None:
    (context.root / "requirements.txt").write_bytes("flask\n".encode("utf-16"))
    found = read_requirements(context)
    assert found is not None and found.unreadable == "is no UTF-8 text"
    assert read_requirements(context, "none.txt") is None


PEP621 = """
[project]
name = "app"
requires-python = ">=3.11"
dependencies = ["httpx[http2]>=0.27", "near", "lib @ git+https://e.org/lib"]
readme = "README.md"
license = {file = "LICENSE"}
[project.optional-dependencies]
aws = ["boto3"]
[project.scripts]
serve = "app.main:run"
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
lint = ["ruff", {include-group = "dev"}]
[tool.uv.sources]
near = {path = "../near"}
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""
POETRY = """
[tool.poetry]
name = "app"
package-mode = false
[tool.poetry.dependencies]
python = "^3.11"
flask = {version = "^3", extras = ["async"]}
near = {path = "../near", develop = true}
lib = {git = "https://e.org/lib"}
[tool.poetry.group.dev.dependencies]
pytest = "*"
[tool.poetry.scripts]
serve = "app.main:run"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""


def pyproject(context: BuildContext, text: str) -> PyProject:
    (context.root / "pyproject.toml").write_text(text)
    found = read_pyproject(context)
    assert found is not None
    return found


def test_pep_621(context: BuildContext) -> None:
    found = pyproject(context, PEP621)
    assert (found.name, found.python, found.tool, found.packaged) == ("app", ">=3.11", "uv", True)
    assert [(r.name, r.local, r.vcs) for r in found.dependencies] == [
        ("httpx", False, False),
        ("near", True, False),
        ("lib", False, True),
    ]
    assert [r.name for r in found.groups["dev"]] == ["pytest", "ruff"]
    assert [r.name for r in found.extras["aws"]] == ["boto3"]
    assert found.scripts == {"serve": "app.main:run"}
    assert found.reads == ("README.md", "LICENSE")
    assert [r.name for r in found.local] == ["near"]


def test_poetry(context: BuildContext) -> None:
    found = pyproject(context, POETRY)
    assert (found.name, found.python, found.tool, found.packaged) == ("app", "^3.11", "poetry", False)
    assert [(r.name, r.version, r.local, r.vcs) for r in found.dependencies] == [
        ("flask", "^3", False, False),
        ("near", "", True, False),
        ("lib", "", False, True),
    ]
    assert [r.name for r in found.groups["dev"]] == ["pytest"]


def test_pdm_and_odd_ones(context: BuildContext) -> None:
    found = pyproject(
        context, "[project]\nname='x'\n[tool.pdm]\ndistribution=false\n[tool.pdm.dev-dependencies]\nt=['a']\n"
    )
    assert (found.tool, found.packaged, [r.name for r in found.groups["t"]]) == ("pdm", False, ["a"])
    assert pyproject(context, "[tool.black]\n").packaged is False
    for text in ("[", "project = 3", "[project]\ndependencies = {a = 1}\n[tool.poetry]\ndependencies = 1\n"):
        assert pyproject(context, text).dependencies == ()
    assert pyproject(context, "[").unreadable


def lock(context: BuildContext, name: str, text: str) -> PythonLock:
    (context.root / name).write_text(text)
    found = read_python_lock(context, name)
    assert found is not None
    return found


def test_lockfiles(context: BuildContext) -> None:
    found = lock(
        context,
        "poetry.lock",
        '[[package]]\nname="A_b"\nversion="1"\ngroups=["main"]\nfiles=[{file="a-1.whl"}]\n'
        '[[package]]\nname="near"\n[package.source]\ntype="directory"\nurl="../near"\n',
    )
    assert [(p.name, p.groups, p.wheels, p.local) for p in found.packages] == [
        ("a-b", ("main",), True, False),
        ("near", (), None, True),
    ]
    found = lock(
        context,
        "uv.lock",
        '[[package]]\nname="app"\nsource={virtual="."}\n[[package]]\nname="a"\nsource={registry="x"}\nsdist={url="y"}\n'
        '[[package]]\nname="near"\nsource={editable="../near"}\n[[package]]\nname="g"\nsource={git="z"}\n',
    )
    assert [(p.name, p.local, p.vcs, p.wheels) for p in found.packages] == [
        ("a", False, False, False),
        ("near", True, False, None),
        ("g", False, True, None),
    ]
    found = lock(
        context,
        "Pipfile.lock",
        '{"default": {"A": {"version": "==1"}}, "develop": {"b": {"path": ".", "editable": true}}}',
    )
    assert [(p.name, p.groups, p.local) for p in found.packages] == [("a", ("main",), False), ("b", ("dev",), True)]
    assert lock(context, "pdm.lock", "[").unreadable
    assert read_python_lock(context, "requirements.txt") is None


def test_pipfile_and_setup_files(context: BuildContext) -> None:
    root = context.root
    (root / "Pipfile").write_text(
        '[packages]\nA = "*"\nb = {path = "./b", editable = true}\n[dev-packages]\nc = "*"\n[requires]\npython_version = "3.11"\n'
    )
    pipfile = read_pipfile(context)
    assert pipfile is not None
    assert (pipfile.python, [r.name for r in pipfile.dependencies], [r.name for r in pipfile.local]) == (
        "3.11",
        ["a", "b"],
        ["b"],
    )
    (root / "setup.cfg").write_text(
        "[metadata]\nname = x\n[options]\ninstall_requires =\n  a>=1\n  # no\n  b\n[options.entry_points]\nconsole_scripts =\n  x = x.main:run\n"
    )
    cfg = read_setup_cfg(context)
    assert cfg is not None
    assert (cfg.name, [r.name for r in cfg.dependencies], cfg.scripts, cfg.whole) == (
        "x",
        ["a", "b"],
        {"x": "x.main:run"},
        True,
    )
    (root / "setup.py").write_text(
        "from setuptools import setup\nsetup(name='x', install_requires=open('r').read(), python_requires='>=3')\n"
    )
    setup = read_setup_py(context)
    assert setup is not None and (setup.name, setup.python, setup.whole) == ("x", ">=3", False)
    (root / "setup.py").write_text("print 'x'\n")
    setup = read_setup_py(context)
    assert setup is not None and setup.unreadable
