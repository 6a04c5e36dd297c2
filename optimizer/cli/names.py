"""Names that a user gives, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optimizer.rewrite.registry import Transform, all_transforms, names_of


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a sentence with a space in front that names the likeliest known names, "" if none is near."""
    from difflib import get_close_matches

    by_lower = {k.lower(): k for k in known}
    near = get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(by_lower[n]) for n in near)}?" if near else ""


def unknown_names(names: Sequence[str]) -> list[str]:
    """Return a sentence for each name that no transform answers to."""
    known = {n for item in all_transforms() for n in names_of(item)}
    return [
        f"Unknown transform or rule {name!r}.{did_you_mean(name, _shown(known))}"
        for name in names
        if name.lower() not in known
    ]


def called(name: str) -> list[Transform]:
    """Return the transforms that answer to a name or to the id of another tool's rule."""
    return [item for item in all_transforms() if name.lower() in names_of(item)]


def split_list(values: Iterable[str]) -> tuple[str, ...]:
    """Split values at commas and drop what is empty."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _shown(known: Iterable[str]) -> list[str]:
    names = {item.name for item in all_transforms()}
    return [n if n in names else n.upper() for n in known if ":" not in n]
