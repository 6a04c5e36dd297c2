"""`dockopt fix --verify`: only what was built and held is written or printed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import click

from optimizer.cli.config import Configs
from optimizer.cli.errors import Exit, Failure, InputError
from optimizer.cli.jobs import Job, run_job
from optimizer.cli.proving import budget_of, context_of, prover, recipe_of, telling, wished
from optimizer.cli.run import Run
from optimizer.cli.shapes import Diff
from optimizer.prove.engines.base import EngineError
from optimizer.prove.proven import Proven, prove_outcome
from optimizer.prove.verify import Unfit
from optimizer.report.quoting import quoted
from optimizer.report.verify import build_failure
from optimizer.report.verify_notes import backed_off, how_proven
from optimizer.rewrite.change import Outcome
from optimizer.rewrite.identity import Identity


class Verifier:
    """Takes the outcomes of a run and gives on what is proven of them; `given` are the options of the command."""

    def __init__(self, configs: Configs, run: Run, given: Mapping[str, Any]) -> None:
        self.configs = configs
        self.run = run
        self.given = given

    def take(self, done: Iterable[tuple[Job, Outcome | Failure]]) -> int:
        """Prove one outcome after the other and return the exit code.

        An interruption ends the run; what is proven by then is offered as a diff, and nothing more is written.
        """
        for job, result in done:
            if isinstance(result, Failure):
                self.run.fail(result)
                continue
            try:
                proven = self._proven(job, result)
            except KeyboardInterrupt:
                proven = Proven(replace(result, after=result.before, new_files={}), None, interrupted=True)
            if isinstance(proven, Failure):
                self.run.fail(proven)
                continue
            if proven.interrupted:
                return self._offer(job, proven)
            self._tell(proven)
            self.run.take([(job, proven.outcome)])
        return self.run.finish(self.given["check"])

    def _proven(self, job: Job, outcome: Outcome) -> Proven | Failure:
        if not outcome.changed:
            return Proven(outcome, None)
        try:
            return self._prove(job, outcome)
        except Unfit as error:
            lines = [f"{error.proof.verdict.value}, so nothing was changed"]
            lines += build_failure(error.proof.failure) if error.proof.failure else [error.proof.problem]
            return Failure(job.name, "\n".join(lines))
        except (EngineError, InputError) as error:
            return Failure(job.name, f"could not be verified, so nothing was changed: {error}")

    def _prove(self, job: Job, outcome: Outcome) -> Proven:
        table = self.configs.of(os.path.dirname(job.path) or ".").verify
        values = wished(self.given, table)
        targets = job.settings.targets
        if len(targets) > 1:
            raise click.UsageError("--verify builds one image: name one --target.")

        def again(without: Mapping[Identity, str]) -> Outcome:
            result = run_job(job._replace(without=without))
            assert isinstance(result, Outcome)
            return result

        with (
            telling(self.given["quiet"]) as tell,
            prover(values, context_of(job), targets[0] if targets else None, tell) as found,
        ):
            budget = budget_of(self.given["builds"], self.given["minutes"], table)
            proven = prove_outcome(outcome, again, lambda o: recipe_of(job, o), recipe_of(job), found, budget, tell)
        return replace(proven, outcome=replace(proven.outcome, proven=tuple(how_proven(proven))))

    def _tell(self, proven: Proven) -> None:
        if self.run.quiet:
            return
        for line in backed_off(proven):
            self.run.streams.err(line)
        if self.run.shape.writes:  # a diff says it itself
            for sentence in proven.outcome.proven:
                self.run.streams.err(f"{quoted(proven.outcome.name)}: {sentence}")

    def _offer(self, job: Job, proven: Proven) -> int:
        """Print what is proven so far as a diff; a file is not changed by a run that was stopped."""
        name = quoted(job.name)
        if proven.outcome.changed:
            self.run.streams.err(f"{name}: stopped; the diff is the best that was proven so far. Nothing was written.")
            Diff(self.run.streams, not self.run.quiet).file(job, proven.outcome)
            self.run.streams.close()
        else:
            self.run.streams.err(f"{name}: stopped before anything was proven. Nothing was written.")
        return int(Exit.INTERRUPTED)
