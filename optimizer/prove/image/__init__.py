"""Images as files: reads what an engine saved, layer by layer, and believes none of it."""

from optimizer.prove.image.reader import read_image
from optimizer.prove.image.tar import shown
from optimizer.prove.image.types import (
    Elf,
    FileEntry,
    Healthcheck,
    ImageConfig,
    ImageError,
    ImageReading,
    Layer,
    Packages,
    Sizes,
    Surface,
    resolve,
)

__all__ = [
    "Elf",
    "FileEntry",
    "Healthcheck",
    "ImageConfig",
    "ImageError",
    "ImageReading",
    "Layer",
    "Packages",
    "Sizes",
    "Surface",
    "read_image",
    "resolve",
    "shown",
]
