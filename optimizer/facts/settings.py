"""What the user asked for, as far as facts and transforms care."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.catalog.live import LiveFacts


@dataclass(frozen=True, slots=True)
class Settings:
    """`caches`: "auto", "mounts" or "clean"; `merge`: "auto", "never", "needed", "cheap" or "all".

    `targets` are stages that are built by name (`docker build --target`). `live` is what registries and package
    indexes answered, None where the user did not wish to ask.
    """

    caches: str = "auto"
    merge: str = "auto"
    targets: tuple[str, ...] = ()
    live: LiveFacts | None = None
