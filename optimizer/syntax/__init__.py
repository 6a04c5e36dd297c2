"""Bytes to a lossless tree, with BuildKit's meaning, and the shell inside it."""

from optimizer.syntax.nodes import Blank, Comment, Directive, Dockerfile, Flag, Heredoc, Instruction, Node
from optimizer.syntax.parser import parse
from optimizer.syntax.source import Source
from optimizer.syntax.spans import Span

__all__ = [
    "Blank",
    "Comment",
    "Directive",
    "Dockerfile",
    "Flag",
    "Heredoc",
    "Instruction",
    "Node",
    "Source",
    "Span",
    "parse",
]
