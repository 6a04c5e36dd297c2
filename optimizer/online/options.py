"""How to ask: whom, how long, and about what."""

from __future__ import annotations

from dataclasses import dataclass

# Seconds. A registry that is slower than this is as good as away: somebody waits at a terminal.
CONNECT = 3.0
READ = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for all questions of a run.

    `seconds` is the time for all of them together, `workers` how many are asked at once. Sizes are read for
    `platforms`, at the price of a request each, which Docker Hub counts as a pull. `mirrors` are pairs of
    a registry and the place that is asked in its stead, a host with an optional path ("docker.io",
    "mirror.example.com/hub"). `insecure` are registries ("host" or "host:port") that speak plain
    HTTP, as loopback addresses may in any case. A stored answer younger than `fresh` seconds is not asked for again;
    one younger than `stale` seconds is better than none where its registry does not answer.
    """

    seconds: float = 20.0
    workers: int = 8
    platforms: tuple[str, ...] = ("linux/amd64",)
    mirrors: tuple[tuple[str, str], ...] = ()
    insecure: tuple[str, ...] = ()
    fresh: float = 3600.0
    stale: float = 7 * 86400.0
