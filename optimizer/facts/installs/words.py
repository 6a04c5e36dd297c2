"""Words of a call, for those who look at installs."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.facts.calls import ShellCall


def values_of(call: ShellCall, *options: str) -> Iterator[str]:
    """Yield the values of options in all their spellings: `-r FILE`, `-rFILE`, `--requirement=FILE`, `-Ur FILE`."""
    words = [w.value if w.value is not None else w.raw for w in call.words[1:]]
    for index, text in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        for option in options:
            if text == option:
                yield following
            elif option.startswith("--"):
                if text.startswith(f"{option}="):
                    yield text[len(option) + 1 :]
            elif text.startswith("-") and not text.startswith("--") and len(text) > 2:
                if text.startswith(option):
                    yield text[2:].lstrip("=")
                elif text.endswith(option[1]) and text[1:].isalpha():
                    yield following


def has_unknown_words(call: ShellCall) -> bool:
    """Tell whether only the run can tell one of a call's words."""
    return any(word.value is None for word in call.words)
