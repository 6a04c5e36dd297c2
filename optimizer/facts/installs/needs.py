"""The result of looking at an install, and the files that it can look at."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from optimizer.context.files import BuildContext


@dataclass(frozen=True)
class Needs:
    """What one call reads and writes, as absolute paths in the image.

    `reads` are files of the build context; `writes` files and folders that are made, `touches` those
    whose owner or mode changes. `project` tells that it installs what a manifest of the project asks
    for. `notes` are for the reader of the diff.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    project: bool = False
    notes: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()

    def __add__(self, other: Needs) -> Needs:
        return Needs(
            tuple(dict.fromkeys((*self.reads, *other.reads))),
            tuple(dict.fromkeys((*self.writes, *other.writes))),
            self.project or other.project,
            tuple(dict.fromkeys((*self.notes, *other.notes))),
            (*self.touches, *other.touches),
        )


@dataclass(frozen=True)
class Files:
    """The files of the build context that stand in the image: absolute paths to paths of the context."""

    context: BuildContext
    placed: Mapping[str, str] = field(default_factory=dict)

    def origin(self, path: str) -> str | None:
        """Return the path in the context of a file in the image."""
        return self.placed.get(posixpath.normpath(path))

    def has(self, path: str) -> bool:
        """Tell whether a path in the image is a file of the context, or a folder with such files."""
        path = posixpath.normpath(path)
        return path in self.placed or any(p.startswith(f"{path}/") for p in self.placed)

    def there(self, folder: str, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of `names` that are files of the context in a folder of the image."""
        paths = (posixpath.normpath(posixpath.join(folder, name)) for name in names)
        return tuple(path for path in paths if path in self.placed)

    def above(self, folder: str, names: Iterable[str]) -> str:
        """Return the first of `names` that is a file of the context in a folder above one, "" if none is."""
        names = tuple(names)
        while folder not in ("/", ""):
            folder = posixpath.dirname(folder)
            found = self.there(folder, names)
            if found:
                return found[0]
        return ""
