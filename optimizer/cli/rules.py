"""`dockopt rules`: the table of all transforms."""

from __future__ import annotations

import click

from optimizer.cli.streams import Streams, colour_option
from optimizer.rewrite.registry import all_transforms


@click.command(short_help="List all transforms.", context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="How to print the table."
)
@colour_option
def rules(form: str, colour: str) -> None:
    """List all transforms: name, safety, the -O level from which each is applied, and what it does.

    A level with a star means that the transform runs only when it is selected by name.
    """
    from optimizer.report import manual

    streams = Streams(colour)
    items = all_transforms()
    if form == "json":
        streams.out(manual.rules_json(items))
    elif form == "markdown":
        streams.out(manual.rules_markdown(items))
    else:
        streams.out(manual.rules_text(items, streams.palette))
