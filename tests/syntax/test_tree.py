"""The lossless tree: nothing is lost, every place is true, and parsing never raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.syntax import Blank, Comment, Directive, Instruction, Source, parse
from optimizer.syntax.lines import content_size, strip
from optimizer.syntax.source import encode, newline_of
from tests.syntax.samples import TORTURE, dockerfiles

texts = dockerfiles | st.text(max_size=200) | st.binary(max_size=200).map(lambda b: Source.from_bytes(b).text)


def only(text: str) -> Instruction:
    """Parse a text that holds one instruction behind its FROM."""
    found = parse(text).instructions
    assert len(found) == 2
    return found[1]


@given(texts)
@settings(deadline=None, max_examples=500)
def test_nodes_tile_any_text(text: str) -> None:
    tree = parse(text)
    assert tree.tiles()
    assert "".join(n.span.of(text) for n in tree.nodes) == text


@pytest.mark.parametrize("text", TORTURE.values(), ids=TORTURE.keys())
def test_nodes_tile_the_torture_table(text: str) -> None:
    assert parse(text).tiles()


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=300)
def test_any_bytes_come_back(data: bytes) -> None:
    source = Source.from_bytes(data)
    assert source.data == data
    assert encode("".join(n.span.of(source.text) for n in parse(source.text).nodes)) == data


@given(dockerfiles)
@settings(deadline=None, max_examples=300)
def test_every_place_is_true(text: str) -> None:
    for instruction in parse(text).instructions:
        folded = instruction.folded.text
        for at, char in enumerate(folded):
            span = instruction.place(at, at + 1)
            assert span is not None
            assert span.of(text) == char
        for inner in filter(None, (instruction, instruction.onbuild)):
            for flag in inner.flags:
                if flag.span:
                    assert flag.span.of(text).startswith("--")
            for span in (*inner.comments, *inner.blanks):
                assert instruction.start <= span.start < span.end <= instruction.end
        for heredoc in instruction.heredocs:
            assert heredoc.body.end == heredoc.closing.start
            assert instruction.start < heredoc.body.start <= heredoc.closing.end <= instruction.end


@given(dockerfiles, st.data())
@settings(deadline=None, max_examples=300)
def test_a_word_put_in_leaves_all_else_as_it_is(text: str, data: st.DataObject) -> None:
    places = [
        i.place(at, at + 1)
        for i in parse(text).instructions
        if not i.heredocs and i.keyword == "RUN" and i.json is None
        for at in range(i.shape.args_at, content_size(i.folded.text))
        if i.folded.text[at] == " " and "<" not in i.folded.text
    ]
    spans = [s for s in places if s is not None]
    if not spans:
        return
    at = data.draw(st.sampled_from(spans)).start
    after = parse(f"{text[:at]} word{text[at:]}")
    before = parse(text)
    assert len(after.instructions) == len(before.instructions)
    for old, new in zip(before.instructions, after.instructions, strict=True):
        shift = 5 if new.start > at else 0
        assert new.start == old.start + shift
        if not old.start <= at < old.end:
            assert new.span.of(after.text) == old.span.of(text)
            assert new.shape is old.shape or new.shape == old.shape
        else:
            assert new.folded.text.replace(" word", "", 1) == old.folded.text


def test_deep_and_long_input_does_not_raise() -> None:
    for text in (
        "FROM a\nCMD " + "[" * 100_000,
        "FROM a\nRUN <<" + "${x:-" * 50_000,
        "ONBUILD " * 3000,
        "\\\n" * 10_000,
    ):
        assert parse(text).tiles()


def test_node_kinds() -> None:
    text = "\ufeff# syntax=a\n# note\n\nFROM b\n"
    kinds = [type(n) for n in parse(text).nodes]
    assert kinds == [Blank, Directive, Comment, Blank, Instruction]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# syntax=docker/dockerfile:1\nFROM a\n", {"syntax": "docker/dockerfile:1"}),
        ("#ESCAPE=`\n# Check = skip=all \nFROM a\n", {"escape": "`", "check": "skip=all"}),
        ("# note\n# syntax=a\nFROM a\n", {}),
        ("\n# syntax=a\nFROM a\n", {}),
        ("# syntax=a\n# syntax=b\nFROM a\n", {"syntax": "a"}),
        ("# other=a\n# syntax=b\nFROM a\n", {}),
        ("# escape=x\nFROM a\n", {}),
        ("  # syntax=a\r\nFROM a\r\n", {"syntax": "a"}),
    ],
)
def test_directives(text: str, found: dict[str, str]) -> None:
    tree = parse(text)
    assert {n.name: n.value for n in tree.nodes if isinstance(n, Directive)} == found
    assert {n: tree.directive(n) for n in ("syntax", "escape", "check") if tree.directive(n)} == found
    assert tree.escape == found.get("escape", "\\")


def test_parts_of_an_instruction() -> None:
    text = "FROM a\n  RUN --mount=type=cache,target=/x \\\n  # why\n\n  --network=none b \\\n  c\n"
    run = only(text)
    assert run.keyword == "RUN"
    assert run.keyword_span.of(text) == "RUN"
    assert [(f.name, f.value, f.span and f.span.of(text)) for f in run.flags] == [
        ("mount", "type=cache,target=/x", "--mount=type=cache,target=/x"),
        ("network", "none", "--network=none"),
    ]
    assert run.flag("network") == "none"
    assert run.flag("security") is None
    assert run.args == "b   c"
    assert [s.of(text) for s in run.comments] == ["  # why\n"]
    assert [s.of(text) for s in run.blanks] == ["\n"]
    assert text[: run.head_end].endswith("  c")
    assert run.shape.indent == 2
    assert not run.shape.open


def test_a_word_cut_by_a_fold_has_no_place() -> None:
    text = "FROM a\nRUN --net\\\nwork=none b\n"
    run = only(text)
    assert run.flag("network") == "none"
    assert run.flags[0].span is None
    start = run.folded.text.index("--network")
    assert run.place(start, start + 9) is None
    assert run.reach(start, start + 9).of(text) == "--net\\\nwork"


def test_the_last_line_that_promises_more() -> None:
    assert only("FROM a\nRUN b \\\n").shape.open
    assert only("FROM a\nRUN b \\").shape.open


def test_onbuild_has_true_places() -> None:
    text = "FROM a\nONBUILD  RUN --network=none b \\\n  c\n"
    outer = only(text)
    inner = outer.onbuild
    assert inner is not None and inner.trigger and inner.onbuild is None
    assert (inner.keyword, inner.args) == ("RUN", "b   c")
    assert inner.keyword_span.of(text) == "RUN"
    assert inner.flags[0].span is not None and inner.flags[0].span.of(text) == "--network=none"
    assert only("FROM a\nONBUILD\n").onbuild is None


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("RUN cat <<EOF", [("EOF", True, False)]),
        ("RUN cat << EOF", [("EOF", True, False)]),
        ("RUN cat <<  'EOF'", [("EOF", False, False)]),
        ("RUN cat <<- EOF", []),
        ("COPY <<'A B' <<\"C\" /d", [("A B", False, False), ("C", False, False)]),
        ("RUN cat <<\\EOF", [("EOF", True, False)]),
        ("RUN cat <<E'O'F", [("EOF", False, False)]),
        ("RUN cat <<''", []),
        ("RUN cat <<<EOF", []),
        ("RUN echo it's <<EOF", []),
        ("RUN echo ${a <<EOF", []),
        ("RUN echo ${a/b/c} ${a:-'x y'} $$ $1 $( <<EOF", [("EOF", True, False)]),
        ('RUN echo "a $b ${c} \\" d" <<EOF', [("EOF", True, False)]),
        ("RUN echo a<<EOF", []),
        ("RUN echo '<<EOF'", []),
        ("CMD cat <<EOF", []),
        ("ADD <<EOF /x", [("EOF", True, False)]),
        ("ONBUILD RUN <<EOF", [("EOF", True, False)]),
    ],
)
def test_heredocs(line: str, names: list[tuple[str, bool, bool]]) -> None:
    text = f"FROM a\n{line}\n" + "".join(f"$x\n{name}\n" for name, _, _ in names)
    instruction = parse(text).instructions[1]
    assert [(h.name, h.expand, h.chomp) for h in instruction.heredocs] == names
    assert [h.body.of(text) for h in instruction.heredocs] == ["$x\n"] * len(names)
    assert all(
        h.word is not None and h.word.of(text).lstrip("0123456789").startswith("<<") for h in instruction.heredocs
    )


def test_unterminated_heredoc_takes_the_rest() -> None:
    text = "FROM a\nRUN <<EOF\nb\nCMD c"
    heredoc = only(text).heredocs[0]
    assert heredoc.body.of(text) == "b\nCMD c"
    assert heredoc.closing.start == heredoc.closing.end == len(text)


@pytest.mark.parametrize(
    ("line", "json"),
    [
        ('CMD ["a", "b c"]', ("a", "b c")),
        ("CMD []", ()),
        ('CMD ["a"]\u00a0', ("a",)),
        ('CMD ["a"] # note', None),
        ('CMD ["a", 1]', None),
        ("CMD ['a']", None),
        ('CMD {"a": "b"}', None),
        ('WORKDIR ["a"]', None),
        ('HEALTHCHECK --interval=1s CMD ["a"]', ("a",)),
        ('HEALTHCHECK CMD["a"]', None),
        ('SHELL ["a", "-c"]', ("a", "-c")),
    ],
)
def test_json(line: str, json: tuple[str, ...] | None) -> None:
    assert only(f"FROM a\n{line}\n").json == json


def test_source_positions() -> None:
    source = Source("ab\r\nc\n\nd")
    assert [source.position(at) for at in (0, 1, 4, 6, 7, 8)] == [(1, 1), (1, 2), (2, 1), (3, 1), (4, 1), (4, 2)]
    assert [source.line_text(n) for n in (1, 2, 3, 4)] == ["ab", "c", "", "d"]


@pytest.mark.parametrize(
    ("text", "newline"), [("", "\n"), ("a", "\n"), ("a\r\n", "\r\n"), ("a\r\nb\n", "\n"), ("a\r\nb\r\nc\n", "\r\n")]
)
def test_newline_of_most_lines(text: str, newline: str) -> None:
    assert newline_of(text) == newline


def test_strip_is_the_builders() -> None:
    assert strip("\u2028\u00a0 a\x1c\u3000") == "a\x1c"
