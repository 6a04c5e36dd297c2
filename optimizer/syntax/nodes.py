"""The lossless tree: nodes that tile the text of a Dockerfile."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from optimizer.syntax.folding import Folded
from optimizer.syntax.lines import content_size
from optimizer.syntax.spans import Span
from optimizer.syntax.words import FlagWord


class Flag(NamedTuple):
    """A builder flag; `span` is None where a line's fold cuts the word."""

    name: str
    value: str | None
    span: Span | None


class Heredoc(NamedTuple):
    """A heredoc of an instruction: `word` opens it, `body` is its text, `closing` its last line."""

    name: str
    expand: bool
    chomp: bool
    word: Span | None
    body: Span
    closing: Span


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """All that the head of an instruction says by itself, with offsets from its first character.

    The head are its lines without heredoc bodies. Equal heads share one Shape, so that a file
    that was changed in one place is cheap to read again, and facts can be kept by shape.
    """

    folded: Folded
    size: int
    keyword: str
    keyword_end: int
    flags: tuple[FlagWord, ...]
    args_at: int
    json: tuple[str, ...] | None
    comments: tuple[Span, ...]
    blanks: tuple[Span, ...]
    indent: int
    open: bool
    inner: Shape | None


@dataclass(frozen=True)
class Node:
    """A part of the file; the texts of all nodes joined are the file."""

    start: int
    end: int

    @property
    def span(self) -> Span:
        """The node's place in the file."""
        return Span(self.start, self.end)


@dataclass(frozen=True)
class Blank(Node):
    """A line of white space only, or a byte order mark in front of everything."""


@dataclass(frozen=True)
class Comment(Node):
    """A comment line between instructions."""


@dataclass(frozen=True)
class Directive(Node):
    """A parser directive, `# name=value`, at the head of the file."""

    name: str
    value: str


@dataclass(frozen=True)
class Instruction(Node):
    """One instruction with its heredocs.

    `base` is where the offsets of `shape.folded` count from. For the instruction below ONBUILD,
    `trigger` is that ONBUILD's keyword and the folded text is the whole line's.
    """

    shape: Shape
    base: int
    heredocs: tuple[Heredoc, ...] = ()
    trigger: bool = False

    @property
    def keyword(self) -> str:
        """The instruction's name in capitals."""
        return self.shape.keyword

    @property
    def folded(self) -> Folded:
        """The instruction's text as the builder sees it."""
        return self.shape.folded

    @property
    def args(self) -> str:
        """The folded text behind keyword and flags."""
        return self.shape.folded.text[self.shape.args_at :]

    @property
    def json(self) -> tuple[str, ...] | None:
        """The strings of the JSON form, or None in shell form."""
        return self.shape.json

    @cached_property
    def flags(self) -> tuple[Flag, ...]:
        """The builder flags."""
        return tuple(Flag(f.name, f.value, self.place(*f.span)) for f in self.shape.flags)

    def flag(self, name: str) -> str | None:
        """Return the value of the first flag called `name` ("" where it has none), or None."""
        for flag in self.shape.flags:
            if flag.name == name:
                return flag.value or ""
        return None

    def place(self, start: int, end: int) -> Span | None:
        """Return where a range of the folded text stands in the file, None where a fold cuts it."""
        span = self.shape.folded.span(start, end)
        return span and span.shifted(self.base)

    def reach(self, start: int, end: int) -> Span:
        """Return the range of the file from the first to the last of some folded characters."""
        return self.shape.folded.outer(start, end).shifted(self.base)

    @property
    def keyword_span(self) -> Span:
        """Where the keyword stands."""
        end = self.shape.keyword_end
        return self.reach(end - len(self.shape.keyword), end)

    @property
    def head_end(self) -> int:
        """Where the instruction's own text ends: in front of its last line's newline or blanks."""
        size = content_size(self.shape.folded.text)
        return self.reach(0, size).end if size else self.start

    @property
    def comments(self) -> tuple[Span, ...]:
        """Comment lines between the instruction's own lines."""
        return tuple(s.shifted(self.base) for s in self.shape.comments)

    @property
    def blanks(self) -> tuple[Span, ...]:
        """Empty lines between the instruction's own lines."""
        return tuple(s.shifted(self.base) for s in self.shape.blanks)

    @cached_property
    def onbuild(self) -> Instruction | None:
        """The instruction that an ONBUILD holds."""
        if self.shape.inner is None:
            return None
        return Instruction(self.start, self.end, self.shape.inner, self.base, self.heredocs, trigger=True)


@dataclass(frozen=True)
class Dockerfile:
    """A parsed Dockerfile: its text, the nodes that tile it, and its escape character."""

    text: str
    nodes: tuple[Node, ...]
    escape: str

    @cached_property
    def instructions(self) -> tuple[Instruction, ...]:
        """The instructions in order."""
        return tuple(n for n in self.nodes if isinstance(n, Instruction))

    def directive(self, name: str) -> str | None:
        """Return the value of a parser directive, or None."""
        for node in self.nodes:
            if isinstance(node, Directive):
                if node.name == name:
                    return node.value
            elif not isinstance(node, Blank):
                break
        return None

    def tiles(self) -> bool:
        """Tell whether the nodes cover the text without gap or overlap."""
        at = 0
        for node in self.nodes:
            if node.start != at or node.end <= at:
                return False
            at = node.end
        return at == len(self.text)
