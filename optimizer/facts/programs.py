"""The commands that a script calls, also those behind `sh -c`, xargs, find and tar, and those that it hides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from optimizer.facts.calls import ShellCall, calls_of
from optimizer.facts.stages import POSIX_SHELLS
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import Script, read_script

BUILTINS = frozenset(
    ". : [ [[ alias bg break builtin case cd command continue declare dirs disown do done echo elif else enable esac "
    "eval exec exit export false fc fg fi for function getopts hash help history if in jobs kill let local logout "
    "mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source suspend test then time "
    "times trap true type typeset ulimit umask unalias unset until wait while { } ! ]] ( )".split()
)
_NAME = pattern(r"[A-Za-z0-9_][\w.+-]*\Z")
_FUNCTION = pattern(r"(?:^|[;&|\s])(?:function\s+([\w.-]+)|([\w.-]+)\s*\(\s*\))")
_HEADS = pattern(r"(?:^|[\n;&|(`]|\b(?:then|do|else|exec|sudo|xargs|time|env)\s)\s*([A-Za-z][\w.+/-]*)")
_XARGS_VALUED = frozenset({"-I", "-n", "-P", "-L", "-d", "-s", "-a", "-E", "--max-args", "--max-procs", "--delimiter"})
_FIND_RUNS = frozenset({"-exec", "-execdir", "-ok"})
_COMPRESSED = (
    (pattern(r".*\.(tar\.xz|txz|xz)(['\")]|\?|\Z)"), "xz"),
    (pattern(r".*\.(tar\.bz2|tbz2?|bz2)(['\")]|\?|\Z)"), "bzip2"),
    (pattern(r".*\.(tar\.zst|tzst|zst)(['\")]|\?|\Z)"), "zstd"),
    (pattern(r".*\.(tar\.lzma|lzma)(['\")]|\?|\Z)"), "xz"),
)
_TAR_LETTERS = (("J", "xz"), ("j", "bzip2"))
_TAR_LONG = {"--xz": "xz", "--bzip2": "bzip2", "--zstd": "zstd", "--lzma": "xz"}
_SECURE = pattern(r"https:|--recv|hkps:")


class Called(NamedTuple):
    """A command that a script calls, and the words of the call ("" where only the run can tell)."""

    command: str
    words: tuple[str, ...] = ()


def called(script: Script) -> Iterator[Called]:
    """Yield the commands that a script calls; of a script that is not understood, all that look like one."""
    functions = {a or b for a, b in _FUNCTION.findall(script.text)}
    found = _guessed(script.text) if script.opaque else _read(script, 0)
    for item in found:
        if item.command not in BUILTINS and item.command not in functions:
            yield item


def called_in(text: str) -> Iterator[Called]:
    """Yield the commands that the text of a shell script calls."""
    yield from called(read_script(text))


def _guessed(text: str) -> Iterator[Called]:
    for word in dict.fromkeys(_HEADS.findall(text)):
        yield Called(word.rpartition("/")[2])


def _read(script: Script, depth: int) -> Iterator[Called]:
    for call in calls_of(script):
        words = tuple(w.value or "" for w in call.words)
        for wrapper in call.wrappers:
            yield Called(wrapper)
        if call.program and _NAME.match(call.program):
            yield Called(call.program, words)
            yield from _behind(call, words, depth)


def _behind(call: ShellCall, words: tuple[str, ...], depth: int) -> Iterator[Called]:
    """Yield what a call makes other programs do."""
    program = call.program
    if program == "tar":
        yield from (Called(name) for name in _packers(call))
    elif program in ("apt-key", "add-apt-repository"):
        yield Called("gpg")
    if program in ("gpg", "apt-key") and any("--recv" in w or w == "--keyserver" for w in words):
        yield Called("dirmngr")
    if depth > 4:
        return
    inner: Script | None = None
    if program in POSIX_SHELLS or program in ("su", "runuser", "script", "eval", "watch"):
        text = _command_string(program, call)
        inner = read_script(text) if text else None
    elif program == "xargs":
        rest = _behind_options(words[1:], _XARGS_VALUED)
        inner = _as_script(rest)
    elif program == "find":
        for at, word in enumerate(words):
            if word in _FIND_RUNS:
                yield from _read(_as_script(words[at + 1 :]), depth + 1)
    if inner is not None:
        yield from _guessed(inner.text) if inner.opaque else _read(inner, depth + 1)


def _command_string(program: str, call: ShellCall) -> str:
    if program == "eval":
        return " ".join(w.value or w.raw for w in call.words[1:])
    for at, word in enumerate(call.words[1:], start=1):
        text = word.value or ""
        if (text.startswith("-") and not text.startswith("--") and text.endswith("c")) or text == "--command":
            if at + 1 < len(call.words):
                following = call.words[at + 1]
                # What only the run can tell is read as it is written.
                return following.value if following.value is not None else following.raw.strip("\"'")
    return ""


def _behind_options(words: tuple[str, ...], valued: frozenset[str]) -> tuple[str, ...]:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in valued else 1
    return words[at:]


def _as_script(words: tuple[str, ...]) -> Script:
    ends = [n for n, w in enumerate(words) if w in (";", "+", "\\;", "{}")]
    from optimizer.syntax.shell import exec_script

    return exec_script(words[: ends[0]] if ends and ends[0] else words)


def _packers(call: ShellCall) -> set[str]:
    found = set()
    for number, word in enumerate(call.words[1:]):
        text = word.value or word.raw
        name = text.partition("=")[0]
        if name in _TAR_LONG:
            found.add(_TAR_LONG[name])
        elif re.match(r"-?[A-Za-z]+\Z", text) and (text.startswith("-") or number == 0) and not text.startswith("--"):
            found |= {packer for letter, packer in _TAR_LETTERS if letter in text}
        else:
            found |= {packer for shape, packer in _COMPRESSED if shape.match(text)}
    return found


def asks_securely(script: Script) -> bool:
    """Tell whether a script speaks of HTTPS or of key servers."""
    return _SECURE.search(script.text) is not None
