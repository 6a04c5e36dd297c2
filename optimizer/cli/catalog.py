"""`dockopt catalog`: what dockopt knows of base images."""

from __future__ import annotations

import click

from optimizer.cli.refresh import refresh


@click.group(short_help="Renew what dockopt knows of base images.")
def catalog() -> None:
    """Renew what dockopt knows of base images."""


catalog.add_command(refresh)
