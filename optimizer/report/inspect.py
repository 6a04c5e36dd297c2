"""What `dockopt inspect` tells: each stage with its base, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from optimizer.catalog.distros import Distro
from optimizer.catalog.missing import Lost
from optimizer.catalog.sizes import Size
from optimizer.catalog.tags import moved
from optimizer.facts.inspection import Inspection, Support
from optimizer.facts.smaller import Smaller
from optimizer.report.colour import Palette
from optimizer.report.quoting import quoted
from optimizer.report.rows import rows
from optimizer.report.words import many, megabytes, notable, product

ARROW = " -> "


def inspect_text(name: str, found: list[Inspection], palette: Palette) -> str:
    """Return the text for one Dockerfile."""
    parts = [palette.strong(quoted(name)) + "\n"]
    parts += ["\n".join(_stage(item, palette)) + "\n" for item in found]
    if not found:
        parts.append("  no FROM: there is no stage to tell of\n")
    return "\n".join(parts)


def _stage(item: Inspection, palette: Palette) -> Iterator[str]:
    title = item.name or f"stage {item.number}"
    written = "" if item.written == item.resolved or item.stages else f" (written {item.written})"
    yield f"  {palette.strong(title)}, line {item.line}: {ARROW.join((*item.stages, item.resolved))}{written}"
    yield from rows(_rows(item, palette), indent=4)


def _rows(item: Inspection, palette: Palette) -> Iterator[tuple[str, str]]:
    yield "chain", ARROW.join(item.chain) if len(item.chain) > 1 else ""
    yield "base", _base(item)
    yield "system", system_line(item.distro, item.shell)
    yield "user", item.user
    for support in item.support:
        yield "support", support_line(support, palette)
    if item.size and not item.stages:
        yield "size", f"{megabytes(item.size.bytes)} compressed ({item.size.architecture}, {item.size.day})"
    for line in smaller_lines(item.smaller, item.size, palette):
        yield "smaller", line


def _base(item: Inspection) -> str:
    if item.note:
        return f"nothing is known of it: {item.note}"
    if item.distroless is not None:
        end = f", not renewed since {item.distroless.retired}" if item.distroless.retired else ""
        runs = f", runs {item.distroless.runtime}" if item.distroless.runtime else ""
        return f"distroless: no shell, no package manager{runs}{end}"
    if item.tag is None:
        return "empty"
    if not item.official:
        return f"taken for {item.tag}, as a mirror or the configuration says"
    if item.tag.guessed:
        return "official image; this tag was never listed, what is told of it goes by its spelling"
    moves = moved(item.tag)
    since = f"; a floating tag, on {moves[-1][1]} since {moves[-1][0]}" if len(moves) > 1 and item.tag.listed else ""
    return "official image" + (f", not renewed since {item.tag.last}" if item.tag.last else "") + since


def system_line(distro: Distro | None, shell: str) -> str:
    """Return what stands below an image: its system, C library, package manager and shell."""
    if distro is None:
        return f"shell {shell}" if shell else ""
    name = f"{distro.name.partition(':')[0].capitalize()} {distro.release}".rstrip()
    rest = (distro.libc, distro.manager, f"shell {shell}" if shell else "")
    return ", ".join(part for part in (name, *rest) if part)


def support_line(support: Support, palette: Palette) -> str:
    """Return until when something is supported, "" where that is not known."""
    life = support.life
    if support.over:
        return palette.error(f"{product(life)}: ended on {max(life.ends, life.extended)}")
    if "never" in (life.ends, life.extended):
        return f"{product(life)}: no end is set"
    if not life.ends:
        return ""
    until = max(life.ends, life.extended)
    return f"{product(life)}: until {until}" + (" (LTS)" if until != life.ends else "")


def smaller_lines(choices: Iterable[Smaller], size: Size | None, palette: Palette) -> Iterator[str]:
    """Return a line for each smaller image, and for each kind of which there is none; `size` is that of the base."""
    choices = tuple(choices)
    width = max((len(found.name) for found in choices), default=0)
    for found in choices:
        if found.name:
            facts = "; ".join(part for part in (_size(found, size), _what_is_lost(found)) if part)
            yield f"{palette.strong(found.name)}{' ' * (width - len(found.name))}  {facts}".rstrip()
    for found in choices:
        if found.reason:
            yield f"no {found.kind}: {found.reason}"


def _size(found: Smaller, size: Size | None) -> str:
    if found.size is None:
        return "size not known"
    less = ""
    if size is not None and size.bytes > found.size.bytes:
        less = f", {100 - round(100 * found.size.bytes / size.bytes)} % less"
    return megabytes(found.size.bytes) + less


def _what_is_lost(found: Smaller) -> str:
    if found.kind == "distroless":
        return "no shell, no package manager"
    if found.lost is None:
        return "what is missing in it is not known"
    text = lost_text(found.lost)
    return f"without {text}" if text else "nothing is missing in it"


def lost_text(lost: Lost) -> str:
    """Return what is missing, counted, with the names that people would look for: "2 commands (curl, git)"."""
    counts = [many(len(lost.packages), "package")] if lost.packages else []
    counts += [many(len(lost.commands), "command")] if lost.commands else []
    names = notable(lost.commands)
    more = ", ..." if len(lost.commands) > len(names) else ""
    return " and ".join(counts) + (f" ({', '.join(names)}{more})" if names else "")
