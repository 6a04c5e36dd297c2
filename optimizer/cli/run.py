"""A run of `dockopt fix`: jobs in, results out, counted and told."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from optimizer.cli.errors import REPORT_TO, Exit, Failure, reason_of
from optimizer.cli.jobs import Job, fault, shown_path
from optimizer.cli.shapes import Shape
from optimizer.cli.streams import Streams
from optimizer.report.quoting import quoted
from optimizer.report.summary import Tally, left_alone, step_lines, summary
from optimizer.rewrite.change import Outcome


class Run:
    """Takes results one by one. `verbose` counts the -v, `quiet` leaves only errors, `sums_up` asks for a summary."""

    def __init__(
        self, shape: Shape, streams: Streams, verbose: int = 0, quiet: bool = False, sums_up: bool = True
    ) -> None:
        self.shape = shape
        self.streams = streams
        self.verbose = verbose
        self.quiet = quiet
        self.sums_up = sums_up
        self.tally = Tally()
        self.failures: list[Failure] = []
        self._new: set[str] = set()

    def take(self, results: Iterable[tuple[Job, Outcome | Failure]]) -> None:
        """Give each result its shape; a failure with one file is told, and the others go on."""
        for job, result in results:
            failure = result if isinstance(result, Failure) else self._deliver(job, result)
            if failure is not None:
                self.fail(failure)

    def fail(self, failure: Failure) -> None:
        """Tell and count a failure."""
        self.failures.append(failure)
        self.tally.failed += 1
        where = f"{quoted(failure.path)}: " if failure.path else ""
        self.streams.err(f"{self.streams.error_palette.error('error')}: {where}{failure.message}")
        if failure.fault:
            if os.environ.get("DOCKOPT_DEBUG") == "1":
                self.streams.err(failure.details)
            self.streams.err(f"This is a fault of dockopt; please report it with the file: {REPORT_TO}")

    def finish(self, check: bool) -> int:
        """End the results, sum up, and return the exit code."""
        try:
            self.shape.end(self.tally, self.failures)
            self.streams.close()
        except BrokenPipeError:
            raise
        except OSError as error:
            self.fail(Failure("", f"the results cannot be written: {reason_of(error)}"))
        if not self.quiet:
            self._sum_up()
        found = Exit.FOUND if check and self.tally.changed else Exit.FINE
        return int(max([found, *(failure.exit for failure in self.failures)]))

    def _deliver(self, job: Job, outcome: Outcome) -> Failure | None:
        outcome = self._without_repeated(job, outcome)
        try:
            self.shape.file(job, outcome)
        except BrokenPipeError:
            raise
        except OSError as error:
            return Failure(job.name, reason_of(error))
        except Exception as error:
            return fault(job.name, error)
        self.tally.add(outcome)
        if not self.quiet:
            self._tell(job, outcome)
        return None

    def _without_repeated(self, job: Job, outcome: Outcome) -> Outcome:
        """Leave out a new file that another Dockerfile in the same folder brought already."""
        if not outcome.new_files:
            return outcome
        folder = os.path.dirname(job.path)
        fresh = {n: t for n, t in outcome.new_files.items() if os.path.join(folder, n) not in self._new}
        self._new.update(os.path.join(folder, n) for n in fresh)
        return replace(outcome, new_files=fresh)

    def _tell(self, job: Job, outcome: Outcome) -> None:
        if outcome.advice and not self.shape.tells_advice(outcome):
            from optimizer.report.findings import advice

            self.streams.err(advice(outcome, self.streams.error_palette).rstrip("\n"))
        if self.verbose:
            self._lines(left_alone(outcome))
            self._lines([f"{quoted(outcome.name)}: dropped by a check: {text}" for text in outcome.faults])
        if self.verbose > 1:
            config = f"configuration {quoted(job.config)}" if job.config else "no configuration"
            context = f"build context {quoted(job.context)}" if job.context is not None else "no build context"
            context += f" (named by {quoted(shown_path(job.context_source))})" if job.context_source else ""
            self.streams.err(f"{quoted(outcome.name)}: -O{job.level}, {config}, {context}")
            self._lines(step_lines(outcome))

    def _lines(self, lines: Iterable[str] | Sequence[str]) -> None:
        for line in lines:
            self.streams.err(line)

    def _sum_up(self) -> None:
        if self.tally.faults:
            word = "fault" if self.tally.faults == 1 else "faults"
            tells = "" if self.verbose else "; -v names them"
            self.streams.err(
                f"warning: {self.tally.faults} {word} of dockopt found by its own checks, whose changes were dropped"
                f"{tells}. Please report: {REPORT_TO}"
            )
        if self.sums_up or self.verbose:
            self.streams.err(summary(self.tally, self.shape.writes, bool(self.verbose)))
