"""`dockopt verify`: build two images, compare them, run them, and tell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from optimizer.cli.config import Config, Configs
from optimizer.cli.errors import Exit, Failure, InputError
from optimizer.cli.jobs import Job, run_job
from optimizer.cli.names import split_list
from optimizer.cli.plan import Planner, Wishes
from optimizer.cli.proving import context_of, proof_options, prover, recipe_of, telling, wished
from optimizer.cli.streams import Streams, colour_option

if TYPE_CHECKING:
    from optimizer.prove.engines.base import Recipe
    from optimizer.prove.proof import Proof
    from optimizer.prove.verify import Tell
    from optimizer.rewrite.change import Outcome

_FORMATS = ("table", "json", "markdown", "html")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[FILE]")
@click.option("--against", metavar="FILE", help="Hold FILE against this Dockerfile, not against its optimized form.")
@click.option("--images", is_flag=True, help="Hold two images against each other, named in place of FILE.")
@click.option("-O", "level", type=click.IntRange(1, 3), help="How far to optimize, as for `dockopt fix`.")
@click.option("--select", multiple=True, metavar="NAMES", help="Only these transforms or rules.")
@click.option("--ignore", multiple=True, metavar="NAMES", help="Not these transforms or rules.")
@click.option("--context", metavar="DIR", help="The build context; default: the folder of the Dockerfile.")
@click.option("--target", metavar="NAME", help="The stage to build; default: the last.")
@click.option("--config", metavar="FILE", help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Use no configuration file.")
@proof_options
@click.option("--format", "form", type=click.Choice(_FORMATS), default="table", help="How to tell; default: table.")
@click.option("--output", metavar="PATH", help="Put the result into this file.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@colour_option
def verify(names: tuple[str, ...], **given: Any) -> int:
    """Prove that a Dockerfile and its optimized form give the same image, but smaller.

    Both are built, their images are read and compared file by file, and both are run. FILE is a
    Dockerfile (default: ./Dockerfile). Nothing is written into its folder; everything that was built is removed.

    Exit codes: 0 it holds; 1 it does not; 2 wrong usage, no engine, or the original does not build or run; 3 a
    fault of dockopt.
    """
    _refuse_contradictions(names, given)
    streams = Streams(given["colour"], given["output"])
    with telling(given["quiet"]) as tell:
        told = _images(names, given, tell) if given["images"] else _files(names, given, tell)
    if told is None:
        streams.err(f"{names[0] if names else 'Dockerfile'}: nothing to change, so nothing was built")
        return int(Exit.FINE)
    name, proof, diff = told
    streams.out(_shown(given["form"], name, proof, diff, streams))
    streams.close()
    return _exit(proof)


def _refuse_contradictions(names: tuple[str, ...], given: dict[str, Any]) -> None:
    if given["images"] and len(names) != 2:
        raise click.UsageError("--images needs the names of two images.")
    if given["images"] and given["against"]:
        raise click.UsageError("--images and --against contradict each other.")
    if not given["images"] and len(names) > 1:
        raise click.UsageError("Name one Dockerfile, or two images with --images.")
    if given["config"] is not None and given["isolated"]:
        raise click.UsageError("--config and --isolated contradict each other.")
    if given["context"] is not None and not os.path.isdir(given["context"]):
        raise InputError(f"--context: {given['context']!r} is not a folder")


def _images(names: tuple[str, ...], given: dict[str, Any], tell: Tell) -> tuple[str, Proof, str]:
    config = Configs(given["config"], given["isolated"]).of(".")
    with prover(wished(given, config.verify), ".", None, tell) as found:
        proof = _proof(found, names[0], names[1], None)
    return f"{names[0]} -> {names[1]}", proof, ""


def _files(names: tuple[str, ...], given: dict[str, Any], tell: Tell) -> tuple[str, Proof, str] | None:
    configs = Configs(given["config"], given["isolated"])
    targets = (given["target"],) if given["target"] else ()
    wishes = Wishes(
        given["level"],
        split_list(given["select"]),
        split_list(given["ignore"]),
        targets=targets,
        context=given["context"],
    )
    planner = Planner(wishes, configs)
    job = _one(planner, names[0] if names else ".")
    config: Config = configs.of(os.path.dirname(job.path) or ".")
    outcome: Outcome | None = None
    if given["against"] is None:
        result = run_job(job)
        if isinstance(result, Failure):
            raise _error(result)
        if not result.changed:
            return None
        outcome = result
    other = recipe_of(job, outcome) if outcome else recipe_of(_one(planner, given["against"]))
    with prover(wished(given, config.verify), context_of(job), given["target"], tell) as found:
        proof = _proof(found, recipe_of(job), other, outcome)
    return job.name, proof, _diff(outcome) if outcome else ""


def _one(planner: Planner, path: str) -> Job:
    """Return the job for one Dockerfile; of a folder, for the one that stands directly in it."""
    if os.path.isdir(path):
        here = [os.path.join(path, n) for n in ("Dockerfile", "Containerfile") if os.path.exists(os.path.join(path, n))]
        if not here:
            raise InputError(f"{path}: has no Dockerfile; name one")
        path = here[0]
    for item in planner.jobs((path,)):
        if isinstance(item, Failure):
            raise _error(item)
        return item
    raise InputError(f"{path}: no Dockerfile")


def _error(failure: Failure) -> Exception:
    text = f"{failure.path}: {failure.message}" if failure.path else failure.message
    return RuntimeError(text) if failure.fault else InputError(text)


def _proof(found: Any, before: Recipe | str, after: Recipe | str, outcome: Outcome | None) -> Proof:
    from optimizer.prove.engines.base import EngineError
    from optimizer.prove.verify import Unfit

    try:
        base = found.baseline(before)
        proof: Proof = found.scanned(found.prove(base, after, outcome))
        return proof
    except Unfit as error:
        return error.proof
    except EngineError as error:
        raise InputError(f"{found.engine_name}: {error}") from error


def _diff(outcome: Outcome) -> str:
    from optimizer.report.diff import file_diff

    return file_diff(outcome)


def _shown(form: str, name: str, proof: Proof, diff: str, streams: Streams) -> str:
    from optimizer import __version__

    if form == "json":
        from optimizer.report.verify_json import document

        return document(name, proof, __version__, diff)
    if form == "markdown":
        from optimizer.report.verify_markdown import markdown

        return markdown(name, proof, diff)
    if form == "html":
        from optimizer.report.verify_html import page

        return page(name, proof, __version__, diff)
    from optimizer.report.verify import table

    return table(name, proof, streams.palette)


def _exit(proof: Proof) -> int:
    from optimizer.prove.proof import Verdict

    if proof.holds:
        return int(Exit.FINE)
    unfit = (Verdict.ORIGINAL_DOES_NOT_BUILD, Verdict.ORIGINAL_DOES_NOT_RUN)
    return int(Exit.INPUT if proof.verdict in unfit else Exit.FOUND)
