"""Stages, their lineage, and the state that each instruction meets."""

from __future__ import annotations

import pytest

from optimizer.facts.document import Document
from optimizer.facts.settings import Settings
from optimizer.syntax import parse


def doc(text: str, **settings: object) -> Document:
    return Document(parse(text), settings=Settings(**settings))  # type: ignore[arg-type]


def test_lineage_inside_the_file() -> None:
    d = doc("FROM debian AS Base\nFROM base AS mid\nFROM MID\nFROM other/base\n")
    base, mid, last, other = d.stages
    assert [s.name for s in d.stages] == ["Base", "mid", None, None]
    assert last.lineage == [last, mid, base]
    assert base.children == [mid] and mid.children == [last]
    assert last.root_image.official == "debian"
    assert other.parent is None
    assert [s.shipped for s in d.stages] == [False, False, False, True]


def test_a_name_that_is_used_twice_means_the_later() -> None:
    d = doc("FROM a AS x\nFROM b AS x\nFROM x\n")
    assert d.stages[2].parent is d.stages[1]


def test_a_stage_can_not_be_its_own_base() -> None:
    d = doc("FROM node AS node\nFROM node\n")
    assert d.stages[0].parent is None
    assert d.stages[1].parent is d.stages[0]


@pytest.mark.parametrize(
    "line",
    [
        "COPY --from=build /a /b",
        "COPY --from=BUILD /a /b",
        "COPY --from=0 /a /b",
        "ADD --from=build /a /b",
        "RUN --mount=type=bind,from=build,target=/x a",
        "RUN --mount=target=/x,from=0 a",
    ],
)
def test_who_copies_from_whom(line: str) -> None:
    d = doc(f"FROM a AS build\nFROM b AS other\n{line}\n")
    assert d.stages[0].copied_from == [d.stages[1]]
    assert d.is_copied_only(d.stages[0]) and not d.is_copied_only(d.stages[1])


@pytest.mark.parametrize(
    "line",
    [
        "COPY --from=nginx /a /b",
        "COPY --from=1 /a /b",
        "COPY --from=7 /a /b",
        "COPY --from=² /a /b",
        "COPY build /b",
        "RUN --mount=type=cache,target=/x a",
    ],
)
def test_what_is_no_copy_from_a_stage(line: str) -> None:
    d = doc(f"FROM a AS build\nFROM b\n{line}\n")
    assert d.stages[0].copied_from == d.stages[1].copied_from == []


def test_what_ships() -> None:
    text = "FROM a AS base\nFROM base AS tool\nFROM base AS unused\nFROM base\nCOPY --from=tool /a /b\n"
    base, tool, unused, last = doc(text).stages
    d = doc(text)
    assert [d.is_shipped(s) for s in d.stages] == [True, False, False, True]
    assert [d.is_copied_only(s) for s in d.stages] == [False, True, False, False]
    named = doc(text, targets=("TOOL",))
    assert [named.is_shipped(s) for s in named.stages] == [True, True, False, True]
    assert base.shipped and last.shipped and not tool.shipped and not unused.shipped


def test_state_that_an_instruction_meets() -> None:
    d = doc(
        "FROM a\n"
        "RUN one\n"
        'USER "app"\n'
        "WORKDIR /srv\n"
        "WORKDIR app/../data\n"
        'SHELL ["/bin/bash", "-ec"]\n'
        "ENV A=1 B=$A\n"
        "ENV B=$A C=${D} E='$A'\n"
        "RUN two\n"
    )
    first, second = d.runs
    assert (first.state.user, first.state.workdir, first.state.errexit) == (None, None, False)
    state = second.state
    assert (state.user, state.workdir, state.shell[0]) == ("app", "/srv/data", "/bin/bash")
    assert state.errexit and state.posix and state.shell_set
    assert state.env == {"A": "1", "B": "1", "C": None, "E": "$A"}


def test_a_folder_that_can_not_be_known() -> None:
    d = doc("FROM a\nWORKDIR app\nRUN one\nWORKDIR /x\nWORKDIR $Y\nRUN two\nARG Z=/z\nWORKDIR $Z/a\nRUN three\n")
    assert [r.state.workdir for r in d.runs] == [None, None, "/z/a"]


def test_variables() -> None:
    d = doc(
        "ARG G=1\nARG H\nARG I=\nARG J=$G-2\nARG K=$H\n"
        "FROM a AS base\n"
        "ENV E=1\nARG E=2\nARG F=3\nARG G\nARG H=\nRUN one\n"
        "FROM base\nRUN two\n"
        "FROM b\nRUN three\n"
    )
    assert d.global_args == {"G": "1", "H": None, "I": "", "J": "1-2", "K": None}
    one, two, three = d.runs
    assert one.state.env == {"E": "1", "F": "3", "G": "1", "H": ""}
    assert two.state.env == {"E": "1"}, "an ARG ends with its stage"
    assert three.state.env == {}


@pytest.mark.parametrize(
    ("lines", "posix"),
    [
        ("FROM a", True),
        ('FROM a\nSHELL ["bash", "-c"]', True),
        ('FROM a\nSHELL ["/bin/busybox", "sh", "-c"]', True),
        ('FROM a\nSHELL ["pwsh", "-Command"]', False),
        ('FROM a\nSHELL ["fish", "-c"]', False),
        ("FROM mcr.microsoft.com/windows/servercore:ltsc2022", False),
        ("# escape=`\nFROM a", False),
        ('# escape=`\nFROM a\nSHELL ["bash", "-c"]', True),
        ("FROM mcr.microsoft.com/windows/nanoserver AS w\nFROM w", False),
    ],
)
def test_posix_shell(lines: str, posix: bool) -> None:
    (run,) = doc(f"{lines}\nRUN a && b\n").runs
    assert run.state.posix is posix
    assert bool(run.script.opaque) is not posix


