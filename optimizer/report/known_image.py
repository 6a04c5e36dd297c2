"""What `dockopt catalog show` tells of an image."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from optimizer.catalog.store import table
from optimizer.facts.known_image import KnownImage
from optimizer.report.colour import Palette
from optimizer.report.inspect import ARROW, smaller_lines, support_line, system_line
from optimizer.report.inspect_json import size_values, smaller_values
from optimizer.report.rows import rows
from optimizer.report.words import megabytes


def known_text(known: KnownImage, palette: Palette) -> str:
    """Return the text for one image."""
    lines = rows(_rows(known, palette), indent=2)
    return "\n".join([palette.strong(str(known.tag)), *lines]) + "\n"


def _rows(known: KnownImage, palette: Palette) -> Iterator[tuple[str, str]]:
    tag = known.tag
    yield "listed", _listed(known)
    yield "also", ", ".join(known.aliases)
    yield "chain", ARROW.join(known.chain)
    yield "system", system_line(known.distro, known.distro.shell if known.distro else "")
    yield "platforms", ", ".join(sorted(tag.architectures))
    for support in known.support:
        yield "support", support_line(support, palette)
    yield "instead", f"{known.successor}, the nearest supported release" if known.successor else ""
    if known.size:
        yield "size", f"{megabytes(known.size.bytes)} compressed ({known.size.architecture}, {known.size.day})"
    yield from _config(known)
    for line in smaller_lines(known.smaller, known.size, palette):
        yield "smaller", line
    yield "source", _source(tag.image)


def _listed(known: KnownImage) -> str:
    tag = known.tag
    if tag.guessed:
        return "never; what is told here goes by its spelling"
    return f"since {tag.first}" + (f" until {tag.last}; no longer renewed" if tag.last else ", still renewed")


def _config(known: KnownImage) -> Iterator[tuple[str, str]]:
    config = known.config
    if config is None:
        return
    yield "user", config.user or "root"
    yield "users", _users(config.users)
    yield "workdir", config.workdir
    yield "entrypoint", json.dumps(list(config.entrypoint)) if config.entrypoint else ""
    yield "cmd", json.dumps(list(config.cmd)) if config.cmd else ""
    for name, value in config.env.items():
        yield "env", f"{name}={value}" if value else f"{name} (differs between releases)"
    yield "expose", " ".join(config.exposed)
    yield "volume", " ".join(config.volumes)
    yield "stopsignal", config.stop_signal
    yield "onbuild", "carries triggers, which are not listed here" if config.onbuild else ""


def _users(users: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" if number >= 0 else name for name, number in users.items())


def _source(image: str) -> str:
    header = table(f"tags/{image}").header
    return f"{header['source']} at {header['commit'][:12]} of {header['day']}"


def known_json(known: KnownImage) -> str:
    """Return the same as JSON."""
    header = table(f"tags/{known.tag.image}").header
    config: dict[str, Any] | None = None
    if known.config is not None:
        config = {**known.config._asdict(), "env": dict(known.config.env), "users": dict(known.config.users)}
    content = {
        **known.tag._asdict(),
        "aliases": known.aliases,
        "chain": known.chain,
        "distribution": known.distro._asdict() if known.distro else None,
        "config": config,
        "size": size_values(known.size),
        "support": [{**found.life._asdict(), "over": found.over} for found in known.support],
        "instead": str(known.successor) if known.successor else None,
        "smaller": [smaller_values(found) for found in known.smaller],
        "source": {name: header[name] for name in ("source", "commit", "day")},
    }
    return json.dumps(content, indent=2, ensure_ascii=True) + "\n"
