"""What a run is asked for, what was seen of it, and what came of comparing two."""

from __future__ import annotations

from dataclasses import dataclass

# Of the engine or a shell: the command cannot be run, or is not there.
_NO_START = (125, 126, 127)
_KILLED = 137


@dataclass(frozen=True)
class Wish:
    """What a container shall do while it is watched.

    `command` replaces the image's own behind its entry point, None keeps it. `request` is a path, or a
    method and a path; `port` the container's port. `environment` are `NAME=VALUE`. `limit` is in seconds.
    What the regular expressions in `masks` match is not compared.
    """

    command: tuple[str, ...] | None = None
    request: str = ""
    port: int | None = None
    environment: tuple[str, ...] = ()
    limit: float = 30
    memory: str = "1g"
    masks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a server said. `status` 0 means that its port is open and speaks no HTTP."""

    status: int
    content_type: str = ""
    body: str = ""


@dataclass(frozen=True)
class Seen:
    """What was seen of a container.

    `refused` is the engine's reason where it did not start. `running` means that it still ran when the
    watch was over, else `code` is its exit code. `health` is "healthy" or "unhealthy" where there is a
    HEALTHCHECK, `probe` what that printed. `network` tells what the container could reach.
    """

    refused: str = ""
    running: bool = False
    code: int = 0
    out: str = ""
    err: str = ""
    port: int | None = None
    answer: Answer | None = None
    health: str = ""
    probe: str = ""
    network: str = "none"
    seconds: float = 0.0

    def failed(self, served: bool) -> str:
        """Return why this is no working container, "" if it is one; `served` asks for an answer at its port."""
        if self.refused:
            return f"it does not start: {self.refused}"
        if not self.running and self.code in _NO_START:
            return f"it ends with exit code {self.code}{self._said()}"
        if not self.running and self.code == _KILLED:
            return f"it was killed (exit code {self.code}), by its limit of memory as a rule: --memory raises that"
        if self.health == "unhealthy":
            return f"its HEALTHCHECK fails{': ' + _last(self.probe) if self.probe else ''}"
        if served and self.answer is None:
            how = "does not answer" if self.running else f"ended with exit code {self.code}"
            return f"nothing answers at port {self.port}: it {how}{self._said()}"
        return ""

    def _said(self) -> str:
        text = _last(self.err) or _last(self.out)
        return f" ({text})" if text else ""


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip()[:200] if lines else ""


@dataclass(frozen=True)
class Check:
    """One thing that was compared: its name, how it was done, whether it holds, and what was seen before and after."""

    name: str
    how: str
    holds: bool
    before: str = ""
    after: str = ""
    note: str = ""
