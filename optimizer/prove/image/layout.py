"""An OCI layout as a folder: its documents, and its layers as they are asked for."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from optimizer.prove.image.layer import LayerFiles, read_layer
from optimizer.prove.image.streams import Limits
from optimizer.prove.image.types import ImageError


class Layout:
    """A folder with an OCI layout. Only regular files are opened, and no links are followed."""

    def __init__(self, folder: Path, where: str, limits: Limits) -> None:
        self.folder = folder
        self.where = where
        self.limits = limits

    def document(self, path: str) -> bytes | None:
        """Return a document, None where there is none."""
        with self._open(path) as file:
            if file is None:
                return None
            data = file.read(self.limits.document + 1)
        if len(data) > self.limits.document:
            raise ImageError(f"is more than {self.limits.document} bytes", self._place(path))
        return data

    def layer(self, path: str) -> LayerFiles:
        """Return a layer."""
        with self._open(path) as file:
            if file is None:
                raise ImageError("is not there", self._place(path))
            return read_layer(file, self._place(path), self.limits)

    def _place(self, path: str) -> str:
        return f"{self.where}/{path}"

    @contextmanager
    def _open(self, path: str) -> Iterator[IO[bytes] | None]:
        # A manifest.json may name anything.
        if path.startswith("/") or ".." in path.split("/"):
            raise ImageError("leads out of the layout", self._place(path))
        try:
            number = os.open(self.folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            yield None
            return
        except (OSError, ValueError) as error:
            raise ImageError(f"can't be opened: {error}", self._place(path)) from None
        with open(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise ImageError("is no file", self._place(path))
            yield file
