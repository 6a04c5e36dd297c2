"""XML manifests: their elements, whatever the namespace. Entities are not expanded."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element


def load_xml(text: str | None, tag: str) -> tuple[Element | None, str]:
    """Return the root element `tag` of a text, or None and the reason."""
    if text is None:
        return None, "is too large"
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        # Entities could grow without bound, or name other files.
        return None, "declares a document type"
    try:
        root = ElementTree.fromstring(text.removeprefix("\ufeff").lstrip().encode("utf-8", "replace"))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        return None, f"is not valid XML: {error}"
    return (root, "") if _tag(root) == tag else (None, f"has no element {tag}")


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element: Element | None, tag: str) -> Element | None:
    """Return the first child of a name."""
    return next((e for e in element if _tag(e) == tag), None) if element is not None else None


def children(element: Element | None, *tags: str) -> list[Element]:
    """Return the elements at the end of a way of names; `*` stands for any."""
    found = [element] if element is not None else []
    for tag in tags:
        found = [e for parent in found for e in parent if _tag(e) and tag in ("*", _tag(e))]
    return found


def text_at(element: Element | None, tag: str) -> str:
    """Return the text of a child, "" where there is none."""
    found = child(element, tag)
    return (found.text or "").strip() if found is not None else ""
