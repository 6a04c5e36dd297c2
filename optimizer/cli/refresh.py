"""`dockopt catalog refresh`: ask registries anew, and keep what they answer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import click

from optimizer.catalog.live import Live, Unknown
from optimizer.cli.config import Configs
from optimizer.cli.errors import Exit, Failure
from optimizer.cli.jobs import Job
from optimizer.cli.online import ask_images, questions_of
from optimizer.cli.plan import Planner, Wishes
from optimizer.cli.streams import Streams, colour_option
from optimizer.report.colour import Palette
from optimizer.report.quoting import quoted


@click.command(short_help="Ask registries about images, and keep the answers.")
@click.argument("names", nargs=-1, metavar="[NAMES]...")
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    metavar="OS/ARCH",
    help="Read sizes for this platform; default: linux/amd64.",
)
@click.option("--seconds", type=click.FloatRange(0, 600, min_open=True), help="The time for all answers; default: 20.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print the answers.")
@click.option("--config", metavar="FILE", help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Use no configuration file.")
@colour_option
def refresh(names: tuple[str, ...], form: str, colour: str, **given: Any) -> int:
    """Ask registries about images, and keep the answers.

    NAMES are images (python:3.12-slim), or Dockerfiles and folders, whose base images are meant, with those that
    could take their place; default: the working directory. What exists is a path, the rest are images.

    The answers (whether the image exists, platforms, compressed sizes, digest, with date and source) go to
    `dockopt` in XDG_CACHE_HOME or the system's cache folder. `dockopt fix --online` takes fresh ones from there;
    runs without --online never look at them.

    Exit code 2 tells that a registry did not answer for some image.
    """
    streams = Streams(colour)
    configs = Configs(given["config"], given["isolated"])
    paths = [name for name in names if os.path.exists(name)] if names else ["."]
    wanted = {configs.of(".").online: [name for name in names if not os.path.exists(name)]}
    failed = False
    for job in Planner(Wishes(online=True), configs).jobs(paths):
        found = job if isinstance(job, Failure) else questions_of(job)
        if isinstance(found, Failure):
            failed = True
            streams.err(f"error: {quoted(found.path)}: {found.message}")
        elif isinstance(job, Job) and job.online is not None:
            wanted.setdefault(job.online, []).extend(found.images)
    answers: dict[str, Live | Unknown] = {}
    for options, images in wanted.items():
        options = replace(
            options,
            fresh=0.0,
            stale=0.0,
            platforms=given["platforms"] or options.platforms,
            seconds=given["seconds"] or options.seconds,
        )
        answers |= ask_images(images, options, lambda line: streams.err(f"warning: {line}")).images
    if not answers and not failed:
        streams.err("no image to ask about")
    streams.out(_json(answers) if form == "json" else "".join(_lines(answers, streams.palette)))
    failed = failed or any(isinstance(answer, Unknown) for answer in answers.values())
    return int(Exit.INPUT if failed else Exit.FINE)


def _lines(answers: Mapping[str, Live | Unknown], palette: Palette) -> Iterator[str]:
    for name, answer in answers.items():
        yield f"{palette.strong(quoted(name))}\n"
        if isinstance(answer, Unknown):
            yield f"    no answer: {answer.reason}\n"
        elif not answer.exists:
            yield f"    does not exist ({answer.source}, {answer.asked_at})\n"
        else:
            yield f"    digest:    {answer.digest}\n"
            yield f"    platforms: {', '.join(_platform(answer, p) for p in answer.platforms)}\n"
            yield f"    asked:     {answer.source}, {answer.asked_at}\n"


def _platform(answer: Live, platform: str) -> str:
    size = answer.size_of(platform)
    return platform if size is None else f"{platform} ({size / 1e6:.1f} MB)"


def _json(answers: Mapping[str, Live | Unknown]) -> str:
    rows = [{"image": name, **_fields(answer)} for name, answer in answers.items()]
    return json.dumps({"images": rows}, indent=2) + "\n"


def _fields(answer: Live | Unknown) -> dict[str, Any]:
    if isinstance(answer, Unknown):
        return {"exists": None, "reason": answer.reason}
    return {**asdict(answer), "sizes": dict(answer.sizes)}
