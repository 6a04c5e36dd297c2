"""Regular expressions that are compiled when they are first used.

One Dockerfile needs a few of the hundreds that dockopt has, and compiling them all would be a
third of its start.
"""

from __future__ import annotations

import re
from typing import cast


class _Pattern:
    """Stands for a compiled pattern; its methods take their place here at first use."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        value = getattr(re.compile(self.pattern, self._flags), name)
        self.__dict__[name] = value
        return value


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that behaves as `re.compile(text, flags)`, but is compiled at first use.

    Errors of the pattern show at first use, too. It is used by its methods, not passed to `re`.
    """
    return cast("re.Pattern[str]", _Pattern(text, flags))
