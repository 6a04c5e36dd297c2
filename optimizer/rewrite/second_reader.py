"""A second opinion: the instructions as dockerfile-parse reads them."""

from __future__ import annotations

import io

from optimizer.syntax import Dockerfile
from optimizer.syntax.patterns import pattern

_BLANKS = pattern(r"\s+")


def agrees(tree: Dockerfile) -> bool:
    """Tell whether dockerfile-parse finds the same instructions with the same values.

    It does not know heredocs, byte order marks or blank lines inside an instruction, so that a
    difference in itself says nothing; a difference that a rewrite brings does.
    """
    from dockerfile_parse import DockerfileParser

    parser = DockerfileParser(fileobj=io.BytesIO(tree.text.encode("utf-8", "replace")))
    try:
        theirs = [(s["instruction"], _plain(s["value"])) for s in parser.structure if s["instruction"] != "COMMENT"]
    except (KeyError, ValueError, IndexError):
        return False
    ours = [(i.keyword, _plain(i.folded.text[i.shape.keyword_end :])) for i in tree.instructions]
    return ours == theirs


def _plain(text: str) -> str:
    return "".join(text.encode("utf-8", "replace").decode().split())
