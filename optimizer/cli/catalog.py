"""`dockopt catalog`: what dockopt knows of base images."""

from __future__ import annotations

import click

from optimizer.cli.refresh import refresh
from optimizer.cli.wheels import wheels


@click.group(short_help="Ask registries and package indexes.")
def catalog() -> None:
    """Ask registries and package indexes, and keep what they answer of images."""


catalog.add_command(refresh)
catalog.add_command(wheels)
