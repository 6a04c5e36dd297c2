"""What official images bring along: the configuration that a Dockerfile inherits by its FROM.

Source: the Dockerfiles of the images, at the commits that `optimizer.catalog.parents` names; kept in data/configs.txt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from optimizer.catalog.cycles import as_numbers, version_of
from optimizer.catalog.lineage import SCRATCH, chain
from optimizer.catalog.store import DATA
from optimizer.catalog.tags import Tag, find_tag

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class BaseConfig(NamedTuple):
    """The configuration of an image.

    `env` has "" for values that differ between releases; `user` is "" for root; `users` are the named users that
    matter, by uid; `onbuild` tells that the image carries ONBUILD triggers, which are not listed.
    """

    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    user: str = ""
    workdir: str = ""
    stop_signal: str = ""
    env: Mapping[str, str] = {"PATH": DEFAULT_PATH}
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    onbuild: bool = False
    users: Mapping[str, int] = {"root": 0}


class _Section(NamedTuple):
    image: str
    conditions: tuple[str, ...]
    lines: tuple[str, ...]


def config_of(tag: Tag) -> BaseConfig | None:
    """Return what an image of this tag brings along; None where its whole chain is not known."""
    links = chain(tag.image, tag.name)
    if not links:
        return None
    config, done = BaseConfig(), set[_Section]()
    for link in reversed(links):
        image, _, name = link.partition(":")
        known = find_tag(image, name or "latest")
        if link == SCRATCH or image.startswith("redhat/"):
            continue
        if known is None or (not _sections(image) and image != "buildpack-deps"):
            return None
        for section in _sections(image):
            # rabbitmq:management is built from rabbitmq: what that one has is not added twice.
            if section not in done and all(_holds(condition, known) for condition in section.conditions):
                config = _with_lines(config, section.lines)
                done.add(section)
    return config._replace(onbuild="onbuild" in tag.variant.split("+"))


def _sections(image: str) -> tuple[_Section, ...]:
    return tuple(section for section in _read() if section.image == image)


@lru_cache(maxsize=1)
def _read() -> tuple[_Section, ...]:
    sections: list[tuple[list[str], list[str]]] = []
    for line in (DATA / "configs.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            sections.append((line[1 : line.index("]")].split(), []))
        elif line and not line.startswith("#"):
            sections[-1][1].append(line)
    return tuple(_Section(head[0], tuple(head[1:]), tuple(lines)) for head, lines in sections)


def _holds(condition: str, tag: Tag) -> bool:
    if condition[0] in "<>":
        version, bound = as_numbers(version_of(tag)), as_numbers(condition.lstrip("<>="))
        # A tag such as "lts-slim" that is not listed has no version: then the newest one is as good a guess as any.
        return condition[0] == ">" if not version else (version < bound) == (condition[0] == "<")
    words = {*tag.variant.split("+"), tag.distro.partition(":")[0]}
    return condition[1:] not in words if condition[0] == "-" else condition in words


def _with_lines(config: BaseConfig, lines: tuple[str, ...]) -> BaseConfig:
    for line in lines:
        keyword, _, rest = line.partition(" ")
        if keyword == "ENV":
            config = config._replace(env={**config.env, **_variables(rest, config.env)})
        elif keyword == "UID":
            name, _, number = rest.partition(" ")
            config = config._replace(users={**config.users, name: int(number or -1)})
        elif keyword == "ENTRYPOINT":
            # A new ENTRYPOINT takes the inherited CMD away.
            config = config._replace(entrypoint=tuple(json.loads(rest)), cmd=())
        elif keyword == "CMD":
            config = config._replace(cmd=tuple(json.loads(rest)))
        elif keyword == "EXPOSE":
            ports = (port if "/" in port else f"{port}/tcp" for port in rest.split())
            config = config._replace(exposed=(*config.exposed, *ports))
        elif keyword == "VOLUME":
            config = config._replace(volumes=tuple(dict.fromkeys((*config.volumes, *rest.split()))))
        elif keyword == "USER":
            config = config._replace(user=rest)
        elif keyword == "WORKDIR":
            config = config._replace(workdir=rest)
        elif keyword == "STOPSIGNAL":
            config = config._replace(stop_signal=rest)
    return config


def _variables(text: str, env: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for word in text.split():
        name, _, value = word.partition("=")
        found[name] = value.replace("$PATH", env["PATH"])
    return found
