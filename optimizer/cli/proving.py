"""What `verify` and `fix --verify` share: options, and what they mean for the engine."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from optimizer.cli.config import ENGINES
from optimizer.cli.errors import InputError, reason_of
from optimizer.cli.jobs import Job
from optimizer.report.quoting import quoted
from optimizer.syntax.source import encode

if TYPE_CHECKING:
    from optimizer.prove.engines.base import Recipe
    from optimizer.prove.proven import Budget
    from optimizer.prove.verify import Prover, Tell
    from optimizer.rewrite.change import Outcome

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--engine", type=click.Choice(ENGINES), help="The container engine; default: the first that answers."),
    click.option("--build-arg", "arguments", multiple=True, metavar="NAME=VALUE", help="A build argument."),
    click.option("--secret", "secrets", multiple=True, metavar="SPEC", help="A secret for the build (id=...,src=...)."),
    click.option("--platform", metavar="OS/ARCH", help="The platform to build for."),
    click.option("--network", metavar="MODE", help="The network of RUN while building (host, none)."),
    click.option("--build-option", "options", multiple=True, metavar="WORD", help="One more word for the builder."),
    click.option("--command", metavar="WORDS", help="What to run in place of the image's CMD."),
    click.option("--request", metavar="[METHOD ]PATH", help="What to ask the server; default: /."),
    click.option("--port", type=click.IntRange(1, 65535), help="The server's port; default: the first of EXPOSE."),
    click.option("--env", "environment", multiple=True, metavar="NAME=VALUE", help="A variable for the container."),
    click.option("--limit", type=click.IntRange(1), metavar="SECONDS", help="The time a container has; default 30."),
    click.option("--memory", metavar="SIZE", help="How much memory a container may take; default 1g."),
    click.option("--mask", "masks", multiple=True, metavar="REGEX", help="What not to compare in outputs and answers."),
    click.option("--no-run", is_flag=True, help="Build and compare the images, and run nothing."),
    click.option("--log", metavar="FILE", help="Write what the builders print into this file."),
)  # fmt: skip
NAMES = ("engine", "arguments", "secrets", "platform", "network", "options", "command", "request", "port",
         "environment", "limit", "memory", "masks", "no_run", "log")  # fmt: skip


def proof_options(function: F) -> F:
    """Add the options of proving to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def wished(given: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as they hold: the command line wins over the configuration's table, option by option."""
    values = {**table}
    values.update({name: given[name] for name in NAMES if given.get(name) not in (None, (), False)})
    for name in ("environment", "arguments"):
        for item in values.get(name, ()):
            if "=" not in item and name == "environment":
                raise InputError(f"{name}: {item!r} is not NAME=VALUE")
    _check_masks(values.get("masks", ()))
    return values


def _check_masks(masks: tuple[str, ...]) -> None:
    for mask in masks:
        try:
            re.compile(mask)
        except re.error as error:
            raise InputError(f"mask {mask!r} is no regular expression: {error}") from error


@contextmanager
def prover(values: Mapping[str, Any], context: str, target: str | None, tell: Tell) -> Iterator[Prover]:
    """Give a prover whose engine was found, and remove everything at the end; InputError where there is no engine."""
    from optimizer.prove.engines.base import BuildPlan, EngineError
    from optimizer.prove.running.types import Wish
    from optimizer.prove.verify import Prover
    from optimizer.prove.workshop import workshop

    command = values.get("command")
    plan = BuildPlan(
        context,
        target,
        values.get("platform"),
        values.get("network"),
        tuple(values.get("arguments", ())),
        tuple(values.get("secrets", ())),
        tuple(values.get("options", ())),
    )
    wish = Wish(
        tuple(shlex.split(command)) if isinstance(command, str) else command,
        values.get("request", ""),
        values.get("port"),
        tuple(values.get("environment", ())),
        float(values.get("limit", 30)),
        values.get("memory", "1g"),
        tuple(values.get("masks", ())),
    )
    with ExitStack() as stack:
        log = stack.enter_context(_log(values.get("log"), tell))
        try:
            tell("looking for a container engine")
            engine, version = stack.enter_context(workshop(values.get("engine")))
        except EngineError as error:
            raise InputError(str(error)) from error
        engine.log = log
        yield Prover(engine, version, plan, wish, tell, not values.get("no_run", False))


# In front of an instruction BuildKit prints `#7 [stage 2/5] RUN ...`, podman and buildah `STEP 2/5: RUN ...`.
_STEP = re.compile(r"(?:#\d+ \[[^\]]*\]|STEP \d+(?:/\d+)?:) (?!FROM|load )(?P<text>.*)")


@contextmanager
def _log(path: str | None, tell: Tell) -> Iterator[Tell]:
    """Give what takes the builders' lines: steps are shown, and all goes into the file, if one is named."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, "w", encoding="utf-8", errors="replace")) if path else None
        except OSError as error:
            raise InputError(f"{quoted(str(path))}: cannot be written: {reason_of(error)}") from error

        def take(line: str) -> None:
            step = _STEP.match(line)
            if step:
                tell(f"building: {step['text'][:60]}")
            if file is not None:
                file.write(line + "\n")
                file.flush()

        yield take


def recipe_of(job: Job, outcome: Outcome | None = None) -> Recipe:
    """Return what is built of a job: its file as it is, or of an outcome, with the new files beside it."""
    from optimizer.prove.engines.base import Recipe

    data = job.data
    if data is None:
        with open(job.path, "rb") as file:
            data = file.read()
    ignore = None
    own = job.path + ".dockerignore"
    if job.path != "-" and os.path.isfile(own):
        with open(own, "rb") as file:
            ignore = file.read()
    if outcome is None:
        return Recipe(data, job.name, ignore)
    for name, text in outcome.new_files.items():
        if name.endswith(".dockerignore"):
            ignore = encode(text)
    return Recipe(encode(outcome.after), f"{job.name} (optimized)", ignore)


def context_of(job: Job) -> str:
    """Return the absolute path of the folder that is sent to the builder."""
    return os.path.abspath(job.context if job.context is not None else os.path.dirname(job.path))


def budget_of(builds: int | None, minutes: int | None, table: Mapping[str, Any]) -> Budget:
    """Return how many builds and how much time are allowed."""
    from optimizer.prove.proven import Budget

    return Budget(builds or table.get("builds", 20), 60.0 * (minutes or table.get("minutes", 60)))


@contextmanager
def telling(quiet: bool) -> Iterator[Tell]:
    """Give what shows the work on a terminal: one line with a clock, which goes away at the end."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("")
        yield lambda text: progress.update(task, description=text.replace("[", "\\["))
