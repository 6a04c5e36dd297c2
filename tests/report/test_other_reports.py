"""Patches, JSON, findings, the summary, colour, names."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from optimizer.report.colour import Palette, wants_colour
from optimizer.report.findings import advice, findings
from optimizer.report.json import entry, head, tail
from optimizer.report.patches import patch_series
from optimizer.report.quoting import quoted
from optimizer.report.summary import Tally, left_alone, summary
from optimizer.rewrite.change import Applied, Change, Left, Outcome, Safety, Step
from optimizer.syntax.source import encode

TEXT = "FROM a\nRUN b\nRUN c\n"


@pytest.fixture
def two(make_outcome) -> list[Outcome]:
    return [
        make_outcome("1/Dockerfile", TEXT, ("early", [("RUN b", "RUN x \\\n    y")]), ("late", [("RUN c", "RUN z")])),
        make_outcome("2/Dockerfile", TEXT, ("late", [("RUN c", "RUN z")]), new_files={".dockerignore": "q\n"}),
    ]


def test_patches_apply_one_on_top_of_the_other(two, tmp_path: Path) -> None:
    patches = patch_series(two, ["early", "never", "late"])
    assert [p.name for p in patches] == ["0001-early.patch", "0002-late.patch", "0003-new-files.patch"]
    for outcome in two:
        (tmp_path / outcome.name).parent.mkdir()
        (tmp_path / outcome.name).write_text(outcome.before)
    for patch in patches:
        subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=encode(patch.text), check=True)
    for outcome in two:
        assert (tmp_path / outcome.name).read_text() == outcome.after
    assert (tmp_path / "2/.dockerignore").read_text() == "q\n"


@pytest.mark.parametrize("command", [["git", "apply", "-"], ["patch", "-p1", "--batch", "--fuzz=0"]])
def test_the_series_applies_as_one_stream(two, command: list[str], tmp_path: Path) -> None:
    for outcome in two:
        (tmp_path / outcome.name).parent.mkdir()
        (tmp_path / outcome.name).write_text(outcome.before)
    stream = "".join(p.text for p in patch_series(two, ["early", "late"]))
    subprocess.run(command, cwd=tmp_path, input=encode(stream), check=True)
    assert [(tmp_path / o.name).read_text() for o in two] == [o.after for o in two]


def test_json_edits_lead_from_step_to_step(two) -> None:
    document = json.loads(head("1.2") + ",".join(map(entry, two)) + tail(Tally(), [{"path": "x", "message": "y"}]))
    assert (document["schema"], document["dockopt"], document["errors"][0]["path"]) == (1, "1.2", "x")
    for outcome, file in zip(two, document["files"], strict=True):
        text = outcome.before
        for change in file["changes"]:
            for edit in reversed(change["edits"]):
                text = text[: edit["start"]["offset"]] + edit["text"] + text[edit["end"]["offset"] :]
        assert text == outcome.after
        assert file["path"] == outcome.name and file["changed"] is True


def test_json_tells_places_in_the_file_as_given(two) -> None:
    late = json.loads(entry(two[0]))["changes"][1]
    assert (late["transform"], late["line"], late["column"]) == ("late", 3, 1)
    assert late["edits"][0]["start"]["line"] == 4


def test_json_keeps_odd_bytes(make_outcome) -> None:
    outcome = make_outcome("od\udcffd", "FROM a\nRUN \udcfe\n", ("t", [("RUN \udcfe", "RUN \udcfd")]))
    text = entry(outcome)
    assert text.isascii()
    assert json.loads(text)["changes"][0]["edits"][0]["text"] == "RUN \udcfd"
    assert json.loads(text)["path"] == "od\udcffd"


def test_findings_point_into_the_file_on_disk(two) -> None:
    assert findings(two[0]) == (
        "1/Dockerfile:2:1: early [safe] early works\n1/Dockerfile:3:1: late [safe] late works\n"
    )


def test_a_column_is_kept_where_the_line_was_not_rewritten(make_outcome) -> None:
    outcome = make_outcome("f", TEXT, ("early", [("b", "bb\nRUN x")]), ("late", [("c", "cc"), ("b", "d")]))
    assert "f:3:5: late" in findings(outcome)
    assert "f:2:1: late" in findings(outcome)


def test_advice_alone(make_outcome) -> None:
    told = Applied("later", Change("look", "odd", safety=Safety.ADVICE), 2, 5)
    outcome = make_outcome("f", TEXT, ("early", [("RUN b", "RUN x")]), advice=(told,))
    assert advice(outcome) == "f:2:5: later [advice] look\n"


def test_summary_counts(make_outcome) -> None:
    left = (
        Left("t", "one", "held for -O3", 1, 1, 3),
        Left("t", "two", "held for -O3", 1, 1, 3),
        Left("t", "", "no", 2),
    )
    held = Outcome("x", TEXT, TEXT, (Step("t", TEXT, TEXT, (), left),))
    tally = Tally()
    for item in (
        make_outcome("a", TEXT, ("s", [("b", "x"), ("c", "y")])),
        make_outcome("b", TEXT, ("s", [("b", "x")]), safety=Safety.REVIEW),
        held,
    ):
        tally.add(item)
    first = "3 files: 2 changed, 3 changes (2 safe, 1 review); 2 held for -O3; 1 left alone"
    assert summary(tally, written=True) == first + " (-v tells why)"
    assert summary(tally, written=True, verbose=True) == first
    assert summary(tally, written=False).startswith("3 files: 2 to change,")
    assert list(left_alone(held)) == ["x:1:1: t: one: held for -O3", "x:1:1: t: two: held for -O3", "x:2:1: t: no"]


def test_summary_of_nothing() -> None:
    assert summary(Tally(), written=True) == "0 files: 0 changed, 0 changes"


@pytest.mark.parametrize(
    ("choice", "terminal", "environment", "wanted"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", True, {"FORCE_COLOR": "0"}, True),
        ("auto", False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_who_wants_colour(choice: str, terminal: bool, environment: dict[str, str], wanted: bool) -> None:
    assert wants_colour(choice, terminal, environment) is wanted


def test_colour_changes_no_text() -> None:
    text = "# why\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@ t\n same\r\n-old\r\n+new\r\n\\ No newline at end of file\n"
    painted = Palette(True).diff(text)
    assert painted.count("\x1b[") >= 12
    assert re.sub(r"\x1b\[\d+m", "", painted) == text
    assert Palette(False).diff(text) is text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a b", "a b"),
        ("ä", '"\\303\\244"'),
        ('"', '"\\""'),
        ("\\", '"\\\\"'),
        ("\n\t\x01", '"\\n\\t\\001"'),
        ("\udcff", '"\\377"'),
    ],
)
def test_names_are_quoted_as_git_does(name: str, shown: str) -> None:
    assert quoted(name) == shown
