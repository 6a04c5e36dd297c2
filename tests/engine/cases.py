"""The samples below fixtures/images, and what their `case.toml` says.

about = "..."                  one line for the reader
changes = ["apt-clean-lists"]  transforms that must have worked at -O2
risky = ["distroless-base"]    transforms that must have worked at -O3
bases = ["ruby:3.1-slim"]      base images beyond those that every sample may use
caches = "mounts"              a setting of dockopt, as in dockopt.toml
child = "child.Dockerfile"     built on the image (`ARG BASE`); it is what runs and whose files are compared

[[run]]                        a container that runs to its end; the same before and after
args = ["--version"]           behind the image's name
options = ["--read-only"]      in front of it
code = 0
out = "curl 7"                 a part of what it prints

[serve]                        a server that listens on $PORT
path = "/"
body = "hello"                 a part of the answer
code = 0                       the exit code after docker stop
was = 137                      ... before, where it was another one

[files]                        patterns of fnmatch, from the root without a slash
recommended = true             packages that nobody asked for may go
gone = ["var/lib/apt/lists/*"]
came = []
varies = []                    other content, mode or owner
within = ["srv/*"]             the only ones that are compared, where the base is another one
needs = ["etc/ssl/certs/ca-certificates.crt"]

[config]                       what the image's configuration says after, where it differs
Cmd = ["python", "app.py"]
"Labels.maintainer" = "me"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from tests.support import FIXTURES

IMAGES = FIXTURES / "images"


@dataclass(frozen=True)
class Files:
    """Which files may differ."""

    recommended: bool = False
    gone: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    varies: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One sample."""

    folder: Path
    about: str
    changes: tuple[str, ...] = ()
    risky: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    caches: str = "auto"
    child: str = ""
    run: tuple[dict[str, Any], ...] = ()
    serve: dict[str, Any] = field(default_factory=dict)
    files: Files = Files()
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the sample's folder."""
        return self.folder.name


def read_case(folder: Path) -> Case:
    """Read a sample; a key that does not exist is an error."""
    data = tomllib.loads((folder / "case.toml").read_text())
    data["files"] = Files(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.get("files", {}).items()})
    lists = {f.name for f in fields(Case)} & {"changes", "risky", "bases", "run"} & data.keys()
    return Case(folder, **{**data, **{name: tuple(data[name]) for name in lists}})


def all_cases() -> list[Case]:
    """Return all samples in the order of their names."""
    return [read_case(path.parent) for path in sorted(IMAGES.glob("*/case.toml"))]
