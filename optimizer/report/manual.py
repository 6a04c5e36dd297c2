"""The manual pages and the table of all transforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from optimizer.report.colour import PLAIN, Palette
from optimizer.rewrite.change import Safety

if TYPE_CHECKING:
    from optimizer.rewrite.registry import Transform

_PROMISES = {
    Safety.SAFE: "can be told only by time, cache, size or number of layers",
    Safety.REVIEW: "the image differs as this page says; a reader of the diff can judge it",
    Safety.RISKY: "holds only if something is true that the files cannot show; prove it",
    Safety.ADVICE: "a finding without an edit",
}


def manual_page(item: Transform, palette: Palette = PLAIN) -> str:
    """Return the manual page of a transform, ending with a newline."""
    facts = [("Safety", f"{palette.safety(item.safety.value)} ({_PROMISES[item.safety]})")]
    facts.append(("Applied", applied_from(item)))
    facts.append(("Phase", item.phase.name.lower()))
    if item.see:
        facts.append(("See", ", ".join(item.see)))
    lines = [palette.strong(item.name), "", item.doc.strip(), ""]
    lines += [f"{label + ':':<9}{value}" for label, value in facts]
    return "\n".join(lines) + "\n"


def applied_from(item: Transform) -> str:
    """Tell from which -O level a transform is applied."""
    level = "at no level, only told" if item.safety is Safety.ADVICE else f"from -O{item.safety.level}"
    return level + (", when selected by name" if item.optional else "")


def rules_text(items: Sequence[Transform], palette: Palette = PLAIN) -> str:
    """Return the transforms as a table in plain text."""
    width = max((len(item.name) for item in items), default=0)
    out = []
    for item in items:
        safety = palette.safety(f"{item.safety.value:<7}")
        see = f"  ({', '.join(rule.rpartition(':')[2] for rule in item.see)})" if item.see else ""
        out.append(f"{palette.strong(f'{item.name:<{width}}')}  {safety} {_level(item):<4} {item.summary}{see}\n")
    return "".join(out)


def rules_markdown(items: Sequence[Transform]) -> str:
    """Return the transforms as a Markdown table."""
    rows = ["| Name | Safety | From | What it does | See |", "|---|---|---|---|---|"]
    for item in items:
        see = ", ".join(item.see)
        cells = (f"`{item.name}`", item.safety.value, _level(item), item.summary, see)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def rules_json(items: Sequence[Transform]) -> str:
    """Return the transforms as a JSON list."""
    import json

    return json.dumps([_facts(item) for item in items], indent=2) + "\n"


def _facts(item: Transform) -> dict[str, Any]:
    return {
        "name": item.name,
        "safety": item.safety.value,
        "level": None if item.safety is Safety.ADVICE else item.safety.level,
        "phase": item.phase.name.lower(),
        "optional": item.optional,
        "summary": item.summary,
        "see": list(item.see),
        "doc": item.doc,
    }


def _level(item: Transform) -> str:
    return "-" if item.safety is Safety.ADVICE else f"-O{item.safety.level}" + ("*" if item.optional else "")
