"""Finding an engine that answers."""

from __future__ import annotations

import shutil
from pathlib import Path

from optimizer.prove.engines.base import Engine, EngineError
from optimizer.prove.engines.buildah import Buildah
from optimizer.prove.engines.session import Mark
from optimizer.prove.engines.whales import Docker, Podman

ENGINES: dict[str, type[Engine]] = {"docker": Docker, "podman": Podman, "buildah": Buildah}


def find_engine(name: str | None, mark: Mark, folder: Path) -> tuple[Engine, str]:
    """Return the engine called `name`, or the first that answers, and its version.

    Raises EngineError that says of each engine why it does not serve.
    """
    reasons = []
    for known in [name] if name else ENGINES:
        if shutil.which(known) is None:
            reasons.append(f"{known} is not installed")
            continue
        engine = ENGINES[known](mark, folder)
        try:
            return engine, engine.version()
        except EngineError as error:
            reasons.append(str(error))
    raise EngineError("no container engine answers: " + "; ".join(reasons))
