"""The options of GNU's tools that BusyBox's commands of the same name do not take.

Source: BusyBox 1.37 as Debian and Alpine build it, `COMMAND --help` and busybox.net, "Command Help".
"""

from __future__ import annotations

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
    "rm": frozenset(),
    "nice": frozenset({"--adjustment"}),
    "run-parts": frozenset({"--arg", "--umask", "--test"}),
    "getopt": frozenset({"--options", "--longoptions", "--name", "--alternative", "--unquoted"}),
}
# Letters, or words that begin like this, that BusyBox does not take or takes for something else.
_SHORT = {
    "sed": frozenset(),
    "grep": frozenset("PT"),
    "egrep": frozenset("PT"),
    "date": frozenset("df"),
    "ps": frozenset("AaCefFjlpuUxw"),
    "wget": frozenset("abdeFgHiIJjKkLlMmNnRrtVvwxXZ"),
    "xargs": frozenset("dLi"),
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
_WORDS = {"find": ("-printf", "-fprint", "-regextype", "-newer", "-daystart", "-ls", "-uid", "-readable", "-writable")}


def unsupported(command: str, words: tuple[str, ...]) -> str:
    """Return the first option of a call that BusyBox's command does not take, "" where it takes all.

    `words` are those of the call, the command's own first, "" where only the run can tell.
    """
    long = _LONG.get(command, frozenset())
    for word in words[1:]:
        if word == "--":
            break
        if word.startswith("--"):
            if word.partition("=")[0] not in long and word not in ("--help", "--version"):
                return word
        elif command in _WORDS:
            if word.startswith(_WORDS[command]) and word != "-newer":
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
