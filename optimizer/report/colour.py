"""Colour for a terminal, and none for a pipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import click

_SAFETIES = {"safe": "green", "review": "yellow", "risky": "red", "advice": "blue"}


def wants_colour(choice: str, terminal: bool, environment: Mapping[str, str]) -> bool:
    """Tell whether to colour a stream.

    `choice` is "auto", "always" or "never"; in "auto", NO_COLOR and FORCE_COLOR in the environment
    decide, then whether the stream is a terminal that knows colour.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return terminal and environment.get("TERM") != "dumb"


class Palette(NamedTuple):
    """Colours texts if `on`, else returns them as they are."""

    on: bool = False

    def diff(self, text: str) -> str:
        """Colour a diff as git does, its explanation dimmed."""
        if not self.on:
            return text
        return "".join(_diff_line(line) for line in text.split("\n"))[:-1]

    def safety(self, word: str) -> str:
        """Colour the name of a safety."""
        return click.style(word, fg=_SAFETIES.get(word)) if self.on else word

    def strong(self, text: str) -> str:
        """Set off a name or a heading."""
        return click.style(text, bold=True) if self.on else text

    def error(self, text: str) -> str:
        """Set off what went wrong."""
        return click.style(text, fg="red", bold=True) if self.on else text


PLAIN = Palette()


def _diff_line(line: str) -> str:
    body = line.removesuffix("\r")
    end = line[len(body) :] + "\n"
    if not body:
        return end
    if body.startswith(("--- ", "+++ ")):
        return click.style(body, bold=True) + end
    style = {"#": {"dim": True}, "@": {"fg": "cyan"}, "+": {"fg": "green"}, "-": {"fg": "red"}}.get(body[0])
    return (click.style(body, **style) if style else body) + end  # type: ignore[arg-type]
