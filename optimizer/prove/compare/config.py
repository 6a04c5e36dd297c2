"""The run-time configuration of two images."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from optimizer.prove.compare.causes import BASE, Causes
from optimizer.prove.compare.types import Finding
from optimizer.prove.image import ImageConfig

# The fields that are one value each, with their names in an image's config and the instruction that sets them.
_FIELDS = (
    ("entrypoint", "Entrypoint", "ENTRYPOINT"),
    ("cmd", "Cmd", "CMD"),
    ("user", "User", "USER"),
    ("workdir", "WorkingDir", "WORKDIR"),
    ("stop_signal", "StopSignal", "STOPSIGNAL"),
    ("shell", "Shell", "SHELL"),
    ("onbuild", "OnBuild", "ONBUILD"),
    ("architecture", "Architecture", ""),
    ("os", "Os", ""),
)
_SETS = (("exposed", "ExposedPorts", "EXPOSE"), ("volumes", "Volumes", "VOLUME"))
# What only people read.
_NOTED = frozenset({"Labels", "Shell"})


def compare_config(before: ImageConfig, after: ImageConfig, causes: Causes) -> Iterator[Finding]:
    """Yield every setting that differs."""
    for field, name, keyword in _FIELDS:
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            yield _finding(name, old, new, keyword, "", causes)
    for field, name, keyword in _SETS:
        old, new = set(getattr(before, field)), set(getattr(after, field))
        for item in sorted(old ^ new):
            yield _finding(f"{name}.{item}", item in old, item in new, keyword, item, causes)
    for field, name, keyword in (("env", "Env", "ENV"), ("labels", "Labels", "LABEL")):
        olds, news = getattr(before, field), getattr(after, field)
        for key in sorted(olds.keys() | news.keys()):
            if olds.get(key) != news.get(key):
                yield _finding(f"{name}.{key}", olds.get(key), news.get(key), keyword, key, causes)
    yield from _health(before, after, causes)


def _health(before: ImageConfig, after: ImageConfig, causes: Causes) -> Iterator[Finding]:
    old, new = before.healthcheck, after.healthcheck
    if old == new:
        return
    if old is None or new is None or old.test != new.test:
        yield _finding("Healthcheck", old and old.test, new and new.test, "HEALTHCHECK", "", causes)
        return
    for name in ("interval", "timeout", "start_period", "start_interval", "retries"):
        if getattr(old, name) != getattr(new, name):
            yield _finding(f"Healthcheck.{name}", getattr(old, name), getattr(new, name), "HEALTHCHECK", "", causes)


def _finding(where: str, old: Any, new: Any, keyword: str, key: str, causes: Causes) -> Finding:
    explained = causes.of_keyword(keyword, *(["MAINTAINER"] if keyword == "LABEL" else []))
    if not explained and not causes.sets(keyword, key):
        # The setting is the base image's.
        explained = causes.of_phase(BASE)
    severity = "noted" if where.partition(".")[0] in _NOTED else "differs"
    return Finding("config", severity, _difference(old, new), where, explained)  # type: ignore[arg-type]


def _difference(old: Any, new: Any) -> str:
    if not old or not new:
        return f"was not set, is {_shown(new)}" if not old else f"was {_shown(old)}, is not set"
    return f"was {_shown(old)}, is {_shown(new)}"


def _shown(value: Any) -> str:
    return "set" if value is True else json.dumps(value, ensure_ascii=True)
