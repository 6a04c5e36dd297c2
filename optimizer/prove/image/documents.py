"""The JSON documents of an image: read as what they should be, or refused with the place."""

from __future__ import annotations

import json
from typing import Any

from optimizer.prove.image.tar import shown
from optimizer.prove.image.types import Healthcheck, ImageConfig, ImageError


def parse(data: bytes, where: str) -> Any:
    """Return what a JSON document says."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ImageError(f"is no JSON: {error}", where) from None


def as_object(value: Any, where: str) -> dict[str, Any]:
    """Return a JSON object; null and what is missing is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ImageError(f"should be a JSON object and is {_kind(value)}", where)
    return value


def as_list(value: Any, where: str) -> list[Any]:
    """Return a JSON list; null and what is missing is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ImageError(f"should be a JSON list and is {_kind(value)}", where)
    return value


def as_text(value: Any, where: str) -> str:
    """Return a JSON string; null and what is missing is an empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ImageError(f"should be a JSON string and is {_kind(value)}", where)
    return value


def as_texts(value: Any, where: str) -> tuple[str, ...]:
    """Return a JSON list of strings."""
    return tuple(as_text(item, where) for item in as_list(value, where))


def _as_number(value: Any, where: str) -> int:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise ImageError(f"should be a whole number and is {_kind(value)}", where)
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def read_config(document: dict[str, Any], where: str) -> ImageConfig:
    """Return the run-time configuration of an image's config document."""
    config = as_object(document.get("config"), f"{where}: config")

    def place(name: str) -> str:
        return f"{where}: config.{name}"

    def texts(name: str) -> tuple[str, ...]:
        return as_texts(config.get(name), place(name))

    def text(name: str) -> str:
        return as_text(config.get(name), place(name))

    labels = as_object(config.get("Labels"), place("Labels"))
    return ImageConfig(
        entrypoint=texts("Entrypoint"),
        cmd=texts("Cmd"),
        env=_environment(texts("Env")),
        user=text("User"),
        workdir=text("WorkingDir"),
        exposed=tuple(sorted(as_object(config.get("ExposedPorts"), place("ExposedPorts")))),
        volumes=tuple(sorted(as_object(config.get("Volumes"), place("Volumes")))),
        stop_signal=text("StopSignal"),
        healthcheck=_healthcheck(config.get("Healthcheck"), place("Healthcheck")),
        labels={name: as_text(value, place(f"Labels.{shown(name)}")) for name, value in labels.items()},
        shell=texts("Shell"),
        architecture=as_text(document.get("architecture"), f"{where}: architecture"),
        os=as_text(document.get("os"), f"{where}: os"),
        onbuild=texts("OnBuild"),
    )


def _environment(pairs: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def _healthcheck(value: Any, where: str) -> Healthcheck | None:
    check = as_object(value, where)
    test = as_texts(check.get("Test"), f"{where}.Test")
    if not check:
        return None

    def number(name: str) -> int:
        return _as_number(check.get(name), f"{where}.{name}")

    return Healthcheck(
        test=test,
        interval=number("Interval"),
        timeout=number("Timeout"),
        start_period=number("StartPeriod"),
        start_interval=number("StartInterval"),
        retries=number("Retries"),
    )


def layer_digests(document: dict[str, Any], where: str) -> tuple[str, ...]:
    """Return the digests of the uncompressed layers, the lowest first."""
    root = as_object(document.get("rootfs"), f"{where}: rootfs")
    return as_texts(root.get("diff_ids"), f"{where}: rootfs.diff_ids")


def layer_origins(document: dict[str, Any], count: int, where: str) -> tuple[str, ...]:
    """Return what made each layer; all are "" where the history has another number of layers."""
    made = []
    for item in as_list(document.get("history"), f"{where}: history"):
        step = as_object(item, f"{where}: history")
        if not step.get("empty_layer"):
            made.append(as_text(step.get("created_by"), f"{where}: history.created_by"))
    return tuple(made) if len(made) == count else ("",) * count


def platform_of(descriptor: dict[str, Any], where: str) -> str:
    """Return a descriptor's platform, as in linux/arm64/v8; "" where it names none."""
    platform = as_object(descriptor.get("platform"), f"{where}: platform")
    parts = (as_text(platform.get(name), f"{where}: platform") for name in ("os", "architecture", "variant"))
    return "/".join(part for part in parts if part)


def objects(value: Any, where: str) -> list[dict[str, Any]]:
    """Return a JSON list of objects."""
    return [as_object(item, where) for item in as_list(value, where)]
