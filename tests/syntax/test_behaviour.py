"""What a script does to its shell: said from the text, and proved by running it in dash and bash."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from optimizer.syntax.shell import read_script
from optimizer.syntax.shell.behaviour import (
    assigned_names,
    errexit_before,
    errexit_inside,
    has_loose_end,
    is_and_chain,
    leaks,
    mentions,
    stops,
)

SHELLS = [name for name in ("dash", "bash") if shutil.which(name)]
STATE = 'pwd; umask; echo "$-"; trap; alias; export -p | grep -v " _="; echo "[$V]"; command -V f'

SCRIPTS = [
    "true",
    "false",
    "true && true",
    "true && false",
    "true | cat && true",
    "false || true",
    "true && false || true",
    "true; false",
    "false; true",
    "set -e; true",
    "set -ex; false; true",
    "set +e; false; true",
    "set -e && set +e",
    "set -eu -o pipefail 2>/dev/null; true",
    "set -o errexit; true",
    "set -xo errexit; true",
    "set -- -e; true",
    "(set -e; true); true",
    "{ set -e; true; }; true",
    "true && set -e; true",
    "set -e; false && set +e; true",
    "set -e; (set +e); true",
    "cd / && true",
    "(cd / && true)",
    "{ cd /; }",
    "command cd /",
    "command -v cd",
    "umask 0077",
    "V=1; true",
    "V=1 true",
    "export V=1",
    "unset HOME",
    "readonly V=3",
    "read V < /dev/null; true",
    "eval 'V=1'",
    ". /dev/null && true",
    "trap 'true' INT",
    "alias x=true",
    "f() { true; }; f",
    "exit 0",
    "(exit 0) && true",
    "false || exit 0",
    "if true; then cd /; fi",
    "if false; then true; fi",
    "for V in 1 2; do true; done",
    "while false; do true; done",
    "case a in a) true;; esac",
    "! false",
    "! true",
    "echo $(cd /) > /dev/null",
    "true | (cd /; cat)",
    "test -d / && [ -d /tmp ]",
    "exec true",
    "true # note",
]


def run(shell: str, text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([shell, "-c", text], capture_output=True, text=True, cwd=folder, check=False)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("text", SCRIPTS)
def test_a_script_that_changes_its_shell_is_said_to(shell: str, text: str, tmp_path: Path) -> None:
    script = read_script(text)
    assert not script.opaque
    before = run(shell, STATE, tmp_path).stdout
    after = run(shell, f"{{ {text}\n}} > /dev/null 2>&1\nset +x\n{STATE}", tmp_path).stdout
    if after.replace("x\n", "\n") != before.replace("x\n", "\n"):
        assert leaks(script) or assigned_names(script)
    if after == "":
        # Nothing behind the script was run.
        assert stops(script) or errexit_inside(script)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("text", [t for t in SCRIPTS if not stops(read_script(t))])
def test_errexit_is_never_overlooked(shell: str, text: str, tmp_path: Path) -> None:
    script = read_script(text)
    found = run(shell, f"{text}\ncase $- in *e*) echo sleepless;; esac", tmp_path).stdout
    if "sleepless" in found:
        assert errexit_before(script, len(script.steps))
        assert errexit_inside(script)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("text", [t for t in SCRIPTS if is_and_chain(read_script(t)) and "#" not in t])
def test_an_and_chain_hands_its_status_on(shell: str, text: str, tmp_path: Path) -> None:
    if stops(read_script(text)):
        pytest.skip("nothing can follow")
    status = run(shell, text, tmp_path).returncode
    joined = run(shell, f"{text} && echo follower", tmp_path)
    assert ("follower" in joined.stdout) == (status == 0)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("text", [t for t in SCRIPTS if not has_loose_end(read_script(t))])
def test_without_a_loose_end_nothing_runs_behind_a_failure(shell: str, text: str, tmp_path: Path) -> None:
    traced = run(shell, f"set -x; false && {text}", tmp_path)
    lines = [line for line in traced.stderr.splitlines() if line.startswith("+")]
    assert lines == ["+ false"]
    assert traced.returncode == 1


@pytest.mark.parametrize(
    ("text", "index", "at_start", "on"),
    [
        ("a; b", 1, False, False),
        ("a; b", 1, True, True),
        ("set -e; a", 0, False, False),
        ("set -e; a", 1, False, True),
        ("set -e; a; set +e; b", 2, False, True),
        ("set -e; a; set +e; b", 3, False, False),
        ("(set -e; a); b", 1, False, False),
        ("if a; then set -e; fi; b", 1, False, True),
        ("set -e; if a; then set +e; fi; b", 2, False, True),
        ("set -e; a || set +e; b", 3, False, True),
    ],
)
def test_errexit_before_a_step(text: str, index: int, at_start: bool, on: bool) -> None:
    assert errexit_before(read_script(text), index, at_start) is on


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("a && b", ""),
        ("a; cd b", "cd"),
        ("(cd b; a)", ""),
        ("a | cd b", ""),
        ("a $(cd b)", ""),
        ("cd b & a", ""),
        ("{ cd b; }", "cd"),
        ("A=1; a", ""),
        ("export A", "export"),
        (". ./a", "."),
        ("$A b", "$A"),
        ("f() { a; }; b", "a function"),
        ("f() { :; }", "a function"),
    ],
)
def test_leaks(text: str, leak: str) -> None:
    assert leaks(read_script(text)) == leak


def test_names() -> None:
    script = read_script("A=1; B=2 b; (C=3); for D in x; do E=4; done; f | G=5")
    assert assigned_names(script) == {"A", "D", "E"}
    assert mentions(read_script("echo $A"), frozenset("A"))
    assert not mentions(read_script("echo $AB B_A"), frozenset("A"))


@pytest.mark.parametrize(
    ("text", "chain", "loose"),
    [
        ("a", True, False),
        ("a && b | c", True, False),
        ("a && if b; then c; fi", True, False),
        ("a && (b; c)", True, False),
        ("a; b", False, True),
        ("a || b", False, True),
        ("a\nb", False, True),
        ("a &", False, True),
        ("f() { a; }", False, False),
        ("", False, False),
    ],
)
def test_shape(text: str, chain: bool, loose: bool) -> None:
    script = read_script(text)
    assert (is_and_chain(script), has_loose_end(script)) == (chain, loose)
