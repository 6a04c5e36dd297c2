"""Reads an image: a saved archive or a folder with an OCI layout."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeVar

from optimizer.prove.image.archive import read_archive
from optimizer.prove.image.choice import Choice, choose
from optimizer.prove.image.documents import as_object, layer_digests, layer_origins, parse, read_config
from optimizer.prove.image.layer import LayerFiles
from optimizer.prove.image.layout import Layout
from optimizer.prove.image.merge import merge, visible_bytes
from optimizer.prove.image.packages import Databases, read_packages
from optimizer.prove.image.streams import Limits, Readable, faults_named
from optimizer.prove.image.surface import read_surface
from optimizer.prove.image.tar import shown
from optimizer.prove.image.types import Elf, FileEntry, ImageError, ImageReading, Layer, Sizes

_LIMITS = Limits()
T = TypeVar("T")


def read_image(
    source: Path | IO[bytes],
    name: str = "",
    platform: str = "",
    where: str = "",
    limits: Limits = _LIMITS,
    known: MutableMapping[str, LayerFiles] | None = None,
) -> ImageReading:
    """Read an image and return all that is known of it.

    `source` is a saved image (`docker save`, or an OCI layout as tar; compressed or not), as a path or as a
    stream that is read once to its end, or a folder with an OCI layout. Where it holds several images, `name` (a
    tag) or `platform` ("linux/arm64") names the one. `where` stands for the source in messages. Files are
    never written under names from the image. `known` remembers layers by digest, so that those which several
    images share are read once. Raises ImageError where the image can't be believed, and
    OSError where the path can't be opened.
    """
    if not isinstance(source, Path):
        return _read_stream(source, name, platform, where or "image", limits, known)
    where = where or str(source)
    if source.is_dir():
        layout = Layout(source, where, limits)
        return _reading(layout.document, layout.layer, name, platform, where, limits)
    with source.open("rb") as file:
        return _read_stream(file, name, platform, where, limits, known)


def _read_stream(
    stream: Readable,
    name: str,
    platform: str,
    where: str,
    limits: Limits,
    known: MutableMapping[str, LayerFiles] | None,
) -> ImageReading:
    with faults_named(where):
        parts = read_archive(stream, where, limits, known)
    return _reading(parts.document, parts.layer, name, platform, where, limits)


def _reading(
    document: Callable[[str], bytes | None],
    layer: Callable[[str], LayerFiles],
    name: str,
    platform: str,
    where: str,
    limits: Limits,
) -> ImageReading:
    choice = choose(document, name, platform, where)
    place = f"{where}: {shown(choice.config)}"
    data = document(choice.config)
    if data is None:
        raise ImageError("is not in the archive", place)
    config = as_object(parse(data, place), place)
    digests = layer_digests(config, place)
    if len(digests) != len(choice.layers):
        raise ImageError(f"names {len(digests)} layers, but the manifest {len(choice.layers)}", place)
    layers = [layer(path) for path in choice.layers]
    _check(choice, layers, digests, where, limits)
    merged = merge(layers)
    origins = layer_origins(config, len(layers), place)
    sizes = [visible_bytes(one.entries.values()) for one in layers]
    visible = visible_bytes(merged.tree.values())
    known = _known(layers, merged.tree)
    return ImageReading(
        name=choice.name,
        config=read_config(config, place),
        layers=tuple(
            Layer(
                index=index,
                digest=one.digest,
                size=sizes[index],
                created_by=origins[index],
                entries=len(one.entries),
                replaced=merged.replaced[index],
                hidden=merged.hidden[index],
            )
            for index, one in enumerate(layers)
        ),
        tree=merged.tree,
        packages=read_packages(merged.tree, known.databases),
        surface=read_surface(merged.tree),
        sizes=Sizes(sum(sizes), visible, sum(sizes) - visible),
        elf=known.elf,
        shebangs=known.shebangs,
        texts=known.texts,
        unread=sum(one.contents.unread for one in layers),
    )


def _check(choice: Choice, layers: list[LayerFiles], digests: tuple[str, ...], where: str, limits: Limits) -> None:
    """Hold every layer to the digest that the config names; a cut off or changed layer has another."""
    for path, one, digest in zip(choice.layers, layers, digests, strict=True):
        if digest.startswith("sha256:") and one.digest != digest:
            raise ImageError(f"has the digest {one.digest}, but {digest} is wanted", f"{where}: {shown(path)}")
    if sum(len(one.entries) for one in layers) > limits.entries:
        raise ImageError(f"holds more than {limits.entries} files", where)


@dataclass
class _Known:
    """What the layers know of the files that are seen in the end."""

    elf: dict[str, Elf] = field(default_factory=dict)
    shebangs: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    databases: Databases = field(default_factory=Databases)


def _known(layers: list[LayerFiles], tree: dict[str, FileEntry]) -> _Known:
    known = _Known()
    for path, entry in tree.items():
        contents = layers[entry.layer].contents
        _pass_on(path, contents.elf, known.elf)
        _pass_on(path, contents.shebangs, known.shebangs)
        _pass_on(path, contents.tables, known.databases.tables)
        _pass_on(path, contents.versions, known.databases.node)
        _pass_on(path, contents.rpm, known.databases.rpm)
        _pass_on(path, contents.texts, known.texts)
    return known


def _pass_on(path: str, found: dict[str, T], known: dict[str, T]) -> None:
    if path in found:
        known[path] = found[path]
