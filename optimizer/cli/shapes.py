"""The shapes in which results are given: files changed in place, a diff, findings, JSON, patches, one whole file."""

from __future__ import annotations

import os
from collections.abc import Callable

from optimizer import __version__
from optimizer.cli.errors import Failure, InputError, reason_of
from optimizer.cli.jobs import Job
from optimizer.cli.streams import Streams
from optimizer.report.quoting import quoted
from optimizer.report.summary import Tally
from optimizer.rewrite.change import Outcome
from optimizer.syntax.source import encode


class Shape:
    """Takes the outcome of each file in order, then the end of the run.

    `file` raises OSError or ProofError where it cannot do its work. `tells_advice` says whether the
    results already name an outcome's advice.
    """

    writes = False

    def __init__(self, streams: Streams, explain: bool = True) -> None:
        self.streams = streams
        self.explain = explain

    def file(self, job: Job, outcome: Outcome) -> None:
        """Take one file."""
        raise NotImplementedError

    def end(self, tally: Tally, failures: list[Failure]) -> None:
        """Finish."""

    def tells_advice(self, outcome: Outcome) -> bool:
        """Tell whether the advice of an outcome stands in the results."""
        return False


class InPlace(Shape):
    """Changes the files."""

    writes = True

    def file(self, job: Job, outcome: Outcome) -> None:
        """Write the file if it changes, and say so."""
        from optimizer.cli.write import create_file, replace_file

        if outcome.before != outcome.after:
            replace_file(job.path, encode(outcome.before), encode(outcome.after))
            number = len(outcome.applied)
            if self.explain:
                self.streams.err(f"{quoted(outcome.name)}: {number} change{'' if number == 1 else 's'}")
        for name, text in outcome.new_files.items():
            create_file(os.path.join(os.path.dirname(job.path), name), encode(text))
            if self.explain:
                self.streams.err(f"{quoted(os.path.normpath(os.path.join(os.path.dirname(outcome.name), name)))}: new")


class Whole(Shape):
    """Gives the whole rewritten file."""

    def file(self, job: Job, outcome: Outcome) -> None:
        """Print the text."""
        self.streams.out(outcome.after)


class Diff(Shape):
    """Gives a unified diff."""

    def file(self, job: Job, outcome: Outcome) -> None:
        """Print the file's diff."""
        from optimizer.report.diff import file_diff

        self.streams.out(self.streams.palette.diff(file_diff(outcome, self.explain)))

    def tells_advice(self, outcome: Outcome) -> bool:
        """Tell no for a file without a diff, which has no place for advice."""
        return outcome.changed


class Text(Shape):
    """Gives findings, a line each."""

    def file(self, job: Job, outcome: Outcome) -> None:
        """Print the file's findings."""
        from optimizer.report.findings import findings

        self.streams.out(findings(outcome, self.streams.palette))

    def tells_advice(self, outcome: Outcome) -> bool:
        """Tell yes: advice is a finding like others."""
        return True


class Json(Shape):
    """Gives one JSON document."""

    started = False

    def file(self, job: Job, outcome: Outcome) -> None:
        """Print the file's object."""
        from optimizer.report.json import entry

        text = entry(outcome)
        self.streams.out((",\n" if self.started else self._head()) + text)
        self.started = True

    def end(self, tally: Tally, failures: list[Failure]) -> None:
        """Close the document."""
        from optimizer.report.json import tail

        errors = [{"path": f.path, "message": f.message} for f in failures]
        self.streams.out(("\n" if self.started else self._head()) + tail(tally, errors))

    def tells_advice(self, outcome: Outcome) -> bool:
        """Tell yes: advice stands in the document."""
        return True

    def _head(self) -> str:
        from optimizer.report.json import head

        return head(__version__) + "\n"


class Patches(Shape):
    """Gives one patch for each transform, in a folder or one behind the other."""

    def __init__(self, streams: Streams, explain: bool = True, folder: str | None = None) -> None:
        super().__init__(streams, explain)
        self.folder = folder
        self.outcomes: list[Outcome] = []
        if folder is not None:
            _prepare(folder)

    def file(self, job: Job, outcome: Outcome) -> None:
        """Keep the outcome; a patch may be about several files."""
        if outcome.changed:
            self.outcomes.append(outcome)

    def end(self, tally: Tally, failures: list[Failure]) -> None:
        """Print or write the series."""
        from optimizer.report.patches import patch_series
        from optimizer.rewrite.registry import all_transforms

        for patch in patch_series(self.outcomes, [t.name for t in all_transforms()], self.explain):
            if self.folder is None:
                self.streams.out(self.streams.palette.diff(patch.text))
                continue
            with open(os.path.join(self.folder, patch.name), "wb") as file:
                file.write(encode(patch.text))


def _prepare(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
        if any(name.endswith(".patch") for name in os.listdir(folder)):
            raise InputError(f"{quoted(folder)}: holds patches already; name an empty folder with --output")
    except OSError as error:
        raise InputError(f"{quoted(folder)}: cannot be written: {reason_of(error)}") from error


BY_FORMAT: dict[str, Callable[[Streams, bool], Shape]] = {"diff": Diff, "text": Text, "json": Json, "patches": Patches}
