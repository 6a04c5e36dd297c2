"""`dockopt catalog wheels`: which Python projects come prebuilt, and for which C library."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click

from optimizer.catalog.live import Requirement, Unknown, Wheels
from optimizer.cli.config import Configs
from optimizer.cli.errors import Exit, InputError, reason_of
from optimizer.cli.online import ask_projects
from optimizer.cli.streams import Streams, colour_option
from optimizer.report.quoting import quoted

_MEANINGS = {"wheel": "a wheel", "pure": "a pure wheel", "sdist": "must be compiled", "": "nothing"}


@click.command(short_help="Ask pip's index which projects have wheels.")
@click.argument("projects", nargs=-1, metavar="[REQUIREMENTS]...")
@click.option("-r", "files", multiple=True, metavar="FILE", help="Also what this requirements file lists.")
@click.option(
    "--python",
    default=f"{sys.version_info[0]}.{sys.version_info[1]}",
    metavar="VERSION",
    show_default=True,
    help="The Python that they are for.",
)
@click.option("--architecture", default="amd64", show_default=True, help="As in the platform of an image.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print the answers.")
@colour_option
def wheels(
    projects: tuple[str, ...], files: tuple[str, ...], python: str, architecture: str, form: str, colour: str
) -> int:
    """Ask the package index of pip which projects have wheels.

    REQUIREMENTS are as in a requirements file ("numpy", "numpy==2.1.0"). For each it is told what pip would install
    on Debian or another system with the GNU C library, and on Alpine (musl): what has no wheel there must be
    compiled. The index is the one that pip is set up to use (PIP_INDEX_URL, pip.conf), else pypi.org.

    Exit code 2 tells that there was no answer for some project.
    """
    streams = Streams(colour)
    wanted = [Requirement(text, python) for text in (*projects, *(line for path in files for line in _listed(path)))]
    if not wanted:
        raise click.UsageError("Name a project, or a requirements file with -r.")
    options = Configs().of(".").online
    answers = ask_projects(wanted, options, lambda line: streams.err(f"warning: {line}")).wheels
    streams.out(_json(answers) if form == "json" else "".join(_lines(answers, architecture)))
    return int(Exit.INPUT if any(isinstance(a, Unknown) for a in answers.values()) else Exit.FINE)


def _listed(path: str) -> Iterator[str]:
    """Yield the requirements in a file, without comments, options and hashes."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError as error:
        raise InputError(f"{quoted(path)}: cannot be read: {reason_of(error)}") from error
    for line in text.replace("\\\n", " ").splitlines():
        requirement = f" {line}".partition(" #")[0].partition(" --")[0].strip()
        if requirement and not requirement.startswith(("-", "#")):
            yield requirement


def _lines(answers: Mapping[Requirement, Wheels | Unknown], architecture: str) -> Iterator[str]:
    for requirement, answer in answers.items():
        if isinstance(answer, Unknown):
            yield f"{requirement.project}: no answer: {answer.reason}\n"
        else:
            on = {libc: _MEANINGS[answer.on(libc, architecture)] for libc in ("glibc", "musl")}
            yield f"{requirement.project}: {answer.version}: glibc: {on['glibc']}; musl: {on['musl']}\n"


def _json(answers: Mapping[Requirement, Wheels | Unknown]) -> str:
    rows = [{**requirement._asdict(), **_fields(answer)} for requirement, answer in answers.items()]
    return json.dumps({"projects": rows}, indent=2) + "\n"


def _fields(answer: Wheels | Unknown) -> dict[str, Any]:
    return {"reason": answer.reason} if isinstance(answer, Unknown) else asdict(answer)
