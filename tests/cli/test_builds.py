"""The build context and the stage that compose and bake files name for a Dockerfile."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.cli.config import Configs
from optimizer.cli.jobs import Job
from optimizer.cli.plan import Planner, Wishes

COMPOSE = """
services:
  db:
    image: postgres
  web:
    build:
      context: ${ROOT:-.}
      dockerfile: svc/Dockerfile
      target: prod
  short:
    build: ./other
  odd:
    build: {context: "https://example.org/x.git"}
  inline:
    build: {context: svc, dockerfile_inline: "FROM x"}
"""
BAKE = """
variable "ROOT" { default = "." }
target "base" { context = "${ROOT}" }
target "web" {
  inherits   = ["base"]
  dockerfile = "svc/Dockerfile"
  target     = "prod"
  args = { A = upper("x") }
}
"""
BAKE_JSON = '{"target": {"web": {"context": ".", "dockerfile": "svc/Dockerfile", "target": "prod"}}}'


@pytest.fixture
def repository(folder: Path) -> Path:
    for name in ("svc", "other"):
        (folder / name).mkdir()
        (folder / name / "Dockerfile").write_text("FROM debian:12\nCOPY README.md /\n")
    return folder


def job(path: str, **wishes: object) -> Job:
    (found,) = Planner(Wishes(**wishes), Configs()).jobs([path])  # type: ignore[arg-type]
    assert isinstance(found, Job)
    return found


@pytest.mark.parametrize(
    ("name", "text"),
    [("compose.yaml", COMPOSE), ("docker-compose.prod.yml", COMPOSE), ("docker-bake.hcl", BAKE),
     ("docker-bake.json", BAKE_JSON)],
)  # fmt: skip
def test_context_and_target(repository: Path, name: str, text: str) -> None:
    (repository / name).write_text(text)
    found = job("svc/Dockerfile")
    assert found.context is not None and Path(found.context) == repository
    assert found.settings.targets == ("prod",)
    assert found.context_source.endswith(name)
    assert job("svc/Dockerfile", targets=("dev",)).settings.targets == ("dev",)
    assert job("svc/Dockerfile", context="other").context == "other"
    assert job("svc/Dockerfile", no_context=True).context is None


def test_the_short_form(repository: Path) -> None:
    (repository / "compose.yaml").write_text(COMPOSE)
    found = job("other/Dockerfile")
    assert found.context is not None and Path(found.context) == repository / "other"
    assert found.settings.targets == ()


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  a: {build: {context: ., dockerfile: svc/Dockerfile}}\n  b: {build: svc}\n",
        "services:\n  a: {build: {context: $UNKNOWN, dockerfile: svc/Dockerfile}}\n",
        "services: [build\n",
        "build: *x\n",
        "services:\n  a: {build: {context: nowhere, dockerfile: ../svc/Dockerfile}}\n",
    ],
    ids=["disagree", "variable", "broken", "alias", "missing"],
)
def test_where_they_do_not_tell_the_folder_stays(repository: Path, text: str) -> None:
    (repository / "compose.yaml").write_text(text)
    assert job("svc/Dockerfile").context == "svc"


def test_outside_of_the_repository_nothing_counts(repository: Path) -> None:
    (repository / "compose.yaml").write_text(COMPOSE)
    (repository / "svc" / ".git").mkdir()
    assert job("svc/Dockerfile").context == "svc"


def test_it_is_told(repository: Path, dockopt) -> None:
    (repository / "compose.yaml").write_text(COMPOSE)
    (repository / "README.md").write_text("x")
    assert "(named by compose.yaml)" in dockopt("fix", "--diff", "-vv", "svc/Dockerfile").err


def test_standard_input_has_the_context_of_its_name(repository: Path) -> None:
    (repository / "compose.yaml").write_text(COMPOSE)
    found = Planner(Wishes(), Configs()).job_for_input(b"FROM x\n", "svc/Dockerfile")
    assert found.context is not None and Path(found.context) == repository
    assert Planner(Wishes(), Configs()).job_for_input(b"FROM x\n", None).context is None
