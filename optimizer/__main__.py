"""`python -m optimizer` is the command `dockopt`."""

from __future__ import annotations

from optimizer.cli.main import main

if __name__ == "__main__":
    main()
