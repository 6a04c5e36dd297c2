"""Traps M1 to M11: what merging RUN instructions breaks."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer.facts.document import Document
from optimizer.syntax import parse
from tests.support import fixed


def merged(*scripts: str, level: int = 3, head: str = "FROM debian:bookworm\n") -> str:
    return fixed(head + "".join(f"RUN {s}\n" for s in scripts), "merged-runs", level=level)


def scripts_of(text: str) -> list[str]:
    return [run.script.text for run in Document(parse(text)).runs]


def build(scripts: list[str], shell: str, errexit: bool = False) -> tuple[str, bool]:
    """Do what a builder does: a shell for each script, until one fails. Return what was said, and that."""
    said = ""
    for script in scripts:
        flags = ["-ec"] if errexit else ["-c"]
        done = subprocess.run([shell, *flags, script], capture_output=True, text=True, cwd="/", timeout=20)
        said += done.stdout
        if done.returncode:
            return said, True
    return said, False


def same_build(scripts: list[str], after: str, shell: str = "dash") -> bool:
    return build(scripts, shell) == build(scripts_of(after), shell)


PIECES = [
    "echo one",
    "true",
    "false",
    "cd /tmp",
    "pwd",
    "X=1",
    "echo x=$X",
    "export Y=2",
    "echo y=$Y",
    "exit 0",
    "exit 3",
    "set -e",
    "set -u",
    "umask 077",
    "umask",
    "(cd /usr; pwd)",
    "{ echo grouped; }",
    "if false; then echo no; else echo yes; fi",
    "for i in 1 2; do echo $i; done",
    "! true",
    "false | true",
    "f() { echo f; }",
    "trap 'echo bye' EXIT",
    "set -- a b",
    "echo $# $1",
    "alias ll=ls",
    "exec echo gone",
]


@st.composite
def script(draw: st.DrawFn) -> str:
    pieces = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4))
    text = pieces[0]
    for piece in pieces[1:]:
        text += draw(st.sampled_from([" && ", " && ", " || ", "; "])) + piece
    return text


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(script(), min_size=2, max_size=4), st.sampled_from(["dash", "bash"]))
def test_a_merged_build_says_and_ends_the_same(scripts: list[str], shell: str) -> None:
    head = 'FROM debian:bookworm\nSHELL ["/bin/bash", "-c"]\n' if shell == "bash" else "FROM debian:bookworm\n"
    after = merged(*scripts, head=head)
    assert build(scripts, shell) == build(scripts_of(after), shell)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(script(), min_size=2, max_size=3))
def test_a_shell_with_errexit_stays_faithful(scripts: list[str]) -> None:
    after = merged(*scripts, head='FROM debian:bookworm\nSHELL ["/bin/bash", "-ec"]\n')
    assert build(scripts, "bash", errexit=True) == build(scripts_of(after), "bash", errexit=True)


def test_m1_an_alternative_does_not_mask_an_earlier_failure() -> None:
    scripts = ["false", "rm x || true"]
    after = merged(*scripts)
    assert "( rm x || true )" in after
    assert same_build(scripts, after)


@pytest.mark.parametrize("left", ["set -e; false; echo hi", "set -ex && false && echo hi; echo there"])
def test_m2_a_script_with_errexit_never_stands_on_the_left(left: str) -> None:
    scripts = [left, "echo next"]
    after = merged(*scripts)
    assert len(scripts_of(after)) == 2


def test_m3_an_exit_does_not_skip_the_second() -> None:
    scripts = ["echo a; exit 0", "echo b"]
    after = merged(*scripts)
    assert build(scripts_of(after), "dash") == ("a\nb\n", False)


def test_m4_a_trailing_comment_swallows_nothing() -> None:
    after = merged("echo a # why", "echo b")
    assert build(scripts_of(after), "dash") == ("a\nb\n", False)


@pytest.mark.parametrize(
    "left", ["cd /tmp", "export A=1", "umask 077", "set -u", ". /etc/profile", "trap 'echo t' EXIT", "alias a=b", "A=1"]
)
def test_m5_state_does_not_leak(left: str) -> None:
    scripts = [left, 'pwd; umask; echo "A=${A-unset}"']
    assert same_build(scripts, merged(*scripts))


def test_m6_a_background_process_is_left_alone() -> None:
    assert len(scripts_of(merged("sleep 0 &", "echo b"))) == 2


def test_m7_only_the_last_status_counts_behind_a_semicolon() -> None:
    scripts = ["false; echo a", "echo b"]
    after = merged(*scripts)
    assert build(scripts_of(after), "dash") == ("a\nb\n", False)


@pytest.mark.parametrize(
    "between",
    [
        "ENV A=1",
        "ARG A",
        "WORKDIR /x",
        "USER app",
        'SHELL ["/bin/bash", "-c"]',
        "COPY a b",
        "VOLUME /v",
        "ONBUILD RUN x",
    ],
)
def test_m8_only_direct_neighbours_are_merged(between: str) -> None:
    text = f"FROM debian:bookworm\nRUN mkdir /a\n{between}\nRUN mkdir /b\n"
    assert fixed(text, "merged-runs") == text


@pytest.mark.parametrize("flags", ["--mount=type=cache,target=/c", "--network=none", "--security=insecure"])
def test_m8_different_flags_are_not_merged(flags: str) -> None:
    text = f"FROM debian:bookworm\nRUN {flags} mkdir /a\nRUN mkdir /b\n"
    assert fixed(text, "merged-runs") == text


def test_m8_equal_flags_are_kept_once() -> None:
    text = "FROM debian:bookworm\nRUN --network=none mkdir /a\nRUN --network=none mkdir /b\n"
    after = fixed(text, "merged-runs")
    assert after.count("--network=none") == 1
    assert len(scripts_of(after)) == 1


def test_m8_a_pragma_between_keeps_them_apart() -> None:
    text = "FROM debian:bookworm\nRUN mkdir /a\n# hadolint ignore=DL3003\nRUN mkdir /b\n"
    assert fixed(text, "merged-runs") == text


def test_m9_a_heredoc_is_neither_merged_nor_made() -> None:
    text = "FROM debian:bookworm\nRUN <<EOF\nmkdir /a\nfalse\nEOF\nRUN mkdir /b\nRUN a; b\n"
    after = fixed(text, "merged-runs")
    assert after.count("<<EOF") == 1
    assert "RUN <<EOF\nmkdir /a\nfalse\nEOF\nRUN mkdir /b" in after


def test_m10_a_stable_step_is_not_tied_to_a_volatile_one() -> None:
    text = (
        "FROM debian:bookworm\nRUN apt-get update && apt-get install -y gcc && rm -rf /var/lib/apt/lists/*\nRUN make\n"
    )
    assert fixed(text, level=2).count("RUN ") == 2


def test_m10_a_clean_up_joins_the_layer_that_made_the_mess() -> None:
    text = "FROM debian:bookworm\nRUN wget -q https://x.example/a.tgz && tar xf a.tgz\nRUN rm a.tgz\n"
    assert fixed(text, "merged-runs", level=1).count("RUN ") == 1


def test_m11_no_bash_option_travels_to_another_shell() -> None:
    text = (
        'FROM debian:bookworm\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN a | b\n'
        'SHELL ["/bin/sh", "-c"]\nRUN c | d\n'
    )
    after = fixed(text, level=3)
    assert after.count("pipefail") == 1
    assert after.index("a | b") < after.index('"/bin/sh"') < after.index("c | d")


def test_a_stage_that_is_only_copied_from_keeps_its_layers() -> None:
    text = "FROM debian AS build\nRUN mkdir /a\nRUN mkdir /b\nFROM debian\nCOPY --from=build /a /a\n"
    assert fixed(text, "merged-runs") == text


def test_comments_between_stay_above_their_command() -> None:
    after = merged("mkdir /a", level=2).replace("mkdir /a\n", "mkdir /a\n\n# the second\nRUN mkdir /b\n")
    assert fixed(after, "merged-runs", level=2).endswith("RUN mkdir /a \\\n    # the second\n    && mkdir /b\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("escape", ["\\", "`"])
def test_new_text_takes_the_manner_of_the_file(newline: str, escape: str) -> None:
    head = f"# escape={escape}\n" if escape == "`" else ""
    text = (
        f'{head}FROM debian:bookworm\nSHELL ["/bin/sh", "-c"]\nRUN mkdir /a && {escape}\n  mkdir /b\nRUN mkdir /c\n'
    ).replace("\n", newline)
    after = fixed(text, "merged-runs", level=2)
    assert after.endswith(f"  mkdir /b && {escape}\n  mkdir /c\n".replace("\n", newline))
