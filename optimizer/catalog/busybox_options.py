"""The options of GNU's tools that BusyBox's commands of the same name do not take.

Source: what BusyBox 1.35 says of its applets, as Debian bookworm builds it; about fifty calls were tried with it.
Options that it takes and ignores, or answers otherwise, such as those of ps, count as not taken.
"""

from __future__ import annotations

import re

from optimizer.syntax.patterns import pattern

_LONG = {
    "tar": frozenset(
        "--create --extract --list --file --directory --gzip --bzip2 --xz --exclude --exclude-from --files-from "
        "--strip-components --to-stdout --verbose --no-same-owner --no-same-permissions --same-permissions "
        "--numeric-owner --overwrite --keep-old --no-recursion --dereference".split()
    ),
    "wget": frozenset(
        "--quiet --continue --spider --output-document --directory-prefix --header --post-data --post-file "
        "--no-check-certificate --user-agent --timeout --proxy --server-response".split()
    ),
    "mkdir": frozenset({"--parents", "--mode"}),
    "install": frozenset({"--directory", "--owner", "--group", "--mode"}),
    "env": frozenset({"--ignore-environment", "--unset"}),
    "sed": frozenset({"--expression", "--in-place", "--quiet", "--regexp-extended", "--silent"}),
    "grep": frozenset({"--color"}),
    "ls": frozenset({"--color", "--full-time", "--group-directories-first"}),
    "xargs": frozenset({"--no-run-if-empty"}),
    "cp": frozenset({"--parents"}),
    "touch": frozenset({"--no-create"}),
    "nproc": frozenset({"--all"}),
    "mktemp": frozenset({"--directory"}),
    "uname": frozenset({"--machine"}),
    "nice": frozenset({"--adjustment"}),
    "run-parts": frozenset({"--arg", "--umask", "--test"}),
    "getopt": frozenset({"--options", "--longoptions", "--name", "--alternative", "--unquoted"}),
}
# Letters, or words that begin like this, that BusyBox does not take or takes for something else.
_SHORT = {
    "grep": frozenset("PT"),
    "egrep": frozenset("PT"),
    "date": frozenset("f"),
    "ps": frozenset("AaCefFjlpuUxw"),
    "wget": frozenset("abdeFgHiIJjKkLlMmNnRrtVvwxXZ"),
    "xargs": frozenset("dL"),
    "cp": frozenset("xb"),
    "sort": frozenset("R"),
    "ls": frozenset("b"),
    "free": frozenset("ls"),
    "nc": frozenset("NUqx"),
    "top": frozenset("cip"),
    "su": frozenset("g"),
    "tar": frozenset("SGnP"),
    "stat": frozenset("p"),
}
_TIME = pattern(r"@?\d[\d:. -]*\Z")
_WORDS = {"find": ("-printf", "-fprint", "-regextype", "-daystart", "-ls", "-uid", "-readable", "-writable")}


def unsupported(command: str, words: tuple[str, ...]) -> str:
    """Return the first option of a call that BusyBox's command does not take, "" where it takes all.

    `words` are those of the call, the command's own first, "" where only the run can tell.
    """
    if command == "date" and "-d" in words:
        at = words.index("-d") + 1
        return "" if at < len(words) and _TIME.match(words[at]) else "-d"
    long = _LONG.get(command, frozenset())
    for word in words[1:]:
        if word == "--":
            break
        if word.startswith("--"):
            if word.partition("=")[0] not in long and word not in ("--help", "--version"):
                return word
        elif command in _WORDS:
            if word.startswith(_WORDS[command]) or re.match(r"-newer.", word):
                return word
        elif word.startswith("-") and _SHORT.get(command, frozenset()).intersection(_letters(word)):
            return word
    return ""


def _letters(word: str) -> str:
    """Return the letters of a cluster of options; a value that follows is cut off at what is no letter."""
    letters = word[1:]
    for at, char in enumerate(letters):
        if not char.isalpha():
            return letters[:at]
    return letters
