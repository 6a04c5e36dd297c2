"""The applications below fixtures/apps, and what their `app.toml` says; `python -m tests.engine.apps [NAME...]`.

about = "..."             one line for the reader
ecosystem = "python"
way = "stages"            what -O2 makes of it: "stages" (a second stage), "slim" (a smaller base alone), "left"
reason = "..."            a part of the reason why there is no second stage
ci = true                 built in continuous integration
static = "..."            why it can't be built; then only its text is checked
bases = ["ruby:3.1"]      base images beyond python:3.11, node:20 and their slim siblings
develop = "gcc --version" a script that the development image (`--target build`) must run

[serve]                   a server; it is asked from within its own network
port = 8000
path = "/"
body = "hello"            a part of the answer

[[run]]                   a container that runs to its end; the same before and after
args = []
out = "..."               a part of what it prints

[config]                  what the image's configuration says after, where it differs
[config3]                 the same at -O3, beside what [config] says
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from optimizer.facts.document import Document
from optimizer.rewrite.change import Outcome
from optimizer.syntax import parse
from tests.engine.asking import Said, ask, run_to_end
from tests.engine.config import compare_settings
from tests.engine.docker import BuildError, Engine
from tests.support import FIXTURES, fixed, run

APPS = FIXTURES / "apps"
LEVELS = (2, 3)
STAGES = "two-stages"
BASES = ("slim-base", "alpine-base", "distroless-base")


@dataclass(frozen=True)
class App:
    """One application."""

    folder: Path
    about: str
    ecosystem: str
    way: str
    reason: str = ""
    ci: bool = False
    static: str = ""
    bases: tuple[str, ...] = ()
    develop: str = ""
    serve: dict[str, Any] = field(default_factory=dict)
    run: tuple[dict[str, Any], ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    config3: dict[str, Any] = field(default_factory=dict)
    dockerfile: str = "Dockerfile"

    @property
    def name(self) -> str:
        """The name of the application's folder."""
        return self.folder.name

    @cached_property
    def text(self) -> bytes:
        """Its Dockerfile."""
        return (self.folder / self.dockerfile).read_bytes()

    def outcome(self, level: int) -> Outcome:
        """Return what becomes of its Dockerfile."""
        return run(self.text, level=level, context=self.folder)


def read_app(folder: Path) -> App:
    """Read an application; a key that does not exist is an error."""
    data = tomllib.loads((folder / "app.toml").read_text())
    return App(folder, **{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})


def all_apps() -> list[App]:
    """Return all applications in the order of their names."""
    return [read_app(path.parent) for path in sorted(APPS.glob("*/app.toml"))]


def way_of(outcome: Outcome) -> str:
    """Return how a Dockerfile was converted: "stages", "slim" or "left"."""
    names = {applied.transform for applied in outcome.applied}
    if STAGES in names:
        return "stages"
    return "slim" if names & set(BASES) else "left"


def bases_of(text: bytes) -> list[str]:
    """Return the images that the stages of a Dockerfile stand on."""
    stages = Document(parse(text.decode("utf-8", "surrogateescape"))).stages
    return [stage.image.resolved for stage in stages if stage.parent is None and stage.image.raw != "scratch"]


@dataclass
class Report:
    """What came of an application: how it was converted, sizes by level (0 is before), and what is wrong."""

    way: str = ""
    sizes: dict[int, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def row(self, name: str) -> str:
        """Return a line of the table."""
        cells = [f"{self.sizes[level] / 1e6:8.1f}" if level in self.sizes else f"{'-':>8}" for level in (0, *LEVELS)]
        ratio = f"{self.sizes[2] / self.sizes[0]:6.2f}" if {0, 2} <= self.sizes.keys() else f"{'-':>6}"
        verdict = "holds" if not self.problems else self.problems[0].replace("\n", " ")[:150]
        return f"{name:<30}{self.way:<8}{' '.join(cells)}{ratio}  {verdict}"


HEAD = f"{'application':<30}{'way':<8}{'before':>8} {'-O2':>8} {'-O3':>8}{'ratio':>6}  holds?"


def prove_app(engine: Engine, app: App, folder: Path) -> Report:
    """Build an application before and after, run each image and compare. `folder` is for the new Dockerfiles."""
    outcomes = {level: app.outcome(level) for level in LEVELS}
    report = Report(way_of(outcomes[2]))
    texts = {0: app.text}
    for level in LEVELS:
        texts[level] = fixed(app.text, level=level, context=app.folder).encode("utf-8", "surrogateescape")
    first: tuple[dict[str, Any], list[Said]] | None = None
    for level, text in texts.items():
        same = next((other for other in report.sizes if texts[other] == text), None)
        if same is not None:
            report.sizes[level] = report.sizes[same]
            continue
        if level > 2 and not all(engine.has(base) for base in bases_of(text)):
            # Bases that only -O3 chooses need not be there: its images are not built then.
            continue
        file = folder / f"Dockerfile.{level}"
        file.write_bytes(text)
        try:
            image = engine.build(f"{app.name}-{level}", file, app.folder)
        except BuildError as error:
            report.problems.append(f"-O{level}: does not build: {error}")
            if first is None:
                return report
            continue
        about = engine.inspect(image)
        report.sizes[level] = about["Size"]
        said = list(_answers(engine, app, image))
        report.problems += [f"-O{level}: {wrong}" for one in said for wrong in one.wrong]
        if first is None:
            first = (about, said)
            continue
        claims = {**app.config, **app.config3} if level == 3 else app.config
        problems, _ = compare_settings(first[0], about, claims)
        problems += [
            f"said {new.text!r}, not {old.text!r}" for old, new in zip(first[1], said, strict=True) if old != new
        ]
        report.problems += [f"-O{level}: {problem}" for problem in problems]
        if level == 2:
            report.problems += _development(engine, app, file, text)
    return report


def _answers(engine: Engine, app: App, image: str) -> Iterator[Said]:
    if app.serve:
        yield ask(engine, image, app.serve)
    for wish in app.run:
        yield run_to_end(engine, image, wish)


def _development(engine: Engine, app: App, file: Path, text: bytes) -> Iterator[str]:
    """Say what is wrong with the image to develop in."""
    if not app.develop:
        return
    try:
        image = engine.build(f"{app.name}-build", file, app.folder, target="build")
    except BuildError as error:
        yield f"--target build: does not build: {error}"
        return
    done = engine.run(image, ["--entrypoint=sh"], ["-c", app.develop])
    if done.code:
        yield f"--target build: {app.develop}: {done}"


def main(names: list[str]) -> int:
    """Print the table of all applications, or of those that are named."""
    print(HEAD)
    wrong = 0
    for app in all_apps():
        if app.static or (names and app.name not in names):
            continue
        engine = Engine()
        with TemporaryDirectory() as folder:
            try:
                report = prove_app(engine, app, Path(folder))
            finally:
                engine.clean()
        print(report.row(app.name), flush=True)
        wrong += bool(report.problems)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
