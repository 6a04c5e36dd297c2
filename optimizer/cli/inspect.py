"""`dockopt inspect`: what the stages of a Dockerfile stand on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import click

from optimizer.cli.config import Configs
from optimizer.cli.day import day_of, today_option
from optimizer.cli.discover import Found, discover
from optimizer.cli.errors import Exit, Failure, reason_of
from optimizer.cli.jobs import shown_path
from optimizer.cli.streams import Streams, colour_option
from optimizer.report.quoting import quoted
from optimizer.syntax.source import Source


@click.command(short_help="Tell what the stages of a Dockerfile stand on.")
@click.argument("paths", nargs=-1, metavar="[FILE]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.option("--stdin-filename", metavar="PATH", help="The name of what comes from standard input.")
@today_option
@colour_option
def inspect(paths: tuple[str, ...], form: str, stdin_filename: str | None, today: str | None, colour: str) -> int:
    """Tell what the stages of a Dockerfile stand on.

    For each stage: its base image and what that is built from, down to scratch; the system, its package manager and
    shell; the user; until when product and system are supported; the smaller images that could stand in for it,
    their sizes where they were read, and what would be missing in each.

    FILE is a file, a folder to search, or `-` for standard input; default: the working directory.
    Nothing is asked of a registry, and nothing is changed.
    """
    from optimizer.catalog.tags import data_day
    from optimizer.facts.document import Document
    from optimizer.facts.inspection import inspect as look
    from optimizer.facts.settings import Settings
    from optimizer.report.inspect import inspect_text
    from optimizer.report.inspect_json import inspect_json
    from optimizer.syntax import parse

    streams, day, configs = Streams(colour), day_of(today), Configs()
    files, code = [], Exit.FINE
    for item in _sources(paths or (".",), stdin_filename):
        if isinstance(item, Failure):
            streams.err(f"{streams.error_palette.error('error')}: {quoted(item.path)}: {item.message}")
            code = Exit.INPUT
        else:
            settings = Settings(bases=configs.of(os.path.dirname(item.name) or ".").bases)
            files.append((item.name, look(Document(parse(item.text), settings=settings), day)))
    if not files and code is Exit.FINE:
        streams.err(f"no Dockerfile found in {', '.join(paths or ('.',))}")
    if form == "json":
        streams.out(inspect_json(files, day, data_day()))
    else:
        streams.out("\n".join(inspect_text(name, found, streams.palette) for name, found in files))
    return int(code)


def _sources(paths: tuple[str, ...], stdin_filename: str | None) -> Iterator[Source | Failure]:
    if "-" in paths:
        if len(paths) > 1:
            raise click.UsageError("'-' (standard input) cannot be mixed with other paths.")
        yield Source.from_bytes(sys.stdin.buffer.read(), stdin_filename or "Dockerfile")
        return
    if stdin_filename is not None:
        raise click.UsageError("--stdin-filename needs '-' as the path.")
    for found in discover(paths):
        yield _read(found) if isinstance(found, Found) else found


def _read(found: Found) -> Source | Failure:
    try:
        with open(found.path, "rb") as file:
            return Source.from_bytes(file.read(), shown_path(found.path))
    except OSError as error:
        return Failure(found.path, f"cannot be read: {reason_of(error)}")
