"""C19: a .dockerignore never holds back what a COPY names, or what a build or a program reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.context.files import BuildContext
from optimizer.context.ignore import IgnoreFile
from tests.support import run

NAME = "dockerignore"
NODE = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
PLAIN = "FROM debian:12\nCOPY . /app\n"


def ignored(root: Path, text: str, files: dict[str, str], **more: object) -> set[str]:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    outcome = run(text, NAME, context=root, **more)  # type: ignore[arg-type]
    lines = outcome.new_files.get(".dockerignore", "").splitlines()
    return {line for line in lines if line and not line.startswith("#")} - {".dockerignore"}


def test_c19_what_nothing_needs_is_held_back(tmp_path: Path) -> None:
    files = {
        ".git/HEAD": "x",
        ".env": "A=1\n",
        "package.json": "{}",
        "node_modules/a/i.js": "x",
        "README.md": "see .env, git log\n",
    }
    assert ignored(tmp_path, NODE, files) == {".git", ".env", "node_modules"}


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("COPY .git /app/.git\n", ".git"),
        ("COPY .git/HEAD /head\n", ".git"),
        ("COPY node_modules ./node_modules\n", "node_modules"),
        ("COPY node_modules/.bin/x* /bin/\n", "node_modules"),
        ("COPY ./node_mod* /x/\n", "node_modules"),
        ('COPY [".env", "/app/"]\n', ".env"),
        ("ADD .env /app/\n", ".env"),
        ("ONBUILD COPY .env /app/\n", ".env"),
        ("ENV F=.env\nCOPY $F /app/\n", ".env"),
        ("RUN --mount=type=bind,source=.git,target=/g ls /g\n", ".git"),
        ("RUN git rev-parse HEAD > /version\n", ".git"),
        ("RUN cp .env /etc/app.env\n", ".env"),
        ('CMD ["sh", "-c", ". ./.env && node i.js"]\n', ".env"),
    ],
)
def test_c19_what_the_dockerfile_names_is_kept(tmp_path: Path, line: str, kept: str) -> None:
    files = {".git/HEAD": "x", ".env": "A=1\n", "package.json": "{}", "node_modules/a/i.js": "x"}
    found = ignored(tmp_path, NODE + line, files)
    assert found == {".git", ".env", "node_modules"} - {kept}


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("app.py", "from dotenv import load_dotenv\n", ".env"),
        ("package.json", '{"dependencies": {"next": "14"}}', ".env"),
        ("package.json", '{"dependencies": {"dotenv": "16"}}', ".env"),
        ("start.sh", "#!/bin/sh\nset -a; . ./.env\n", ".env"),
        ("settings.py", "class S(BaseSettings): pass\n", ".env"),
        ("pyproject.toml", '[build-system]\nrequires = ["setuptools_scm"]\n', ".git"),
        ("Makefile", "VERSION := $(shell git describe --tags)\n", ".git"),
        ("pom.xml", "<artifactId>git-commit-id-plugin</artifactId>", ".git"),
        ("main.go", "info, _ := debug.ReadBuildInfo()\n", ".git"),
        ("build.py", "subprocess.run(['git', 'describe'])\n", ".git"),
        ("v.js", "fs.readFileSync('.git/HEAD')\n", ".git"),
    ],
)
def test_c19_what_a_source_reads_is_kept(tmp_path: Path, name: str, text: str, kept: str) -> None:
    found = ignored(tmp_path, PLAIN, {".git/HEAD": "x", ".env": "A=1\n", name: text})
    assert found - {"**/__pycache__"} == {".git", ".env"} - {kept}


@pytest.mark.parametrize("name", [".gitignore", "docker-compose.yml", ".github/workflows/ci.yml"])
def test_lists_and_host_files_read_nothing_in_the_image(tmp_path: Path, name: str) -> None:
    assert ".env" in ignored(tmp_path, PLAIN, {".env": "A=1\n", name: "env_file: .env\n.env\n"})


def test_c19_only_what_the_build_makes_is_made(tmp_path: Path) -> None:
    files = {"a/package.json": "{}", "a/node_modules/x": "x", "b/package.json": "{}", "b/node_modules/x": "x"}
    text = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN cd a && npm ci\nRUN npm install -g x\n"
    assert ignored(tmp_path, text, files) == {"a/node_modules"}
    assert ignored(tmp_path, "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm run build\n", files) == set()
    assert ignored(tmp_path, "FROM node:20\nCOPY . .\nRUN npm ci\n", files) == set()
    files = {"Cargo.toml": "[package]\n", "target/x": "x", "pom.xml": "<project/>"}
    assert ignored(tmp_path, "FROM rust:1\nWORKDIR /s\nCOPY . .\nRUN cargo build --release\n", files) == {"target"}
    assert (
        ignored(tmp_path, "FROM maven:3\nWORKDIR /s\nCOPY . .\nRUN mvn package\nCOPY target/x.jar /x\n", files) == set()
    )


def test_c19_other_dockerfiles_of_the_context_count(tmp_path: Path) -> None:
    files = {"package.json": "{}", "node_modules/a/i.js": "x", ".env": "A=1\n"}
    assert ignored(tmp_path, NODE, files) == {"node_modules", ".env"}
    assert ignored(tmp_path, NODE, {"Dockerfile.dev": "FROM node:20\nCOPY . /app\n"}) == {".env"}
    assert ignored(tmp_path, NODE, {"Dockerfile.dev": "FROM node:20\nCOPY .env src /app/\n"}) == {"node_modules"}
    (tmp_path / "Dockerfile.dev").unlink()
    for number in range(25):
        (tmp_path / f"s{number}").mkdir()
        (tmp_path / f"s{number}" / "Dockerfile").write_text(f"FROM a:{number}\n")
    assert ignored(tmp_path, NODE, {}) == set()


def test_an_environment_of_the_host(tmp_path: Path) -> None:
    files = {"app.py": "x\n", "env/pyvenv.cfg": "x\n", "lib/x.py": "x\n"}
    assert ignored(tmp_path, PLAIN, files) == {"env", "**/__pycache__"}
    assert ignored(tmp_path, f"{PLAIN}CMD /app/env/bin/python app.py\n", files) == set()


def test_nothing_is_made_where_it_is_not_wanted(tmp_path: Path) -> None:
    files = {".git/HEAD": "x", ".env": "A=1\n"}
    assert ignored(tmp_path, "FROM a\nCOPY src /app\n", files) == set()
    assert ignored(tmp_path, "FROM a\nCOPY --from=b . /app\n", files) == set()
    assert ignored(tmp_path, "FROM a\n", files) == set()
    assert run(PLAIN, NAME).new_files == {}
    assert ignored(tmp_path, PLAIN, files, level=1) == set()
    (tmp_path / ".dockerignore").write_text("")
    outcome = run(PLAIN, NAME, context=tmp_path)
    assert outcome.new_files == {} and [a.change.title for a in outcome.advice] == [".dockerignore lacks .git, .env"]


def test_what_is_left_is_what_the_patterns_say(tmp_path: Path) -> None:
    files = {".git/HEAD": "x", "package.json": "{}", "node_modules/a/i.js": "x", "src/node_modules.js": "x"}
    ignored(tmp_path, NODE, files)
    outcome = run(NODE, NAME, context=tmp_path)
    made = IgnoreFile(".dockerignore", outcome.new_files[".dockerignore"])
    assert not made.problem
    assert [f for f in files if not made.ignores(f)] == ["package.json", "src/node_modules.js"]


def test_later_transforms_see_the_context_as_it_will_be(tmp_path: Path) -> None:
    files = {"package.json": "{}", "node_modules/a/i.js": "x", "i.js": "x\n"}
    ignored(tmp_path, NODE, files)
    alone = run(NODE, "manifests-first", context=tmp_path)
    assert alone.after == NODE and "node_modules" in alone.left[0].reason
    both = run(NODE, NAME, "manifests-first", context=tmp_path)
    assert both.after == "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci\nCOPY . .\n"
    assert BuildContext(tmp_path).ignore.name == ""


def test_a_host_with_many_files(tmp_path: Path) -> None:
    """What is held back must not keep it from being seen."""
    (tmp_path / "node_modules").mkdir()
    for number in range(300):
        folder = tmp_path / "node_modules" / f"m{number}"
        folder.mkdir()
        for name in range(70):
            (folder / f"{name}.js").touch()
    files = {"package.json": "{}", "i.js": "x\n"}
    assert ignored(tmp_path, NODE, files) == {"node_modules"}
    both = run(NODE, NAME, "manifests-first", context=tmp_path)
    assert both.after == "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci\nCOPY . .\n"
