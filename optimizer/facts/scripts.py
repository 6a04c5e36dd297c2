"""Programs of a RUN that can't be seen through: scripts, and what is piped into a shell."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.facts.runs import Run
from optimizer.facts.stages import POSIX_SHELLS


def hidden_programs(run: Run) -> Iterator[str]:
    """Yield the names of shell scripts that a RUN calls, and of shells that read their input."""
    for call in run.calls:
        program = call.words[0].value or call.words[0].raw if call.words else ""
        if call.program in POSIX_SHELLS or program in (".", "source"):
            operands = [w.value or w.raw for w in call.words[1:] if not w.raw.startswith("-")]
            if operands:
                yield operands[0]
            elif "pipeline" in call.command.where:
                yield f"what is piped into {program}"
        elif program.endswith((".sh", ".bash")) or program.startswith(("./", "/tmp/", "/build", "/root/")):
            yield program
