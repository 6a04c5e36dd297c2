"""The configuration of two images, and what may differ between them."""

from __future__ import annotations

from typing import Any

from tests.engine.docker import LABEL


def settings(image: dict[str, Any]) -> dict[str, Any]:
    """Return all that an image says about itself, flat: labels and the like one by one."""
    found: dict[str, Any] = {name: image.get(name) for name in ("Architecture", "Os", "Author")}
    for key, value in image["Config"].items():
        if isinstance(value, dict) and key != "Healthcheck":
            found.update({f"{key}.{name}": inner for name, inner in value.items() if name != LABEL})
        else:
            found[key] = value
    return found


def compare_settings(
    before: dict[str, Any], after: dict[str, Any], claims: dict[str, Any]
) -> tuple[list[str], set[str]]:
    """Return what differs without a claim, and the claims that came true."""
    problems, used = [], set()
    old, new = settings(before), settings(after)
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) == new.get(key):
            continue
        if key in claims and claims[key] == new.get(key, ""):
            used.add(key)
        else:
            problems.append(f"config {key}: {old.get(key)!r} -> {new.get(key)!r}")
    return problems, used
