"""Asking registries and package indexes before the work, where the user wishes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from optimizer.catalog.live import Live, LiveFacts, Refusal, Requirement
from optimizer.cli.errors import Failure, reason_of
from optimizer.cli.jobs import Job, fault
from optimizer.cli.run import Run
from optimizer.facts.document import Document
from optimizer.online.options import Options
from optimizer.report.quoting import quoted
from optimizer.rewrite.questions import Questions, questions
from optimizer.syntax import Source, parse

Key = TypeVar("Key")
Value = TypeVar("Value")
_NAMED = 3
Warn = Callable[[str], None]


def ask_first(jobs: Sequence[Job], run: Run) -> list[Job]:
    """Return the jobs with the answers to what their transforms want to know in their settings.

    Who does not answer is told once on standard error; those jobs go on with what dockopt knows by itself.
    """

    def warn(line: str) -> None:
        if not run.quiet:
            run.streams.err(f"warning: {line}")

    wanted = []
    for job in jobs:
        found = questions_of(job)
        if isinstance(found, Failure):
            run.fail(found)
        wanted.append(Questions() if isinstance(found, Failure) else found)
    by_options: dict[Options, list[Questions]] = {}
    for job, item in zip(jobs, wanted, strict=True):
        by_options.setdefault(job.online or Options(), []).append(item)
    answers = {options: _answers(options, items, warn) for options, items in by_options.items()}
    if any(facts.refusals for facts in answers.values()):
        warn("what dockopt knows by itself holds where nobody answered")
    return [
        job._replace(settings=replace(job.settings, live=_of(answers[job.online or Options()], item)))
        for job, item in zip(jobs, wanted, strict=True)
    ]


def questions_of(job: Job) -> Questions | Failure:
    """Return what the transforms of a job want to know; nothing where its file cannot be read, which the work tells."""
    try:
        text = Source.from_bytes(job.read(), job.name).text
        return questions(Document(parse(text), job.build_context(), job.settings), job.transforms)
    except OSError:
        return Questions()
    except Exception as error:
        return fault(job.name, error)


def ask_images(references: Iterable[str], options: Options, warn: Warn) -> LiveFacts:
    """Ask about images with the stored answers at hand, store what is new, and warn of who does not answer."""
    from optimizer.online import store
    from optimizer.online.ask import ask, canonical

    wanted = dict.fromkeys(references)
    if not wanted:
        return LiveFacts()
    facts = ask(wanted, options, store.load())
    answered = {name: live for r, live in facts.images.items() if isinstance(live, Live) and (name := canonical(r))}
    try:
        if answered:
            store.keep(answered)
    except OSError as error:
        warn(f"{quoted(store.folder())}: answers are not kept: {reason_of(error)}")
    warn_of(facts.refusals, warn)
    return facts


def ask_projects(requirements: Iterable[Requirement], options: Options, warn: Warn) -> LiveFacts:
    """Ask pip's package index about Python requirements, and warn where it does not answer."""
    wanted = dict.fromkeys(requirements)
    if not wanted:
        return LiveFacts()
    from optimizer.online.wheels import ask_wheels

    facts = ask_wheels(wanted, options)
    warn_of(facts.refusals, warn)
    return facts


def warn_of(refusals: Iterable[Refusal], warn: Warn) -> None:
    """Tell once for each registry or index what it did not answer, and why."""
    by_source: dict[str, list[Refusal]] = {}
    for refusal in refusals:
        by_source.setdefault(refusal.source, []).append(refusal)
    for source, found in by_source.items():
        reasons = "; ".join(f"{item.reason} ({_few(item.asked)})" for item in found)
        warn(f"no answer from {source}: {reasons}")


def _few(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(map(quoted, names[:_NAMED])) + (f" and {rest} more" if rest > 0 else "")


def _answers(options: Options, wanted: Iterable[Questions], warn: Warn) -> LiveFacts:
    found = list(wanted)
    images = ask_images([name for item in found for name in item.images], options, warn)
    projects = ask_projects([name for item in found for name in item.projects], options, warn)
    return LiveFacts(images.images, projects.wheels, images.refusals + projects.refusals)


def _of(facts: LiveFacts, wanted: Questions) -> LiveFacts:
    """Return the part that one file asked for: workers get no more than they need."""
    return LiveFacts(_part(facts.images, wanted.images), _part(facts.wheels, wanted.projects))


def _part(facts: Mapping[Key, Value], keys: Iterable[Key]) -> dict[Key, Value]:
    return {key: facts[key] for key in keys if key in facts}
