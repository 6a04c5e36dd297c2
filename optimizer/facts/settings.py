"""What the user asked for, as far as facts and transforms care."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.catalog.live import LiveFacts
from optimizer.catalog.overrides import Bases


@dataclass(frozen=True, slots=True)
class Settings:
    """`caches`: "auto", "mounts" or "clean"; `merge`: "auto", "never", "needed", "cheap" or "all".

    `targets` are stages that are built by name (`docker build --target`). `live` is what registries and package
    indexes answered, None where the user did not wish to ask. `bases` is what the configuration says of registries
    and base images. `today` is an ISO day, "" where it is not known. `one_file` tells that the result is the
    Dockerfile alone, so that no file can be made beside it.
    """

    caches: str = "auto"
    merge: str = "auto"
    targets: tuple[str, ...] = ()
    live: LiveFacts | None = None
    bases: Bases = field(default_factory=Bases)
    today: str = ""
    one_file: bool = False
