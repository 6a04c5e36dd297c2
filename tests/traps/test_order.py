"""C20: what is reordered must do the same. Sources wait for an install only where that is seen to hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import fixed, run

NAME = "manifests-first"
PIP = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
NPM = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"
PLAIN = {"requirements.txt": "flask\n", "app.py": "x\n"}
LOCK = {"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "^1"}}, "node_modules/a": {"version": "1.0.0"}}}


def node(lock: object = LOCK, extra: dict[str, str] | None = None, **fields: object) -> dict[str, str]:
    manifest = {"dependencies": {"a": "^1"}, **fields}
    return {"package.json": json.dumps(manifest), "package-lock.json": json.dumps(lock), "i.js": "x\n", **(extra or {})}


def put(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_c20_the_plain_cases_are_reordered(tmp_path: Path) -> None:
    after = "FROM python:3.12\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n"
    assert fixed(PIP, NAME, context=put(tmp_path / "p", PLAIN)) == after
    after = "FROM node:20\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n"
    assert fixed(NPM, NAME, context=put(tmp_path / "n", node())) == after


@pytest.mark.parametrize(
    ("text", "files", "reason"),
    [
        (PIP, PLAIN | {"requirements.txt": "-e .\n"}, "requirements.txt names files of the build context"),
        (PIP, PLAIN | {"requirements.txt": "./lib\n"}, "requirements.txt names files of the build context"),
        (PIP, PLAIN | {"requirements.txt": "x @ file:///app/x\n"}, "requirements.txt names files of the build context"),
        (
            PIP,
            PLAIN | {"requirements.txt": "--find-links wheels\nx\n"},
            "requirements.txt looks for packages in the build context",
        ),
        (
            PIP,
            PLAIN | {"requirements.txt": "-r none.txt\n"},
            "none.txt, which requirements.txt names, is not in the build context",
        ),
        (PIP, {"app.py": "x\n"}, "requirements.txt is not copied from the build context"),
        (PIP, PLAIN | {".dockerignore": "*.txt\n"}, "requirements.txt is not copied from the build context"),
        (
            PIP.replace("\n", " && pip install .\n", 4)
            .replace("3.12 && pip install .", "3.12")
            .replace("/app && pip install .", "/app")
            .replace(". . && pip install .", ". ."),
            PLAIN,
            "it installs what stands in the build context",
        ),
        (
            PIP.replace("pip install", "PIP_CONSTRAINT=c.txt pip install"),
            PLAIN,
            "it sets a variable that may send it to other files",
        ),
        (
            PIP.replace("WORKDIR", "ENV PIP_FIND_LINKS=wheels\nWORKDIR"),
            PLAIN,
            "the variable PIP_FIND_LINKS may send it to other files",
        ),
        (PIP.replace("RUN pip", "RUN python setup.py build && pip"), PLAIN, "python may read the sources"),
        (PIP.replace("RUN pip", "RUN make && pip"), PLAIN, "make may read the sources"),
        (PIP.replace("RUN pip", "RUN ./configure.sh || pip"), PLAIN, "its script is more than a list of commands"),
        (
            PIP.replace("RUN pip", "RUN cat x > requirements.txt && pip"),
            PLAIN,
            "it reads or writes a file by a redirection",
        ),
        (PIP.replace("RUN pip", "RUN cd $DIR && pip"), PLAIN, "it can't be told which folder it works in"),
        (
            PIP.replace("RUN", "RUN --mount=type=bind,source=.,target=/app"),
            PLAIN,
            "a mount of it may hide or bring files",
        ),
        (PIP.replace("-r req", "$EXTRA -r req"), PLAIN, "a variable decides what is installed"),
        (
            PIP.replace("RUN pip", "RUN rm -rf /app/x && pip"),
            PLAIN | {"x/y.py": "x\n"},
            "it removes files that are copied",
        ),
        (
            PIP.replace("pip install -r requirements.txt", "pip install -t lib -r requirements.txt"),
            PLAIN | {"lib/y.py": "x\n"},
            "the build context brings lib/y.py, which the install makes",
        ),
        (
            NPM,
            node(scripts={"postinstall": "node build.js"}),
            "package.json has a script 'postinstall' that an install runs",
        ),
        (NPM, node(scripts={"prepare": "tsc"}), "package.json has a script 'prepare' that an install runs"),
        (NPM, node(workspaces=["packages/*"]), "it installs workspaces"),
        (NPM, node(dependencies={"a": "file:./a"}), "package.json names files of the build context"),
        (NPM, node(overrides={"a": "file:./a"}), "package.json names files of the build context"),
        (
            NPM,
            node(extra={"node_modules/a/i.js": "x"}),
            "the build context brings node_modules/a/i.js, which the install makes",
        ),
        (NPM, node(extra={"binding.gyp": "x"}), "it compiles a part of the project"),
        (
            NPM,
            node(lock={"lockfileVersion": 3, "packages": {"node_modules/@prisma/client": {"version": "1"}}}),
            "@prisma/client reads the Prisma schema when it is installed",
        ),
        (
            NPM,
            node(lock={"lockfileVersion": 3, "packages": {"packages/a": {"version": "1"}}}),
            "package-lock.json names files of the build context",
        ),
        (NPM.replace("npm ci", "npm ci && npm run build"), node(), "npm run may read the sources"),
        (NPM.replace("npm ci", "npm install --workspaces"), node(), "it installs workspaces"),
        (NPM.replace("npm ci", "npm install ./lib"), node(), "npm install may read the sources"),
        (
            NPM.replace("npm ci", "cd sub && npm ci"),
            node(extra={"sub/package.json": "{}"}),
            "/app/package.json stands above it",
        ),
        (
            NPM.replace("npm ci", "yarn"),
            node(extra={".yarnrc.yml": "x: y"}),
            "yarn 2 and later keep parts of themselves in the project",
        ),
        (
            NPM.replace("npm ci", "pnpm install"),
            node(extra={"pnpm-workspace.yaml": "packages:\n  - a\n"}),
            "it installs workspaces or patches",
        ),
        (
            "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install poetry && poetry install\n",
            {"pyproject.toml": "[tool.poetry]\nname='x'\n", "poetry.lock": "", "x.py": ""},
            "it installs the project itself, too",
        ),
        (
            "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN uv sync --frozen\n",
            {"pyproject.toml": "[project]\nname='x'\n[build-system]\nrequires=[]\n", "uv.lock": "", "x.py": ""},
            "it installs the project itself, too",
        ),
        (
            "FROM ruby:3.3\nWORKDIR /app\nCOPY . .\nRUN bundle install\n",
            {"Gemfile": "gemspec\n", "x.rb": ""},
            "Gemfile reads other files",
        ),
        (
            "FROM ruby:3.3\nWORKDIR /app\nCOPY . .\nRUN bundle install\n",
            {
                "Gemfile": "gem 'a'\n",
                "Gemfile.lock": "GEM\n  specs:\n    a (1)\n\nPLATFORMS\n  arm64-darwin-22\n",
                "x.rb": "",
            },
            "it may add a platform to Gemfile.lock",
        ),
        (
            "FROM php:8.3\nWORKDIR /app\nCOPY . .\nRUN composer install\n",
            {"composer.json": '{"autoload": {"classmap": ["src"]}}', "composer.lock": '{"packages": []}', "x.php": ""},
            "its autoloader is made from the sources",
        ),
        (
            "FROM php:8.3\nWORKDIR /app\nCOPY . .\nRUN composer install\n",
            {
                "composer.json": '{"scripts": {"post-install-cmd": "x"}}',
                "composer.lock": '{"packages": []}',
                "x.php": "",
            },
            "composer.json has scripts that an install runs",
        ),
    ],
)
def test_c20_an_install_that_reads_more_is_left(tmp_path: Path, text: str, files: dict[str, str], reason: str) -> None:
    outcome = run(text, NAME, context=put(tmp_path, files))
    assert outcome.after == text
    assert [left.reason for left in outcome.left] == [reason]


@pytest.mark.parametrize(
    "text",
    [
        # What stands between reads the sources, writes into them, or changes what the COPY does.
        PIP.replace("RUN", "RUN ls\nRUN"),
        PIP.replace("RUN", "VOLUME /app\nRUN"),
        PIP.replace("RUN", "WORKDIR /app/sub\nRUN"),
        PIP.replace("COPY . .", "COPY . $HOME/").replace("RUN", "ENV HOME=/x\nRUN"),
        PIP.replace("RUN", "COPY data.json app.py\nRUN"),
        PIP.replace("RUN", "COPY --chown=1 requirements.txt ./\nRUN"),
        PIP.replace("RUN", "COPY --from=x / /app\nRUN"),
        PIP.replace("RUN", "ADD app.py .\nRUN"),
        # Where packages go to, or an unknown folder.
        PIP.replace("COPY . .", "COPY . /"),
        PIP.replace("COPY . .", "COPY . /usr/local/").replace("-r req", "-r /usr/local/req"),
        PIP.replace("WORKDIR /app\n", ""),
        PIP.replace("COPY", "COPY --link"),
        PIP.replace("COPY", "COPY --exclude=x"),
        # The folder would be made by WORKDIR, and be root's.
        "FROM python:3.12\nCOPY requirements.txt /req.txt\nCOPY --chown=app src /app\nWORKDIR /app\nRUN pip install -r /req.txt\n",
        # In somebody else's build.
        "FROM python:3.12\nWORKDIR /app\nONBUILD COPY . .\nONBUILD RUN pip install -r requirements.txt\n",
    ],
)  # fmt: skip
def test_c20_what_stands_between_is_respected(tmp_path: Path, text: str) -> None:
    put(tmp_path, PLAIN | {"data.json": "x\n", "src/a.py": "x\n"})
    assert fixed(text, NAME, context=tmp_path) == text


def test_c20_symbolic_links_and_environments_of_the_host(tmp_path: Path) -> None:
    put(tmp_path, {"app.py": "x\n", "deps/r.txt": "flask\n"})
    (tmp_path / "requirements.txt").symlink_to("deps/r.txt")
    assert fixed(PIP, NAME, context=tmp_path) == PIP
    (tmp_path / "requirements.txt").unlink()
    put(tmp_path, {"requirements.txt": "flask\n", "venv/pyvenv.cfg": "x\n"})
    assert fixed(PIP, NAME, context=tmp_path) == PIP
    put(tmp_path, {".dockerignore": "venv\n"})
    assert fixed(PIP, NAME, context=tmp_path) != PIP


def test_c20_patterns_as_sources(tmp_path: Path) -> None:
    text = PIP.replace("COPY . .", "COPY *.py requirements* ./")
    after = text.replace("COPY *.py requirements* ./\nRUN pip install -r requirements.txt\n",
                         "COPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY *.py requirements* ./\n")  # fmt: skip
    assert fixed(text, NAME, context=put(tmp_path, PLAIN)) == after
    # The contents of the folders that `*` matches would lie beside each other.
    text = PIP.replace("COPY . .", "COPY * ./")
    assert fixed(text, NAME, context=put(tmp_path, {"sub/requirements.txt": "x\n"})) == text


def test_without_a_context_nothing_moves() -> None:
    assert fixed(PIP, NAME) == PIP
    assert fixed(NPM, NAME) == NPM


GO = "FROM golang:1.22 AS b\nWORKDIR /s\nCOPY . .\nRUN go build -o /x\nFROM scratch\nCOPY --from=b /x /x\n"
GO_FILES = {"go.mod": "module a.b/c\nrequire d.e/f v1.0.0\n", "go.sum": "x", "main.go": "package main\n"}


def test_c20_go_modules_are_downloaded_first_where_nothing_steers_that(tmp_path: Path) -> None:
    after = GO.replace("COPY . .", "COPY go.mod go.sum ./\nRUN go mod download\nCOPY . .")
    assert fixed(GO, NAME, context=put(tmp_path, GO_FILES)) == after


@pytest.mark.parametrize(
    ("text", "files", "reason"),
    [
        (GO.replace("RUN go", "RUN apk add --no-cache git && go"), {}, "a RUN before the build may decide how modules are fetched"),
        (GO.replace("RUN go", "RUN git config --global x y\nRUN go"), {}, "a RUN before the build may decide how modules are fetched"),
        (GO.replace("RUN go", "ENV GOPROXY=direct\nRUN go"), {}, "variables that steer Go change before the build"),
        (GO.replace("RUN go", "RUN GOFLAGS=-mod=mod go"), {}, "the build sets variables that steer Go"),
        (GO.replace("RUN go", "RUN --mount=type=ssh go"), {}, "the build has mounts"),
        (GO.replace("RUN go", "USER 1000\nRUN go"), {}, "user or folder change before the build"),
        (GO, {"vendor/modules.txt": "x"}, "its modules stand in the build context"),
        (GO, {"go.work": "x"}, "it is part of a workspace"),
        (GO, {"go.mod": "module a.b/c\nrequire d.e/f v1.0.0\nreplace d.e/f => ./f\n"}, "go.mod names folders of the build context"),
        (GO, {"go.mod": "module a.b/c\n"}, "go.mod asks for no modules"),
        (GO, {".dockerignore": "go.sum\n"}, "it has no go.sum"),
        (GO.partition("FROM scratch")[0], {}, "the stage is shipped, and the modules that only tests need would be in it"),
    ],
)  # fmt: skip
def test_c20_go_modules_that_need_more_are_left(tmp_path: Path, text: str, files: dict[str, str], reason: str) -> None:
    outcome = run(text, NAME, context=put(tmp_path, GO_FILES | files))
    assert outcome.after == text
    assert [left.reason for left in outcome.left] == [reason]


@pytest.mark.parametrize(
    "line", ["RUN go mod download\n", "RUN go mod tidy\n", "RUN go get -d ./... && go mod verify\n"]
)
def test_go_modules_that_are_downloaded_already(tmp_path: Path, line: str) -> None:
    text = GO.replace("COPY . .\n", f"COPY . .\n{line}")
    outcome = run(text, NAME, context=put(tmp_path, GO_FILES))
    assert (outcome.after, outcome.left) == (text, ())
