"""`python -m optimizer.catalog.build FACTS`."""

from __future__ import annotations

import sys
from pathlib import Path

from optimizer.catalog.build.debian import build_debian
from optimizer.catalog.build.parts import build_parts
from optimizer.catalog.build.small import build_small
from optimizer.catalog.build.tags import build_tags


def main(arguments: list[str]) -> int:
    """Write all data files from the tables in the folder that is named."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m optimizer.catalog.build FACTS", file=sys.stderr)
        return 2
    facts = Path(arguments[0])
    sizes = {**build_tags(facts), **build_debian(facts), **build_small(facts), **build_parts(facts)}
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:20]:
        print(f"{size:>9,}  {name}")
    print(f"{sum(sizes.values()):>9,}  together, {len(sizes)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
