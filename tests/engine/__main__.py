"""`python -m tests.engine [pytest's options]`: build all images before and after, and print their sizes."""

import sys

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main(["tests/engine", "-m", "engine", *sys.argv[1:]]))
