"""File names as git writes them."""

from __future__ import annotations

from optimizer.syntax.source import encode

_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def quoted(name: str) -> str:
    """Return a file name as it is, or in double quotes with escapes where git would quote it."""
    data = encode(name)
    if all(32 <= byte < 127 and byte not in _ESCAPES for byte in data):
        return name
    return '"' + "".join(_escaped(byte) for byte in data) + '"'


def _escaped(byte: int) -> str:
    if byte in _ESCAPES:
        return _ESCAPES[byte]
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
