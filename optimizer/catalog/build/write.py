"""Writing a data file, the same bytes for the same rows."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from optimizer.catalog.store import DATA


def write_table(name: str, header: dict[str, Any], rows: Iterable[tuple[str, ...]], folder: Path = DATA) -> int:
    """Write rows under `name`, sorted by their keys, and return the size of the file in bytes."""
    lines = [json.dumps(header, separators=(",", ":"))]
    for row in sorted(rows):
        if any("\t" in column or "\n" in column for column in row):
            raise ValueError(f"a tab or a line break in {row}")
        lines.append("\t".join(row))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0, filename="") as file:
        file.write(("\n".join(lines) + "\n").encode())
    path = folder / f"{name}.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed.getvalue())
    return len(packed.getvalue())


def read_json(path: Path) -> Any:
    """Read a table, compressed or not."""
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
