"""Traps S1 to S15: what a second stage loses, for programs that are interpreted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.rewrite.change import Outcome, Safety
from tests.support import fixed, run

NAME = "two-stages"
PIP = "FROM python:3.11\nRUN apt-get update && apt-get install -y gcc\nWORKDIR /app\nCOPY requirements.txt .\n"
SITE = "COPY --from=build /usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages\n"
PACKAGE = {
    "name": "app",
    "scripts": {"build": "tsc", "start": "node dist/index.js"},
    "dependencies": {"koa": "2.15.3"},
    "devDependencies": {"typescript": "5.4.5"},
}
TSCONFIG = '{"compilerOptions": {"outDir": "dist"}}\n'
NODE = "FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n"
START = 'CMD ["node", "dist/index.js"]\n'


def python(folder: Path, text: str, **files: str) -> Outcome:
    """Split a Python application."""
    return split(folder, text, {"requirements.txt": "psycopg2\n", "app.py": "import psycopg2\n", **files})


def node(folder: Path, text: str, package: dict[str, object] | None = None, **files: str) -> Outcome:
    """Split a Node application whose lockfile fits its package.json."""
    manifest = {**PACKAGE, **(package or {})}
    groups = {key: manifest[key] for key in ("dependencies", "devDependencies") if key in manifest}
    packages: dict[str, object] = {"": groups}
    for key, dev in (("dependencies", False), ("devDependencies", True)):
        for name, version in dict(groups.get(key, {})).items():  # type: ignore[call-overload]
            packages[f"node_modules/{name}"] = {"version": version, "dev": dev}
    lock = json.dumps({"lockfileVersion": 3, "packages": packages})
    sources = {"tsconfig.json": TSCONFIG, "src/index.ts": "import Koa from 'koa'\nnew Koa().listen(3000)\n"}
    return split(folder, text, {"package.json": json.dumps(manifest), "package-lock.json": lock, **sources, **files})


def split(folder: Path, text: str, files: dict[str, str]) -> Outcome:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    fixed(text, NAME, context=folder)
    return run(text, NAME, context=folder)


def final_of(outcome: Outcome) -> str:
    """Return the last stage of what came out."""
    assert [a.transform for a in outcome.applied] == [NAME], outcome.left
    return outcome.after[outcome.after.rindex("FROM ") :]


def reason_of(outcome: Outcome) -> str:
    """Return why nothing was done."""
    assert outcome.after == outcome.before
    return " / ".join(item.reason for item in outcome.left)


def test_s1_data_beside_the_packages_is_carried(tmp_path: Path) -> None:
    text = f"{PIP}RUN pip install -r requirements.txt && python -m nltk.downloader punkt\nCOPY . .\nCMD python app.py\n"
    assert "COPY --from=build /root/nltk_data /root/nltk_data\n" in final_of(python(tmp_path, text))


def test_s1_data_of_jupyter_is_carried(tmp_path: Path) -> None:
    text = f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nCMD jupyter notebook\n"
    final = final_of(python(tmp_path, text, **{"requirements.txt": "notebook\npsycopg2\n"}))
    assert "COPY --from=build /usr/local/share /usr/local/share\n" in final


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("python fetch_model.py", "what python fetch_model.py leaves"),
        ("python -c 'from models import load; load()'", "what python -c leaves"),
        ("playwright install --with-deps chromium", "playwright puts browsers"),
        ("./install.sh", "install.sh"),
    ],
)
def test_s1_what_is_written_anywhere_keeps_the_stage(tmp_path: Path, command: str, reason: str) -> None:
    text = f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nRUN {command}\nCMD python app.py\n"
    assert reason in reason_of(python(tmp_path, text))


def test_s1_collected_files_outside_of_the_folder_are_carried(tmp_path: Path) -> None:
    text = (
        f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nRUN python manage.py collectstatic\nCMD python app.py\n"
    )
    outcome = python(tmp_path, text, **{"site/settings.py": "STATIC_ROOT = '/srv/static'\n"})
    assert "COPY --from=build /srv/static /srv/static\n" in final_of(outcome)


def test_s1_a_browser_in_a_cache_keeps_the_stage(tmp_path: Path) -> None:
    outcome = node(tmp_path, NODE + START, {"dependencies": {"puppeteer": "22.0.0"}})
    assert "puppeteer keeps a browser" in reason_of(outcome)


def test_s2_libraries_of_compiled_packages_are_installed(tmp_path: Path) -> None:
    text = f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nCMD python app.py\n"
    final = final_of(python(tmp_path, text))
    assert "--no-install-recommends libpq5 \\\n" in final and "gcc" not in final


def test_s2_a_command_that_an_application_runs_is_installed(tmp_path: Path) -> None:
    calls = "import subprocess\nsubprocess.run(['git', 'log'])\n"
    text = f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nCMD python app.py\n"
    assert "--no-install-recommends git libpq5 " in final_of(python(tmp_path, text, **{"app.py": calls}))


def test_s2_a_command_of_a_health_check_in_compose_is_installed(tmp_path: Path) -> None:
    text = f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nCMD python app.py\n"
    compose = (
        'services:\n  app:\n    build: .\n    healthcheck:\n      test: ["CMD", "curl", "-f", "http://localhost"]\n'
    )
    assert "--no-install-recommends curl libpq5 " in final_of(python(tmp_path, text, **{"compose.yaml": compose}))


def test_s3_users_and_owners_are_kept(tmp_path: Path) -> None:
    text = (
        "FROM python:3.11\nRUN useradd -m app\nWORKDIR /app\nUSER app\nCOPY --chown=app requirements.txt .\n"
        "RUN pip install --user --no-binary :all: -r requirements.txt\nCOPY --chown=app . .\nCMD python app.py\n"
    )
    final = final_of(python(tmp_path, text))
    assert final.index("RUN useradd -m app\n") < final.index("USER app\n")
    assert "COPY --from=build --chown=app /home/app/.local /home/app/.local\n" in final


def test_s3_a_folder_that_was_given_away_is_given_away_again(tmp_path: Path) -> None:
    text = (
        "FROM node:20\nRUN apt-get update && apt-get install -y make\nRUN mkdir -p /srv/app && chown -R node:node /srv/app\n"
        "WORKDIR /srv/app\nUSER node\nCOPY --chown=node:node . .\nRUN npm ci && npm run build\n" + START
    )
    final = final_of(node(tmp_path, text))
    assert final.index("RUN chown -R node:node /srv/app\n") < final.index("USER node\n")
    assert "COPY --from=build --chown=node:node /srv/app /srv/app\n" in final


def test_s4_settings_are_said_again(tmp_path: Path) -> None:
    text = (
        "FROM python:3.11\nARG RELEASE=1\nENV PYTHONUNBUFFERED=1 RELEASE=$RELEASE\nLABEL a=b\nEXPOSE 80\nVOLUME /data\n"
        "STOPSIGNAL SIGINT\nWORKDIR /app\nCOPY . .\nRUN pip install --no-binary :all: -r requirements.txt\nCMD python app.py\n"
    )
    final = final_of(python(tmp_path, text))
    for line in (
        "ARG RELEASE=1",
        "ENV PYTHONUNBUFFERED=1 RELEASE=$RELEASE",
        "LABEL a=b",
        "EXPOSE 80",
        "VOLUME /data",
        "STOPSIGNAL SIGINT",
        "WORKDIR /app",
    ):
        assert f"{line}\n" in final


def test_s4_a_folder_below_the_base_image_s_own_is_set_again(tmp_path: Path) -> None:
    text = f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nCMD python app.py\n".replace("/app", "app")
    assert "WORKDIR /app\n" in final_of(python(tmp_path, text))


def test_s1_what_is_installed_beside_the_system_keeps_the_stage(tmp_path: Path) -> None:
    text = NODE.replace("WORKDIR /app\n", "RUN apt-get update && apt-get install -y gcc\n")
    assert "npm works in the root folder" in reason_of(node(tmp_path, text + START))


def test_s6_development_dependencies_stay_out_where_nothing_needs_them(tmp_path: Path) -> None:
    final = final_of(node(tmp_path, NODE + START))
    assert "COPY package*.json ./\nRUN npm ci --omit=dev\nCOPY . .\nCOPY --from=build /app/dist /app/dist\n" in final


@pytest.mark.parametrize(
    ("package", "text", "reason"),
    [
        ({"scripts": {"build": "tsc", "prepare": "husky"}}, NODE + START, "the script prepare runs with each install"),
        ({"dependencies": {"@prisma/client": "5.0.0"}}, NODE + START, "@prisma/client needs more"),
        ({}, NODE + 'CMD ["node", "-r", "dotenv/config", "dist/index.js"]\n', "node is told to load more"),
        (
            {"scripts": {"build": "tsc", "start": "pm2 dist/index.js"}},
            NODE + 'CMD ["npm", "start"]\n',
            "pm2 is not shown",
        ),
        ({"scripts": {"build": "gulp"}}, NODE + START, "what gulp makes is not known"),
        ({}, NODE.replace("npm ci", "npm ci --include=dev") + START, "the install says itself"),
    ],
)
def test_s6_development_dependencies_stay_where_something_may_need_them(
    tmp_path: Path, package: dict[str, object], text: str, reason: str
) -> None:
    outcome = node(tmp_path, text, package)
    assert "--omit=dev" not in outcome.after
    said = " ".join([*(a.change.evidence for a in outcome.applied), *(item.reason for item in outcome.left)])
    assert reason in said


def test_s6_a_source_that_imports_a_development_dependency_needs_it(tmp_path: Path) -> None:
    outcome = node(tmp_path, NODE + START, **{"src/late.ts": "import ts from 'typescript'\n"})
    assert "--omit=dev" not in outcome.after


def test_s7_both_stages_stand_on_one_release(tmp_path: Path) -> None:
    text = f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nCMD python app.py\n"
    named = text.replace("python:3.11", "python:3.11-bookworm")
    assert final_of(python(tmp_path, named)).startswith("FROM python:3.11-slim-bookworm\n")


def test_s8_an_editable_project_keeps_its_place(tmp_path: Path) -> None:
    text = (
        "FROM python:3.11\nWORKDIR /srv/project\nCOPY . .\nRUN pip install --no-binary :all: -e .\nCMD python -m app\n"
    )
    final = final_of(python(tmp_path, text, **{"setup.py": "from setuptools import setup\nsetup(name='app')\n"}))
    assert SITE in final and "COPY --from=build /srv/project /srv/project\n" in final


def test_s8_an_environment_keeps_its_place(tmp_path: Path) -> None:
    text = (
        'FROM python:3.11\nRUN python -m venv /opt/env\nENV PATH="/opt/env/bin:$PATH"\nWORKDIR /app\nCOPY . .\n'
        "RUN pip install --no-binary :all: -r requirements.txt\nCMD python app.py\n"
    )
    final = final_of(python(tmp_path, text))
    assert "COPY --from=build /opt/env /opt/env\n" in final and "site-packages" not in final


def test_s8_a_floating_release_brings_its_own_folder(tmp_path: Path) -> None:
    text = PIP.replace("3.11", "3") + "RUN pip install -r requirements.txt\nCOPY . .\nCMD python app.py\n"
    assert "COPY --from=build /usr/local /usr/local\n" in final_of(python(tmp_path, text))


@pytest.mark.parametrize(
    ("start", "reason"),
    [("vite", "vite compiles or watches"), ("next dev", "next dev compiles"), ("nodemon src/index.js", "nodemon")],
)
def test_s11_a_development_server_is_left_alone(tmp_path: Path, start: str, reason: str) -> None:
    scripts = {"scripts": {"build": "tsc", "dev": start, "postinstall": "node setup.js"}}
    assert reason in reason_of(node(tmp_path, f'{NODE}CMD ["npm", "run", "dev"]\n', scripts))


def test_s15_tests_stay_on_the_way_to_the_image(tmp_path: Path) -> None:
    text = f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nRUN pytest\nCMD python app.py\n"
    outcome = python(tmp_path, text)
    assert outcome.after.index("RUN pytest") < outcome.after.rindex("FROM ")
    assert SITE in final_of(outcome)


def test_without_a_context_nothing_is_split() -> None:
    outcome = run(f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nCMD python app.py\n", NAME)
    assert "there is none to look at" in reason_of(outcome)


def test_what_slim_does_alone_gets_no_second_stage(tmp_path: Path) -> None:
    text = 'FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["python", "app.py"]\n'
    outcome = split(tmp_path, text, {"requirements.txt": "flask\n", "app.py": "import flask\n"})
    assert "a slim base alone gives the same" in reason_of(outcome)


def test_a_program_that_is_not_shown_is_risky(tmp_path: Path) -> None:
    calls = "import subprocess, sys\nsubprocess.run(sys.argv[1])\n"
    text = f"{PIP}RUN pip install -r requirements.txt\nCOPY . .\nCMD python app.py\n"
    outcome = python(tmp_path, text, **{"app.py": calls})
    assert [a.safety for a in outcome.applied] == [Safety.RISKY]


def test_s1_what_is_removed_from_the_system_is_removed_again(tmp_path: Path) -> None:
    text = (
        f"{PIP}RUN apt-get update && apt-get install -y nginx && rm /etc/nginx/sites-enabled/default\n"
        "COPY site.conf /etc/nginx/conf.d/\nRUN pip install -r requirements.txt\nCOPY . .\nCMD nginx && python app.py\n"
    )
    final = final_of(python(tmp_path, text, **{"site.conf": "server {}\n"}))
    assert "RUN rm /etc/nginx/sites-enabled/default\n" in final
    assert "COPY --from=build /etc/nginx/conf.d/site.conf /etc/nginx/conf.d/site.conf\n" in final


def test_s2_packages_of_other_repositories_keep_the_stage(tmp_path: Path) -> None:
    text = (
        f'{PIP}RUN echo "deb https://example.org/apt stable main" > /etc/apt/sources.list.d/example.list\n'
        "RUN apt-get update && apt-get install -y postgresql-client && pip install -r requirements.txt\nCOPY . .\nCMD python app.py\n"
    )
    assert "another repository" in reason_of(python(tmp_path, text))


def test_s8_a_python_that_uv_brings_keeps_the_stage(tmp_path: Path) -> None:
    text = "FROM python:3.11\nRUN apt-get update && apt-get install -y gcc && pip install uv\nWORKDIR /app\nCOPY . .\nRUN uv sync\n"
    outcome = python(tmp_path, f"{text}CMD uv run app.py\n", **{".python-version": "3.13\n"})
    assert "asks for Python 3.13" in reason_of(outcome)


def test_s8_a_tool_of_another_image_comes_along_where_it_is_called(tmp_path: Path) -> None:
    text = (
        "FROM python:3.11\nRUN apt-get update && apt-get install -y gcc\nCOPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/\n"
        "WORKDIR /app\nCOPY . .\nRUN uv sync\n"
    )
    line = "COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/\n"
    assert line in final_of(python(tmp_path, f"{text}CMD uv run app.py\n"))
    assert line not in final_of(python(tmp_path, f"{text}CMD .venv/bin/python app.py\n"))


def test_s6_a_setting_of_npm_is_not_lost(tmp_path: Path) -> None:
    text = NODE.replace("RUN npm ci", "RUN npm config set registry https://npm.example.org\nRUN npm ci")
    outcome = node(tmp_path, text + START)
    assert "--omit=dev" not in outcome.after


def test_php_keeps_its_image_and_loses_the_tools(tmp_path: Path) -> None:
    text = (
        "FROM php:8.3-apache\nRUN apt-get update && apt-get install -y git libpng-dev && docker-php-ext-install gd\n"
        "RUN a2enmod rewrite\nWORKDIR /var/www/html\nCOPY . .\nRUN ls\n"
    )
    final = final_of(split(tmp_path, text, {"index.php": "<?php\n"}))
    assert final.startswith("FROM php:8.3-apache\n") and "libpng16-16t64" in final and "RUN a2enmod rewrite\n" in final
    assert "COPY --from=build /usr/local/lib/php/extensions /usr/local/lib/php/extensions\n" in final


def test_dotnet_runs_what_was_published(tmp_path: Path) -> None:
    text = "FROM mcr.microsoft.com/dotnet/sdk:8.0\nWORKDIR /src\nCOPY . .\nRUN dotnet publish -c Release -o /app\n"
    files = {"App.csproj": '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup/></Project>\n', "Program.cs": "\n"}
    final = final_of(split(tmp_path, f'{text}WORKDIR /app\nCMD ["dotnet", "App.dll"]\n', files))
    assert final.startswith("FROM mcr.microsoft.com/dotnet/runtime:8.0\n")
    assert "needs the SDK" in reason_of(split(tmp_path, f'{text}CMD ["dotnet", "test"]\n', files))


def test_s1_what_was_fetched_is_carried_unless_it_was_removed(tmp_path: Path) -> None:
    text = (
        f"{PIP}RUN git clone https://example.org/x.git /opt/x && pip install -r /opt/x/requirements.txt\n"
        "RUN curl -fsSLo /opt/y.tar.gz https://example.org/y.tar.gz && rm /opt/y.tar.gz\nCOPY . .\nCMD python app.py\n"
    )
    final = final_of(python(tmp_path, text))
    assert "COPY --from=build /opt/x /opt/x\n" in final and "y.tar.gz" not in final


def test_s1_a_file_of_the_system_keeps_its_name(tmp_path: Path) -> None:
    text = f"{PIP}COPY nginx.conf /etc/nginx/nginx.conf\nRUN pip install -r requirements.txt\nCOPY . .\nCMD python app.py\n"
    final = final_of(python(tmp_path, text, **{"nginx.conf": "\n"}))
    assert "COPY --from=build /etc/nginx/nginx.conf /etc/nginx/nginx.conf\n" in final


@pytest.mark.parametrize(("conf", "safety"), [("[program:a]\ncommand=git daemon\n", Safety.REVIEW), ("", Safety.RISKY)])
def test_s2_programs_that_a_supervisor_starts_are_read(tmp_path: Path, conf: str, safety: Safety) -> None:
    text = (
        f"{PIP}RUN apt-get update && apt-get install -y supervisor && pip install -r requirements.txt\n"
        "COPY app.conf /etc/supervisor/conf.d/\nCOPY . .\nCMD supervisord -n\n"
    )
    outcome = python(tmp_path, text, **{"app.conf": conf})
    assert [a.safety for a in outcome.applied] == [safety]
    assert ("libpq5 supervisor" in outcome.after) and ((" git " in final_of(outcome)) == bool(conf))
