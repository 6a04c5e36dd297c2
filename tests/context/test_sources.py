"""What an application's own Python, JavaScript and shell files say of what they need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.context.files import BuildContext
from optimizer.context.sources import python
from optimizer.context.sources.node import node_sources
from optimizer.context.sources.projects import projects_of
from optimizer.context.sources.python import PythonSources, python_sources
from optimizer.context.sources.shell import DYNAMIC, script_commands

HEAD = "import asyncio, os, shlex, shutil, subprocess\nimport subprocess as sp\nfrom subprocess import run, Popen as P\nfrom os import system\n"


def sources(root: Path, **files: str) -> PythonSources:
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return python_sources(BuildContext(root))


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("subprocess.run(['git', 'status'])", ["git"]),
        ("sp.check_output(('ffmpeg', x))", ["ffmpeg"]),
        ("run(['a', *b])", ["a"]),
        ("run(['a'] + b)", ["a"]),
        ("run(args=['a', 'b'])", ["a"]),
        ("P('ls')", ["ls"]),
        ("P('git log | head -1 && wc', shell=True)", ["git", "head", "wc"]),
        ("system('cd /x && exec convert a b')", ["convert"]),
        ("os.popen(f'convert {a} {b}')", ["convert"]),
        ("os.system('tar xf %s' % name)", ["tar"]),
        ("os.system('tar xf {}'.format(name))", ["tar"]),
        ("os.system(f'{tool} x')", [DYNAMIC]),
        ("os.execvp('gunicorn', argv)", ["gunicorn"]),
        ("os.spawnlp(os.P_WAIT, 'cp', 'cp')", ["cp"]),
        ("shutil.which('wkhtmltopdf')", ["wkhtmltopdf"]),
        ("asyncio.create_subprocess_exec('pdftotext', x)", ["pdftotext"]),
        ("run(shlex.split('git status'))", ["git"]),
        ("run('git status'.split())", ["git"]),
        ("run([sys.executable, '-m', 'x'])", ["python"]),
        ("CMD = ['pg_dump', '-x']\nrun(CMD)", ["pg_dump"]),
        ("if a:\n    c = 'ls'\nelse:\n    c = ['du']\nrun(c)", ["ls", "du"]),
        ("run(argv)", [DYNAMIC]),
        ("run([tool])", [DYNAMIC]),
        ("run(*args)", [DYNAMIC]),
        ("import sh\nsh.git('x')\nsh.Command('a')()", ["git", "a"]),
        ("from sh import apt_get", ["apt-get"]),
        ("from invoke import task\n@task\ndef t(c):\n    c.run('npm ci')", ["npm"]),
        ("other.run('x')", []),
        ("'subprocess.run([\"a\"])'", []),
    ],
)
def test_commands(tmp_path: Path, line: str, commands: list[str]) -> None:
    found = sources(tmp_path, app=HEAD + line + "\n")
    assert [c.name for c in found.commands] == commands
    assert found.unreadable == () and found.whole


def test_files_zones_locales_and_libraries(tmp_path: Path) -> None:
    found = sources(
        tmp_path,
        app="import ctypes, locale, pytz\nfrom ctypes.util import find_library\nfrom pathlib import Path\nfrom zoneinfo import ZoneInfo\n"
        "open('/etc/app.conf')\nopen('near.txt')\nPath('/data') / 'x'\nZoneInfo('Europe/Rome')\npytz.timezone(name)\n"
        "locale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')\nctypes.CDLL('libmagic.so.1')\nfind_library('vips')\napp.route('/x')\n",
    )
    assert [(f.name, f.line) for f in found.files] == [("/etc/app.conf", 5), ("/data", 7)]
    assert [f.name for f in found.zones] == ["Europe/Rome", DYNAMIC]
    assert [f.name for f in found.locales] == ["de_DE.UTF-8"]
    assert [f.name for f in found.libraries] == ["libmagic.so.1", "vips"]


def test_imports_by_origin(tmp_path: Path) -> None:
    found = sources(
        tmp_path,
        pkg____init__="",
        pkg__main="import os.path, yaml as y\nfrom flask import (\n  Flask,\n)\nfrom . import near\nfrom pkg.near import a\nimport helper\n"
        '"""\nimport nothing\n"""\ntry:\n    import uvloop\nexcept ImportError:\n    pass\nfrom __future__ import x\n',
        pkg__helper="",
        pkg__near="",
        tests__test_x="import pytest\n",
        venv__lib="import numpy\n",
    )
    assert [f.name for f in found.standard] == ["os"]
    assert [(f.name, f.place) for f in found.third] == [
        ("yaml", "pkg/main.py:1"),
        ("flask", "pkg/main.py:2"),
        ("uvloop", "pkg/main.py:12"),
    ]
    assert [f.name for f in found.own] == ["pkg", "helper"]
    assert projects_of("yaml") == ("pyyaml",) and projects_of("cv2")[0] == "opencv-python"
    assert projects_of("some_thing") == ("some-thing",)


def test_what_starts_it(tmp_path: Path) -> None:
    found = sources(
        tmp_path,
        wsgi="from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run()\n",
        src__api__asgi="import fastapi\nservice: fastapi.FastAPI = fastapi.FastAPI()\n",
        site__wsgi="application = get_wsgi_application()\n",
        util="def f():\n    app = Flask(__name__)\n",
    )
    assert [f.name for f in found.programs] == ["wsgi"]
    assert [f.name for f in found.applications] == ["site.wsgi:application", "src.api.asgi:service", "wsgi:app"]


def test_python_2_is_unreadable_and_named(tmp_path: Path) -> None:
    found = sources(tmp_path, old="import subprocess\nprint 'x'\n", new="import os\nos.system('ls')\n")
    assert [(f.name, f.place) for f in found.unreadable] == [("is no Python 3", "old.py:2")]
    assert [c.name for c in found.commands] == ["ls"]


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python, "MOST_PARSED", 100)
    assert not sources(tmp_path, a="import subprocess\n" + "x = 1\n" * 20, b="x = 1\n").whole
    monkeypatch.setattr(python, "MOST_PARSED", 1000)
    assert sources(tmp_path).whole
    monkeypatch.setattr(python, "MOST_FILES", 1)
    assert not sources(tmp_path).whole


def test_the_parser_is_loaded_only_when_it_is_needed() -> None:
    code = "import sys, optimizer.cli.fix, optimizer.context.sources.python\nassert not {'libcst', 'yaml', 'hcl2'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_node(tmp_path: Path) -> None:
    (tmp_path / "server.ts").write_text(
        "import type { A } from 'only-types';\nimport express from 'express';\nimport '@s/side/effect';\n"
        "import {\n  spawn,\n  exec } from 'node:child_process';\nconst fs = require('fs'), x = require('./near');\n"
        "const lazy = await import(\"sharp\");\nspawn('ffmpeg', ['-i']);\nexec(`convert ${a} b`);\nexecSync(\"git log | wc -l\");\n"
        "spawn(program);\n/x/.exec(text);\n"
    )
    (tmp_path / "server.test.ts").write_text("import x from 'jest'\n")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "m.js").write_text("require('inner')\n")
    found = node_sources(BuildContext(tmp_path))
    assert [p.name for p in found.packages] == ["express", "@s/side", "node:child_process", "fs", "sharp"]
    assert [(c.name, c.line) for c in found.commands] == [
        ("ffmpeg", 9),
        ("convert", 10),
        ("git", 11),
        ("wc", 11),
        (DYNAMIC, 12),
    ]
    assert (found.files_read, found.whole) == (1, True)


def test_exec_of_others_is_no_command(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("const m = /x/.exec(y); db.exec('drop table');\n")
    assert node_sources(BuildContext(tmp_path)).commands == ()


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("#!/bin/sh\nset -e\ncd /app\nexec gunicorn app:app\n", ("gunicorn",)),
        ("a | b && c || d; e &\n", ("a", "b", "c", "d", "e")),
        ("f() { x; }\nf\ng\n", ("x", "g")),
        ("sudo -u me env A=1 timeout -s 9 5 tool\n", ("sudo", "env", "timeout", "tool")),
        ("if command -v git >/dev/null; then :; fi\n", ("git",)),
        ("bash -c 'curl x | jq .'\n", ("bash", "curl", "jq")),
        ("find . -name x -exec gzip {} +\n", ("find", "gzip")),
        ("echo $(date) `id`\n", ("date", "id")),
        ('"$@"\n', (DYNAMIC,)),
        ("exec su-exec app /srv/run --now\n", ("su-exec", "/srv/run")),
        ("if then\n", (DYNAMIC,)),
    ],
)
def test_scripts(text: str, commands: tuple[str, ...]) -> None:
    assert script_commands(text) == commands


DEEP = {
    "brackets": "x = " + "(" * 5000 + ")" * 5000,
    "signs": "x = " + "-" * 20000 + "1",
    "attributes": "x = " + "a." * 20000 + "b",
    "calls": "x = a" + "()" * 20000,
    "sums": "x = (" + "a +\n" * 20000 + "b)",
    "strings": "x = (" + "'a'\n" * 20000 + ")",
    "branches": "if a:\n    pass\n" + "elif b:\n    pass\n" * 5000,
    "lambdas": "x = " + "lambda: " * 5000 + "b",
    "nul": "\x00",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_odd_files_are_unreadable(tmp_path: Path, text: str) -> None:
    found = sources(tmp_path, odd=f"import subprocess\n{text}\n", fine="import os\nos.system('ls')\n")
    assert [c.name for c in found.commands] == ["ls"]
    assert [f.path for f in found.unreadable] == ["odd.py"]


def test_long_tables_are_read(tmp_path: Path) -> None:
    table = "X = {\n" + "".join(f"    'k{n}': ['a', {n}],\n" for n in range(2000)) + "}\n"
    found = sources(tmp_path, data=f"import os\n{table}os.system('ls')\n")
    assert [c.name for c in found.commands] == ["ls"] and not found.unreadable
