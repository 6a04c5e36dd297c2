"""Physical lines, white space and continuation as BuildKit's parser defines them.

Source: moby/buildkit, frontend/dockerfile/parser/parser.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

# Go's unicode.IsSpace; str.isspace() also takes the separators U+001C to U+001F.
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
LEADING_SPACE = re.compile(f"[{SPACE}]*")
WORD_SPACE = re.compile("[\t\v\f\r ]+")
SPACES = "".join(chr(c) for c in (*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B))) + (
    "\u2028\u2029\u202f\u205f\u3000"
)

BOM = "\ufeff"


def strip(text: str) -> str:
    """Strip what Go's strings.TrimSpace strips."""
    return text.strip(SPACES)


def content_size(text: str) -> int:
    """Return how long `text` is without the white space at its end."""
    return len(text.rstrip(SPACES))


def physical_lines(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each line from `start` on; `end` is behind its line feed."""
    size = len(text)
    while start < size:
        found = text.find("\n", start)
        end = size if found < 0 else found + 1
        yield start, end
        start = end


def content_end(text: str, start: int, end: int) -> int:
    """Return where the content of a physical line ends: in front of its newline characters."""
    while end > start and text[end - 1] in "\r\n":
        end -= 1
    return end


def content_start(text: str, start: int, end: int) -> int:
    """Return where the content of a physical line starts: behind its leading white space."""
    if start < end and "!" <= text[start] <= "~":
        return start
    match = LEADING_SPACE.match(text, start, end)
    return match.end() if match else start


@cache
def continuation(escape: str) -> re.Pattern[str]:
    """Return the pattern of a line's end that goes on in the next line; group 1 is kept."""
    e = re.escape(escape)
    return re.compile(rf"([^{e}]){e}[ \t]*\Z|\A{e}[ \t]*\Z")


@cache
def whole_head(escape: str) -> re.Pattern[str]:
    """Return the pattern of all lines of an instruction, without heredoc bodies.

    Each line that goes on is followed by any number of lines that are skipped, blank or comment.
    """
    e = re.escape(escape)
    skipped = rf"(?:[{SPACE.replace(chr(10), '')}]*(?:#[^\n]*)?\n)*+"
    return re.compile(rf"(?:[^\n]*(?<!{e}){e}[ \t]*\r*\n{skipped})*+[^\n]*\n?")
