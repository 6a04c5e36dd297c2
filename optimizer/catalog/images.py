"""What is known of images by their names alone."""

from __future__ import annotations

from typing import Protocol

from optimizer.catalog.configs import config_of
from optimizer.catalog.distros import read_distro
from optimizer.catalog.naming import WINDOWS
from optimizer.catalog.parents import SYSTEMS
from optimizer.catalog.tags import Tag, find_tag

# Other names in their tags for systems without GNU tools, where a tag is not known.
_OTHER_TOOLS = ("alpine", "busybox", "musl")


class Image(Protocol):
    """What must be known of an image: its official name, its tag, and whether both are sure."""

    @property
    def official(self) -> str | None:
        """The name among the official images."""

    @property
    def tag(self) -> str | None:
        """The tag."""

    @property
    def known(self) -> bool:
        """Whether no variable is left in the name."""


def runs_as_root(image: Image) -> bool:
    """Tell whether an image is known to run as root unless told otherwise."""
    name, tag = image.official, image.tag or "latest"
    if not image.known or name is None or WINDOWS.search(tag):
        return False
    if name in SYSTEMS:
        return True
    config = next((config for config in map(config_of, _tags(name, tag)) if config is not None), None)
    return config is not None and not config.user


def has_gnu_tools(image: Image) -> bool:
    """Tell whether an image is known to have, or to install, GNU tools rather than BusyBox's."""
    name, tag = image.official, image.tag or "latest"
    if not image.known or name is None or WINDOWS.search(tag) or any(word in tag for word in _OTHER_TOOLS):
        return False
    systems = (read_distro(found.distro) for found in _tags(name, tag))
    system = next((found for found in systems if found is not None), None)
    return system is not None and system.family not in ("alpine", "busybox")


def _tags(name: str, tag: str) -> list[Tag]:
    """Return the tag as far as it is known, and the image's newest one to stand in for it."""
    return [found for found in (find_tag(name, tag), find_tag(name, "latest")) if found is not None]
