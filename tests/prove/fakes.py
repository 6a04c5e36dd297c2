"""An engine that only remembers."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.prove.engines.base import Engine


@dataclass(eq=False)
class FakeEngine(Engine):
    """Holds marks in place of images and containers."""

    made: set[str] = field(default_factory=set)

    name = "fake"

    def marks(self) -> set[str]:
        return set(self.made)

    def remove_all(self, mark: str) -> None:
        self.made.discard(mark)
