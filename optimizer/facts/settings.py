"""What the user asked for, as far as facts and transforms care."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """`caches`: "auto", "mounts" or "clean"; `merge`: "auto", "never", "needed", "cheap" or "all".

    `targets` are stages that are built by name (`docker build --target`). `one_file` tells that the
    result is the Dockerfile alone, so that no file can be made beside it.
    """

    caches: str = "auto"
    merge: str = "auto"
    targets: tuple[str, ...] = ()
    one_file: bool = False
