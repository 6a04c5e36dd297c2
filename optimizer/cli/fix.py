"""`dockopt fix`: rewrite Dockerfiles, or show how."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from optimizer.cli.config import CACHES, MERGES, Configs
from optimizer.cli.errors import Failure, InputError
from optimizer.cli.jobs import Job
from optimizer.cli.names import split_list
from optimizer.cli.parallel import cores, results
from optimizer.cli.plan import Planner, Wishes
from optimizer.cli.proving import NAMES, proof_options
from optimizer.cli.run import Run
from optimizer.cli.shapes import BY_FORMAT, InPlace, Patches, Shape, Whole
from optimizer.cli.streams import Streams, colour_option


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--diff", is_flag=True, help="Print a diff and write nothing.")
@click.option("--check", is_flag=True, help="Write nothing, list what would change, exit with 1 if anything would.")
@click.option(
    "-O", "level", type=click.IntRange(1, 3), help="1: safe changes; 2: also those to review (default); 3: also risky."
)
@click.option("--select", multiple=True, metavar="NAMES", help="Only these transforms or rules, separated by commas.")
@click.option("--ignore", multiple=True, metavar="NAMES", help="Not these transforms or rules.")
@click.option("--format", "form", type=click.Choice(list(BY_FORMAT)), help="Print results so, and write nothing.")
@click.option("--output", metavar="PATH", help="Put results into this file (patches: into this folder).")
@click.option("--stdin-filename", metavar="PATH", help="The file whose text comes from standard input.")
@click.option("--context", metavar="DIR", help="The build context; default: the folder of the Dockerfile.")
@click.option("--no-context", is_flag=True, help="Look at no file but the Dockerfile.")
@click.option("--caches", type=click.Choice(CACHES), help="Package caches: as mounts, or cleaned away.")
@click.option("--merge", type=click.Choice(MERGES), help="Which RUN instructions to merge.")
@click.option("--target", "targets", multiple=True, metavar="NAME", help="A stage that is built by its name.")
@click.option("--config", metavar="FILE", help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Use no configuration file.")
@click.option(
    "--online",
    is_flag=True,
    help="Ask the registries of the base images, and pip's package index, before changing anything.",
)
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Files worked on at once; default: the cores.")
@click.option("-q", "--quiet", is_flag=True, help="No explanations and no summary.")
@click.option("-v", "--verbose", count=True, help="Tell what was left alone and why; twice: tell more.")
@click.option("--verify", is_flag=True, help="Build before and after, run both, and keep only what holds.")
@click.option(
    "--builds", type=click.IntRange(2), metavar="N", help="With --verify: at most so many builds; default 20."
)
@click.option("--minutes", type=click.IntRange(1), metavar="N", help="With --verify: at most so long; default 60.")
@proof_options
@colour_option
def fix(paths: tuple[str, ...], **given: Any) -> int:
    """Make the images of Dockerfiles smaller.

    PATHS are files, folders to search, or `-` for standard input; default: the working directory.
    Files are changed in place unless --diff, --check, --format or --output is given.

    Nothing is asked over a network unless --online is given. Then the registries that the files name are asked
    whether images exist, for which platforms, their size and digest; with the credentials of `docker login` where a
    registry wants some. One that does not answer gives a warning, and what dockopt knows by itself holds.
    """
    paths = paths or (".",)
    piped = "-" in paths
    _refuse_contradictions(paths, given)
    if given["context"] is not None and not os.path.isdir(given["context"]):
        raise InputError(f"--context: {given['context']!r} is not a folder")
    form = given["form"] or ("diff" if given["diff"] else "text" if given["check"] else None)
    if form is None and given["output"] is not None and not piped:
        form = "diff"
    wishes = Wishes(
        given["level"],
        split_list(given["select"]),
        split_list(given["ignore"]),
        given["caches"],
        given["merge"],
        split_list(given["targets"]),
        given["context"],
        given["no_context"],
        given["online"],
        one_file=piped and form is None,
    )
    planner = Planner(wishes, Configs(given["config"], given["isolated"]))
    folder = given["output"] if form == "patches" else None
    streams = Streams(given["colour"], None if folder is not None else given["output"])
    run = Run(
        _shape(form, piped, folder, streams, not given["quiet"]),
        streams,
        given["verbose"],
        given["quiet"],
        sums_up=not piped,
    )
    jobs = _plan(planner, paths, given["stdin_filename"], run)
    if given["online"]:
        from optimizer.cli.online import ask_first

        jobs = ask_first(jobs, run)
    silent = form is None or streams.file is not None
    done = _tracked(jobs, given["jobs"] or cores(), not given["quiet"] and not given["verify"], silent)
    if given["verify"]:
        from optimizer.cli.fix_verify import Verifier

        return Verifier(planner.configs, run, given).take(done)
    run.take(done)
    return run.finish(given["check"])


def _refuse_contradictions(paths: tuple[str, ...], given: dict[str, Any]) -> None:
    if "-" in paths and len(paths) > 1:
        raise click.UsageError("'-' (standard input) cannot be mixed with other paths.")
    if given["stdin_filename"] is not None and "-" not in paths:
        raise click.UsageError("--stdin-filename needs '-' as the path.")
    if given["diff"] and given["form"] not in (None, "diff"):
        raise click.UsageError(f"--diff and --format {given['form']} contradict each other.")
    if given["context"] is not None and given["no_context"]:
        raise click.UsageError("--context and --no-context contradict each other.")
    if given["config"] is not None and given["isolated"]:
        raise click.UsageError("--config and --isolated contradict each other.")
    if given["verify"] and given["no_context"]:
        raise click.UsageError("--verify builds, so it needs the build context: --no-context contradicts it.")
    if not given["verify"]:
        for name in ("builds", "minutes", *NAMES):
            if given[name] not in (None, (), False):
                raise click.UsageError("Options of building and running need --verify.")


def _shape(form: str | None, piped: bool, folder: str | None, streams: Streams, explain: bool) -> Shape:
    if form == "patches":
        return Patches(streams, explain, folder)
    if form is not None:
        return BY_FORMAT[form](streams, explain)
    return Whole(streams, explain) if piped else InPlace(streams, explain)


def _plan(planner: Planner, paths: tuple[str, ...], name: str | None, run: Run) -> list[Job]:
    if paths == ("-",):
        return [planner.job_for_input(sys.stdin.buffer.read(), name)]
    jobs = []
    for item in planner.jobs(paths):
        if isinstance(item, Failure):
            run.fail(item)
        else:
            jobs.append(item)
    if not jobs and not run.failures and not run.quiet:
        run.streams.err(f"no Dockerfile found in {', '.join(paths)}")
    return jobs


def _tracked(jobs: list[Job], workers: int, loud: bool, silent_output: bool) -> Any:
    done = results(jobs, workers)
    if len(jobs) == 1 or not loud:
        return done
    from optimizer.cli.progress import tracked

    return tracked(done, len(jobs), silent_output or not sys.stdout.isatty())
