"""Text to a lossless tree. Never raises: any text has a tree."""

from __future__ import annotations

from functools import lru_cache

from optimizer.syntax.folding import Fold, fold
from optimizer.syntax.lines import BOM, content_end, content_start, physical_lines, whole_head
from optimizer.syntax.nodes import Blank, Comment, Directive, Dockerfile, Heredoc, Instruction, Node, Shape
from optimizer.syntax.patterns import pattern
from optimizer.syntax.spans import Span
from optimizer.syntax.words import HeredocMark, keyword_end, read_flags, read_heredocs, read_json, skip_space

_DIRECTIVE = pattern(r"#[ \t\f\r]*([a-zA-Z][a-zA-Z0-9]*)[ \t\f\r]*=[ \t\f\r]*(.+?)[ \t\f\r]*\Z")
_DIRECTIVES = frozenset({"syntax", "escape", "check"})
_JSON = frozenset({"ADD", "COPY", "RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME"})
_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})


def parse(text: str) -> Dockerfile:
    """Parse the text of a Dockerfile as BuildKit does."""
    nodes: list[Node] = []
    at = 0
    if text.startswith(BOM):
        nodes.append(Blank(0, 1))
        at = 1
    escape, at = _read_directives(text, at, nodes)
    size = len(text)
    while at < size:
        found = text.find("\n", at)
        line_end = size if found < 0 else found + 1
        stop = content_end(text, at, line_end)
        first = content_start(text, at, stop)
        if first == stop:
            nodes.append(Blank(at, line_end))
            at = line_end
        elif text[first] == "#":
            nodes.append(Comment(at, line_end))
            at = line_end
        else:
            node = _read_instruction(text, at, line_end, escape)
            nodes.append(node)
            at = node.end
    return Dockerfile(text, tuple(nodes), escape)


def _read_directives(text: str, at: int, nodes: list[Node]) -> tuple[str, int]:
    escape = "\\"
    seen: set[str] = set()
    for start, end in physical_lines(text, at):
        stop = content_end(text, start, end)
        match = _DIRECTIVE.match(text[content_start(text, start, stop) : stop])
        name = match.group(1).lower() if match else ""
        if not match or name not in _DIRECTIVES or name in seen:
            break
        seen.add(name)
        if name == "escape":
            if match.group(2) not in ("\\", "`"):
                break
            escape = match.group(2)
        nodes.append(Directive(start, end, name, match.group(2)))
        at = end
    return escape, at


def _read_instruction(text: str, start: int, line_end: int, escape: str) -> Instruction:
    # A line that cannot go on is the whole head; its text alone decides its shape.
    head = text[start:line_end]
    if escape in head:
        match = whole_head(escape).match(text, start)
        head = match.group() if match else head
    shape = _shape(head, escape)
    end = start + shape.size
    heredocs: tuple[Heredoc, ...] = ()
    if "<<" in head:
        heredocs, end = _read_bodies(text, start, end, shape)
    return Instruction(start, end, shape, start, heredocs)


@lru_cache(maxsize=8192)
def _shape(head: str, escape: str) -> Shape:
    line = fold(head, 0, escape)
    return _make_shape(line, skip_space(line.folded.text, 0), content_start(head, 0, len(head)), escape)


def _make_shape(line: Fold, at: int, indent: int, escape: str, below_onbuild: bool = False) -> Shape:
    text = line.folded.text
    end = keyword_end(text, at)
    keyword = text[at:end].upper()
    flags, args_at = read_flags(text, end, escape)
    inner = None
    if keyword == "ONBUILD" and args_at < len(text) and not below_onbuild:
        inner = _make_shape(line, args_at, indent, escape, below_onbuild=True)
    body = skip_space(text, args_at + 3) if keyword == "HEALTHCHECK" and _is_cmd(text, args_at) else args_at
    json = read_json(text, body) if keyword in _JSON or body != args_at else None
    return Shape(
        folded=line.folded,
        size=line.end,
        keyword=keyword,
        keyword_end=end,
        flags=flags,
        args_at=body,
        json=json,
        comments=line.comments,
        blanks=line.blanks,
        indent=indent,
        open=line.open,
        inner=inner,
    )


def _is_cmd(text: str, at: int) -> bool:
    return text[at : at + 3].upper() == "CMD" and (len(text) == at + 3 or text[at + 3].isspace())


@lru_cache(maxsize=1024)
def _marks(shape: Shape) -> tuple[HeredocMark, ...]:
    target = shape.inner if shape.keyword == "ONBUILD" and shape.inner else shape
    if target.keyword not in _HEREDOCS or target.json is not None:
        return ()
    return read_heredocs(shape.folded.text)


def _read_bodies(text: str, base: int, at: int, shape: Shape) -> tuple[tuple[Heredoc, ...], int]:
    heredocs = []
    for mark in _marks(shape):
        body_start = at
        body_end = closing_end = len(text)
        for start, end in physical_lines(text, at):
            line = text[start : content_end(text, start, end)]
            if (line.lstrip("\t") if mark.chomp else line) == mark.name:
                body_end, closing_end = start, end
                break
        word = shape.folded.span(*mark.span)
        heredocs.append(
            Heredoc(
                mark.name,
                mark.expand,
                mark.chomp,
                word and word.shifted(base),
                Span(body_start, body_end),
                Span(body_end, closing_end),
            )
        )
        at = closing_end
    return tuple(heredocs), at
