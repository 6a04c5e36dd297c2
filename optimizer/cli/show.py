"""`dockopt catalog show`: what the catalog knows of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from optimizer.cli.day import day_of, today_option
from optimizer.cli.errors import InputError
from optimizer.cli.names import did_you_mean
from optimizer.cli.streams import Streams, colour_option

if TYPE_CHECKING:
    from optimizer.facts.known_image import KnownImage


@click.command(short_help="Tell what is known of an official image.")
@click.argument("names", metavar="IMAGE[:TAG]...", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@today_option
@colour_option
def show(names: tuple[str, ...], form: str, today: str | None, colour: str) -> None:
    """Tell what is known of official images of Docker Hub: `dockopt catalog show python:3.12`.

    Since when a tag is listed and until when, its other names, what it is built from, its system and platforms, its
    configuration, its support and its smaller siblings, with source and day. Without a tag, `latest` is meant.

    Nothing is asked of a registry.
    """
    from optimizer.report.known_image import known_json, known_text

    streams, day = Streams(colour), day_of(today)
    found = [_known(name, day) for name in names]
    if form == "json":
        streams.out("".join(known_json(known) for known in found))
    else:
        streams.out("\n".join(known_text(known, streams.palette) for known in found))


def _known(name: str, day: str) -> KnownImage:
    from optimizer.facts.images import read_image
    from optimizer.facts.known_image import known_image

    image = read_image(name, {})
    official = image.official
    if official is None:
        raise InputError(f"{name!r} is not an official image of Docker Hub; of others nothing is known")
    known = known_image(official, image.tag or "latest", day)
    if known is not None:
        return known
    from optimizer.catalog.tags import is_official, official_names, tag_names

    if not is_official(official):
        raise InputError(f"no official image {official!r} is known.{did_you_mean(official, official_names())}")
    hint = did_you_mean(image.tag or "latest", tag_names(official))
    raise InputError(f"no tag {image.tag or 'latest'!r} of {official} is known.{hint}")
