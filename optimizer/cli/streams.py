"""Where output goes, and whether it is coloured."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

import click

from optimizer.cli.errors import InputError, reason_of
from optimizer.report.colour import Palette, wants_colour
from optimizer.report.quoting import quoted
from optimizer.syntax.source import encode

colour_option = click.option(
    "--color",
    "colour",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour the output; auto: on a terminal, unless NO_COLOR is set.",
)


class Streams:
    """Standard output and standard error.

    `colour` is "auto", "always" or "never". With `output` the results go to that file in place of
    standard output, uncoloured unless `colour` is "always".
    """

    def __init__(self, colour: str = "auto", output: str | None = None) -> None:
        self.file: BinaryIO | None = None
        terminal = sys.stdout.isatty()
        if output is not None and output != "-":
            try:
                self.file = open(output, "wb")  # noqa: SIM115 (closed by `close`)
            except OSError as error:
                raise InputError(f"{quoted(output)}: cannot be written: {reason_of(error)}") from error
            terminal = False
        self.palette = Palette(wants_colour(colour, terminal, os.environ))
        self.error_palette = Palette(wants_colour(colour, sys.stderr.isatty(), os.environ))

    def out(self, text: str) -> None:
        """Write results, byte for byte as they were read."""
        if not text:
            return
        stream = self.file or sys.stdout.buffer
        stream.write(encode(text))

    def err(self, line: str) -> None:
        """Write a line to standard error."""
        click.echo(line, err=True, color=True)

    def close(self) -> None:
        """Finish the results."""
        if self.file is not None:
            self.file.close()
        else:
            sys.stdout.buffer.flush()
