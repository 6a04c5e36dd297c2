"""The table of sizes at the end of a test run."""

from __future__ import annotations

from collections.abc import Iterable

PROPERTY = "image sizes"


def lines(rows: Iterable[tuple[str, dict[int, int]]]) -> list[str]:
    """Return the table: a line for each image, sizes in MB, and what is left of them."""
    found = [f"{'image':<24}{'before':>10}{'-O2':>10}{'-O3':>10}{'ratio':>8}"]
    for name, sizes in sorted(rows):
        cells = [f"{sizes[level] / 1e6:.1f} MB" if level in sizes else "-" for level in (0, 2, 3)]
        ratio = f"{min(sizes.values()) / sizes[0]:.2f}" if 0 in sizes else "-"
        found.append(f"{name:<24}{cells[0]:>10}{cells[1]:>10}{cells[2]:>10}{ratio:>8}")
    return found
