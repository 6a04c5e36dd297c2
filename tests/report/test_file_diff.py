"""The diff: other programs apply it, and a reader understands it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.report.diff import file_diff
from optimizer.report.proof import ProofError, prove
from optimizer.rewrite.change import Applied, Change, Outcome, Safety, Step
from optimizer.syntax import Source
from optimizer.syntax.source import encode

NUMBERED = "".join(f"RUN step {n}\n" for n in range(1, 31))


def apply_with(tool: str, folder: Path, diff: bytes) -> None:
    command = {"git": ["git", "apply", "-"], "patch": ["patch", "-p1", "--batch", "--fuzz=0"]}[tool]
    done = subprocess.run(command, cwd=folder, input=diff, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr


def of_bytes(name: str, before: bytes, after: bytes) -> Outcome:
    old, new = Source.from_bytes(before).text, Source.from_bytes(after).text
    return Outcome(name, old, new, (Step("some-transform", old, new),))


CASES = {
    "plain": (b"FROM a\nRUN b\n", b"FROM a\nRUN c\n"),
    "last newline missing": (b"FROM a\nRUN b", b"FROM a\nRUN c"),
    "last newline appears": (b"FROM a\nRUN b", b"FROM a\nRUN b\n"),
    "last newline goes": (b"FROM a\nRUN b\n", b"FROM a\nRUN b"),
    "CRLF": (b"FROM a\r\nRUN b\r\nCMD c\r\n", b"FROM a\r\nRUN b2\r\nCMD c\r\n"),
    "mixed newlines": (b"FROM a\r\nRUN b\nCMD c\r\n", b"FROM a\r\nRUN b2\nCMD c\r\n"),
    "carriage return inside": (b"FROM a\nRUN b\rx\nCMD c\n", b"FROM a\nRUN b\ry\nCMD c\n"),
    "form feed and separators": (
        b"FROM a\nRUN b\x0c\x1c\xc2\x85c\nCMD c\n",
        b"FROM a\nRUN b\x0c\x1c\xc2\x85d\nCMD c\n",
    ),
    "not UTF-8": (b"FROM a\nRUN \xff\xfe\nLABEL x=\xe9\n", b"FROM a\nRUN \xff\xfe\xfd\nLABEL x=\xe9\n"),
    "byte order mark": (b"\xef\xbb\xbfFROM a\nRUN b\n", b"\xef\xbb\xbfFROM a\nRUN c\n"),
    "lines like headers": (b"FROM a\n-- a/x\n++ b/x\n@@ -1 +1 @@\nRUN b\n", b"FROM a\n++ b/x\n-- a/x\nRUN c\n"),
    "all goes": (b"FROM a\n", b""),
    "all new": (b"", b"FROM a\n"),
    "far apart": (NUMBERED.encode(), NUMBERED.replace("step 2\n", "x\n").replace("step 28\n", "y\n").encode()),
}


@pytest.mark.parametrize("tool", ["git", "patch"])
@pytest.mark.parametrize("case", CASES)
def test_other_programs_apply_it(tool: str, case: str, tmp_path: Path) -> None:
    before, after = CASES[case]
    file = tmp_path / "sub" / "Dockerfile"
    file.parent.mkdir()
    file.write_bytes(before)
    apply_with(tool, tmp_path, encode(file_diff(of_bytes("sub/Dockerfile", before, after))))
    assert (file.read_bytes() if file.exists() else b"") == after


@pytest.mark.parametrize("tool", ["git", "patch"])
@pytest.mark.parametrize(
    "name", ["with space/Dockerfile", "späß", 'quo"te', "back\\slash", "tab\tname", "new\nline", "-- x", "odd\udcff"]
)
def test_odd_file_names(tool: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"FROM a\nRUN b\n")
    apply_with(tool, tmp_path, encode(file_diff(of_bytes(name, b"FROM a\nRUN b\n", b"FROM a\nRUN c\n"))))
    assert file.read_bytes() == b"FROM a\nRUN c\n"


def test_git_applies_it_in_a_folder_of_a_repository(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (folder / "Dockerfile").write_bytes(b"FROM a\n")
    apply_with("git", folder, encode(file_diff(of_bytes("Dockerfile", b"FROM a\n", b"FROM b\n"))))
    assert (folder / "Dockerfile").read_bytes() == b"FROM b\n"


def test_several_files_in_one_stream(make_outcome, tmp_path: Path) -> None:
    outcomes = [
        make_outcome(f"{n}/Dockerfile", "FROM a\nRUN b", ("t", [("RUN b", "RUN c")]), new_files={".dockerignore": "x"})
        for n in "12"
    ]
    for outcome in outcomes:
        (tmp_path / outcome.name).parent.mkdir()
        (tmp_path / outcome.name).write_text(outcome.before)
    apply_with("git", tmp_path, encode("".join(map(file_diff, outcomes))))
    for outcome in outcomes:
        assert (tmp_path / outcome.name).read_text() == "FROM a\nRUN c"
        assert (tmp_path / outcome.name).parent.joinpath(".dockerignore").read_text() == "x"


@pytest.mark.parametrize("tool", ["git", "patch"])
def test_new_files_are_made(tool: str, make_outcome, tmp_path: Path) -> None:
    outcome = make_outcome("a b/Dockerfile", "FROM a\n", new_files={".dockerignore": ".git\nnode_modules\n"})
    (tmp_path / "a b").mkdir()
    apply_with(tool, tmp_path, encode(file_diff(outcome)))
    assert (tmp_path / "a b/.dockerignore").read_text() == ".git\nnode_modules\n"


def test_a_path_outside_the_working_directory_stands_whole() -> None:
    assert "--- a/tmp/x/Dockerfile\n" in file_diff(of_bytes("/tmp/x/Dockerfile", b"FROM a\n", b"FROM b\n"))


lines = st.lists(
    st.one_of(
        st.sampled_from(
            [
                b"",
                b"FROM a",
                b"RUN b",
                b"RUN b",
                b"# c",
                b"-- x",
                b"++ x",
                b"@@ -1 +1 @@",
                b"\\ No newline at end of file",
            ]
        ),
        st.binary(max_size=6).map(lambda b: b.replace(b"\n", b"")),
    ),
    max_size=25,
)
texts = st.builds(
    lambda parts, newline, last: newline.join(parts) + last,
    lines,
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([b"", b"\n"]),
)


@settings(max_examples=300, deadline=None)
@given(texts, texts, st.integers(0, 20))
def test_read_back_it_gives_the_result(before: bytes, after: bytes, shared: int) -> None:
    after = b"\n".join(before.split(b"\n")[:shared]) + after
    outcome = of_bytes("Dockerfile", before, after)
    diff = file_diff(outcome)
    assert bool(diff) == (before != after)
    if diff:
        prove(diff, outcome.before, outcome.after)


@settings(max_examples=40, deadline=None)
@given(before=texts, after=texts)
def test_git_applies_whatever_comes(before: bytes, after: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    if before == after:
        return
    folder = tmp_path_factory.mktemp("apply")
    (folder / "Dockerfile").write_bytes(before)
    apply_with("git", folder, encode(file_diff(of_bytes("Dockerfile", before, after))))
    file = folder / "Dockerfile"
    assert (file.read_bytes() if file.exists() else b"") == after


@pytest.mark.parametrize(
    "wrong",
    [
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-FROM z\n+FROM b\n",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-FROM a\n+FROM c\n",
        "--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-FROM a\n+FROM b\n",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-FROM a\n+FROM b\n\\ No newline at end of file\n",
        "",
    ],
)
def test_the_proof_refuses_a_wrong_diff(wrong: str) -> None:
    with pytest.raises(ProofError):
        prove(wrong, "FROM a\n", "FROM b\n")


def headings(diff: str) -> list[str]:
    return re.findall(r"^@@ .* @@ ?(.*)$", diff, re.MULTILINE)


def test_each_hunk_names_its_transforms_only(make_outcome) -> None:
    outcome = make_outcome(
        "Dockerfile",
        NUMBERED,
        ("first", [("step 2\n", "step two\n")]),
        ("second", [("RUN step 12\n", "")]),
        ("third", [("step two\n", "step II\n"), ("step 27\n", "step 27\nRUN more\n")]),
    )
    assert headings(file_diff(outcome)) == ["first, third", "second", "third"]


def test_lines_that_moved_keep_their_transform(make_outcome) -> None:
    outcome = make_outcome(
        "Dockerfile",
        NUMBERED,
        ("late", [("step 25\n", "step late\n")]),
        ("early", [("RUN step 1\n", "RUN new\nRUN newer\nRUN newest\nRUN step 1\n")]),
    )
    assert headings(file_diff(outcome)) == ["early", "late"]


def test_a_transform_whose_work_was_undone_is_not_named(make_outcome) -> None:
    outcome = make_outcome(
        "Dockerfile",
        NUMBERED,
        ("there", [("step 25\n", "step x\n")]),
        ("back", [("step x\n", "step 25\n")]),
        ("other", [("step 2\n", "step y\n")]),
    )
    assert headings(file_diff(outcome)) == ["other"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 29), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=5))
def test_no_hunk_is_without_a_name(cuts: list[tuple[int, int, int]]) -> None:
    text = "".join(f"RUN {n % 4}\n" for n in range(30))
    steps, now = [], text
    for number, (at, removed, added) in enumerate(cuts):
        rows = now.splitlines(keepends=True)
        rows[at : at + removed] = [f"RUN {at % 4}\n"] * added
        steps.append(Step(f"t{number}", now, "".join(rows)))
        now = steps[-1].after
    for heading in headings(file_diff(Outcome("Dockerfile", text, now, tuple(steps)))):
        assert heading


def test_the_explanation(make_outcome, snapshot) -> None:
    outcome = make_outcome(
        "web/Dockerfile",
        "FROM a\nRUN b\nRUN c\nRUN d\n",
        ("first-things", [("FROM a\n", "# why\nFROM a\n")]),
        ("second-things", [("RUN b", "RUN bb"), ("RUN d", "RUN dd")]),
        safety=Safety.REVIEW,
        why="a reason that is long enough to be wrapped, since it goes on and on about\nwhat a reader has to know " * 2,
        advice=(Applied("later", Change("look here", "it is odd", safety=Safety.ADVICE), 4, 1),),
        new_files={".dockerignore": ".git\n"},
    )
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    snapshot.assert_match(encode(file_diff(outcome)), "explained.diff")


def test_every_line_of_the_explanation_is_a_comment(make_outcome) -> None:
    hostile = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n\x1b[31mred\x07 \udcff"
    outcome = make_outcome("Dockerfile", "FROM a\nRUN b\n", ("t", [("RUN b", "RUN c")]), why=hostile)
    head = encode(file_diff(outcome)).partition(b"--- a/Dockerfile\n")[0]
    assert head
    assert all(line.startswith(b"#") and len(line.decode("latin-1")) <= 100 for line in head.splitlines())
    assert b"\x1b" not in head and b"\x07" not in head and b"\xff" in head


def test_quiet_leaves_the_explanation_out(make_outcome) -> None:
    outcome = make_outcome("Dockerfile", "FROM a\nRUN b\n", ("t", [("RUN b", "RUN c")]))
    assert file_diff(outcome, explain=False).startswith("--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,2 +1,2 @@ t\n")


def test_nothing_changed_is_no_diff(make_outcome) -> None:
    assert file_diff(make_outcome("Dockerfile", "FROM a\n")) == ""
