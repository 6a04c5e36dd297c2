"""Layers on top of each other: the files that are seen, and the bytes that are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from optimizer.prove.image.layer import LayerFiles
from optimizer.prove.image.types import FileEntry


@dataclass
class Merged:
    """The merged tree, and per layer the bytes that later ones replaced and hid.

    `lost` remembers where the bytes of a file were counted, for hard links that outlive its first name.
    """

    tree: dict[str, FileEntry] = field(default_factory=dict)
    replaced: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    children: dict[str, set[str]] = field(default_factory=dict)
    lost: dict[tuple[int, str], list[int]] = field(default_factory=dict)

    def put(self, entry: FileEntry) -> None:
        """Put an entry where nothing is; folders on the way that no layer has are made."""
        self.tree[entry.path] = entry
        folder = entry.path.rpartition("/")[0]
        siblings = self.children.get(folder)
        if siblings is None:
            siblings = self.children[folder] = set()
        siblings.add(entry.path)

    def take_away(self, path: str, losses: list[int]) -> None:
        """Remove a path and all below it; the bytes count in `losses` of the layers that they are from."""
        below = [path]
        while below:
            name = below.pop()
            below += self.children.pop(name, ())
            entry = self.tree.pop(name, None)
            if entry is not None and entry.kind == "file":
                losses[entry.layer] += entry.size
                self.lost[entry.layer, name] = losses
        siblings = self.children.get(path.rpartition("/")[0])
        if siblings is not None:
            siblings.discard(path)


def merge(layers: Sequence[LayerFiles]) -> Merged:
    """Lay the layers over each other, the first at the bottom, as overlayfs shows them."""
    merged = Merged(replaced=[0] * len(layers), hidden=[0] * len(layers))
    for index, layer in enumerate(layers):
        for folder in sorted(layer.opaque):
            for path in sorted(merged.children.get(folder, ())):
                _cover(merged, layer, path)
        for path in sorted(layer.hidden):
            _cover(merged, layer, path)
        for entry in sorted(layer.entries.values(), key=lambda e: e.path):
            _put(merged, replace(entry, layer=index))
    _complete(merged)
    return merged


def _cover(merged: Merged, layer: LayerFiles, path: str) -> None:
    """Hide a path of the layers below; what the same layer brings anew was replaced, not deleted."""
    new = layer.entries.get(path)
    losses = merged.replaced if new is not None and new.kind != "folder" else merged.hidden
    merged.take_away(path, losses)


def _put(merged: Merged, entry: FileEntry) -> None:
    _make_folders(merged, entry)
    old = merged.tree.get(entry.path)
    if old is not None and not (old.kind == "folder" and entry.kind == "folder"):
        merged.take_away(entry.path, merged.replaced)
    merged.put(entry)


def _make_folders(merged: Merged, entry: FileEntry) -> None:
    """Make the folders above an entry; what is there and is none gives way, as under overlayfs."""
    folder = entry.path.rpartition("/")[0]
    missing = []
    while folder:
        old = merged.tree.get(folder)
        if old is not None and old.kind == "folder":
            break
        if old is not None:
            merged.take_away(folder, merged.replaced)
        missing.append(folder)
        folder = folder.rpartition("/")[0]
    for path in reversed(missing):
        merged.put(FileEntry(path, "folder", 0o755, layer=entry.layer))


def _complete(merged: Merged) -> None:
    """Let every hard link name a file that is there, and know what is known of it."""
    renamed: dict[tuple[int, str], str] = {}
    for path, entry in merged.tree.items():
        if entry.kind != "hardlink":
            continue
        first = merged.tree.get(entry.target)
        if first is not None and first.has_content and (not entry.digest or first.layer == entry.layer):
            merged.tree[path] = replace(entry, size=first.size, digest=first.digest)
            continue
        # The first name is gone: another one takes over.
        key = (entry.layer, entry.target)
        if key in renamed:
            merged.tree[path] = replace(entry, target=renamed[key])
            continue
        renamed[key] = path
        merged.tree[path] = replace(entry, kind="file", target="")
        if key in merged.lost:
            merged.lost.pop(key)[entry.layer] -= entry.size


def visible_bytes(entries: Iterable[FileEntry]) -> int:
    """Return the bytes of all files, each once however many names it has."""
    return sum(entry.size for entry in entries if entry.kind == "file")
