"""What the applications of the build context call when they run."""

from __future__ import annotations

from optimizer.facts.document import Document
from optimizer.facts.reader import Reader


def read_applications(doc: Document, reader: Reader) -> list[str]:
    """Add the commands that the started applications call to a reader's uses; return what was not read."""
    if reader.applications and doc.context is None:
        return ["the application was not read, for there is no build context"]
    return []
