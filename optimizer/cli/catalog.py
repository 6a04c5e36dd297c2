"""`dockopt catalog`: what dockopt knows of base images."""

from __future__ import annotations

import click

from optimizer.cli.refresh import refresh
from optimizer.cli.show import show
from optimizer.cli.wheels import wheels


@click.group(short_help="Tell what is known of images, and ask registries and package indexes.")
def catalog() -> None:
    """Tell what is known of images; ask registries and package indexes, and keep what they answer of images."""


catalog.add_command(show)
catalog.add_command(refresh)
catalog.add_command(wheels)
