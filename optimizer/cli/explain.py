"""`dockopt explain`: manual pages."""

from __future__ import annotations

import click

from optimizer.cli.errors import InputError
from optimizer.cli.names import called, unknown_names
from optimizer.cli.streams import Streams, colour_option


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@colour_option
def explain(names: tuple[str, ...], colour: str) -> None:
    """Show the manual page of a transform.

    NAME is a transform's (`dockopt rules` lists them) or the id of another tool's rule, such as DL3015.
    """
    from optimizer.report.manual import manual_page

    unknown = unknown_names(names)
    if unknown:
        raise InputError("\n".join([*unknown, "`dockopt rules` lists all."]))
    streams = Streams(colour)
    items = {item.name: item for name in names for item in called(name)}
    streams.out("\n".join(manual_page(item, streams.palette) for item in items.values()))