@pytest.mark.parametrize(
    ("shell", "on"),
    [
        ('["sh", "-c"]', False),
        ('["sh", "-ec"]', True),
        ('["bash", "-o", "pipefail", "-c"]', False),
        ('["bash", "-eo", "pipefail", "-c"]', True),
        ('["bash", "-o", "errexit", "-c"]', True),
        ('["bash", "--noprofile", "-c"]', False),
    ],
)
def test_errexit_of_the_shell(shell: str, on: bool) -> None:
    assert doc(f"FROM a\nSHELL {shell}\nRUN a\n").runs[0].state.errexit is on


def test_instructions_in_front_of_the_first_from() -> None:
    d = doc("ARG A=1\nRUN a\n")
    assert (d.stages, d.runs, d.located) == ([], [], [])
    assert doc("").stages == []


def test_comments_and_what_stands_above() -> None:
    text = "# head\n\nFROM a\n# one\n\n# two\n# three\nRUN b\nRUN c\n"
    d = doc(text)
    run, other = d.tree.instructions[1:]
    assert [n.span.of(text) for n in d.before(run)] == ["# one\n", "\n", "# two\n", "# three\n"]
    assert [n.span.of(text) for n in d.comments_above(run)] == ["# two\n", "# three\n"]
    assert d.before(other) == d.comments_above(other) == []
    assert [n.span.of(text) for n in d.before(d.tree.instructions[0])] == ["# head\n", "\n"]


def test_triggers_are_no_runs() -> None:
    d = doc("FROM a\nONBUILD RUN one && two\nONBUILD COPY a b\nRUN three\n")
    assert [r.script.text for r in d.runs] == ["three"]
    (trigger,) = d.triggers
    assert [c.program for c in trigger.calls] == ["one", "two"]
    assert [i.keyword for i in d.instructions("RUN", "COPY")] == ["RUN"]


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("FROM a\nRUN b\n", False),
        ("# syntax=docker/dockerfile:1\nFROM a\n", True),
        ("FROM a\nRUN --mount=type=cache,target=/x b\n", True),
        ("FROM a\nRUN <<EOF\nb\nEOF\n", True),
        ("FROM a\nCOPY --link a b\n", True),
        ("FROM a\nCOPY --chown=a a b\n", False),
    ],
)
def test_speaks_buildkit(text: str, speaks: bool) -> None:
    assert doc(text).speaks_buildkit is speaks
    assert doc(text).uses_mounts is speaks
    assert doc(text, caches="mounts").uses_mounts is True
    assert doc(text, caches="clean").uses_mounts is False


@pytest.mark.parametrize(
    ("line", "text", "opaque"),
    [
        ("RUN <<EOF\na\nb\nEOF", "a\nb\n", False),
        ("RUN --network=none <<-'EOF'\n\ta\n\tEOF", "\ta\n", False),
        ("RUN <<EOF\n#!/bin/sh\na\nEOF", "#!/bin/sh\na\n", False),
        ("RUN <<EOF\n#!/usr/bin/env bash\na\nEOF", "#!/usr/bin/env bash\na\n", False),
        ("RUN <<EOF\n#!/bin/bash -e\na\nEOF", "#!/bin/bash -e\na\n", True),
        ("RUN <<EOF\n#!/usr/bin/env python3\na\nEOF", "#!/usr/bin/env python3\na\n", True),
        ("RUN <<EOF\n#!/usr/bin/fish\na\nEOF", "#!/usr/bin/fish\na\n", True),
        ("RUN a <<EOF && b\nx\nEOF", "a < EOF && b", False),
        ("RUN a <<-EOF\nx\nEOF", "a <  EOF", False),
        ("RUN <<EOF\na", "<<EOF", True),
    ],
)
def test_script_of_a_heredoc(line: str, text: str, opaque: bool) -> None:
    (run,) = doc(f"FROM x\n{line}\n" if not line.endswith("a") else f"FROM x\n{line}").runs
    assert run.script.text == text
    assert bool(run.script.opaque) is opaque
    source = run.source
    for command in run.script.commands:
        for word in command.words:
            span = run.place(word)
            assert span is not None and span.of(source) == word.raw


def test_exec_form_is_read_and_not_edited() -> None:
    shell, plain = doc('FROM a\nRUN ["sh", "-c", "b && c"]\nRUN ["d", "e f"]\n').runs
    assert [c.program for c in shell.calls] == ["b", "c"]
    assert [w.value for w in plain.calls[0].words] == ["d", "e f"]
    assert not shell.editable and not plain.editable


def test_mounts() -> None:
    (run,) = doc("FROM a\nRUN --mount=type=cache,dst=/var/cache/apt/ --mount=destination=/x,from=b c\n").runs
    assert [(m["type"], m["target"]) for m in run.mounts] == [("cache", "/var/cache/apt/"), ("bind", "/x")]
    assert run.mounted("/var/cache/apt") and run.mounted("/var/cache/apt/archives") and run.mounted("/var/cache")
    assert not run.mounted("/var/cache/aptitude")
