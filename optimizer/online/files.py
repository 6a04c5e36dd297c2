"""The page of a project in a simple repository, as JSON or HTML. Source: PEP 691, PEP 503, PEP 592."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from optimizer.online.trouble import Refused, read_object


class File(NamedTuple):
    """A file of a project: its name, the Pythons that it is for (a specifier or ""), and whether it is withdrawn."""

    name: str
    requires: str
    yanked: bool


def read_files(body: bytes, kind: str) -> list[File]:
    """Return the files on a page; `kind` is its Content-Type. Raises Refused where it is no such page."""
    if "json" not in kind:
        reader = _Links()
        reader.feed(body.decode("utf-8", "replace"))
        return reader.files
    listed = read_object(body, "the answer").get("files")
    if not isinstance(listed, list):
        raise Refused("the answer has no list of files")
    found = []
    for entry in listed:
        name = entry.get("filename") if isinstance(entry, dict) else None
        if isinstance(name, str):
            requires = entry.get("requires-python")
            found.append(
                File(name, requires if isinstance(requires, str) else "", entry.get("yanked", False) is not False)
            )
    return found


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.files: list[File] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = unquote(urlsplit(values.get("href") or "").path.rpartition("/")[2])
        if tag == "a" and name:
            self.files.append(File(name, values.get("data-requires-python") or "", "data-yanked" in values))
