"""A change keeps its identity when others are left out, and can be left out itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.context.files import BuildContext
from optimizer.rewrite.change import Change, Edit, Phase, Safety
from optimizer.rewrite.identity import Identity, needs, origin, places
from optimizer.rewrite.pipeline import Options, optimize
from optimizer.rewrite.registry import Transform
from optimizer.syntax import Source, Span
from tests.support import FIXTURES

FILES = sorted((FIXTURES / "images").glob("*/Dockerfile"))


def options(path, **more) -> Options:
    return Options(level=3, context=BuildContext(path.parent), **more)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.parent.name)
def test_each_change_can_be_left_out(path) -> None:
    source = Source.from_bytes(path.read_bytes())
    outcome = optimize(source, options(path))
    names = [item.identity for item in outcome.applied]
    assert len(set(names)) == len(names)
    for one in names:
        rest = optimize(source, options(path, without={one: "left out by the test"}))
        assert one not in {item.identity for item in rest.applied}
        assert "left out by the test" in {item.reason for item in rest.left}
        assert rest.faults == ()


def test_all_of_them_left_out_is_the_file_as_it_was() -> None:
    for path in FILES:
        source = Source.from_bytes(path.read_bytes())
        without: dict[Identity, str] = {}
        for _ in range(6):
            outcome = optimize(source, options(path, without=without))
            without |= {item.identity: "" for item in outcome.applied}
        assert outcome.after == source.text, path


def test_the_place_is_that_in_the_file_as_given() -> None:
    text = "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y curl\n"
    outcome = optimize(Source(text), Options(level=2))
    placed = {item.identity.transform: item.identity[1:3] for item in outcome.applied}
    assert placed["merged-runs"] == (3, 1)
    # The lists are removed behind the install, which stands in line 3 of the file as given.
    assert placed["apt-clean-lists"] == (3, 28)


EDITS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.text("xyz", max_size=3)).map(
        lambda t: Edit(Span(min(t[:2]), max(t[:2])), t[2])
    ),
    max_size=3,
)


def apart(edits: list[Edit]) -> list[Edit]:
    chosen: list[Edit] = []
    for edit in sorted(edits, key=lambda e: e.span):
        if not chosen or edit.span.start > chosen[-1].span.end:
            chosen.append(edit)
    return chosen


@given(EDITS)
def test_untouched_characters_are_found_again(edits: list[Edit]) -> None:
    from optimizer.rewrite.edits import splice

    text = "0123456789"
    edits = apart(edits)
    after = splice(text, edits)
    for offset, character in enumerate(after):
        found = origin(offset, [edits])
        if character.isdigit():
            assert text[found] == character
        else:
            assert any(edit.span.start == found for edit in edits)


def replacing(name: str, phase: Phase, old: str, new: str) -> Transform:
    """Make a transform that replaces a word."""

    def find(document):
        at = document.text.find(old)
        if at >= 0:
            yield Change("replaced", "to test", (Edit(Span(at, at + len(old)), new),))

    def claim(entries):
        return []

    return Transform(name, phase, Safety.SAFE, find, "", claims=(claim,))


def test_a_change_in_the_text_of_another_one_needs_it() -> None:
    first = replacing("first", Phase.TIDY, "one", "two words")
    second = replacing("second", Phase.PACKAGES, "words", "things")
    third = replacing("third", Phase.CLEAN, "other", "else")
    outcome = optimize(Source("FROM scratch\nLABEL a=one b=other\n"), Options(3, (first, second, third)))
    a, b, c = (item.identity for item in outcome.applied)
    assert outcome.after == "FROM scratch\nLABEL a=two things b=else\n"
    assert needs(outcome) == {a: set(), b: {a}, c: set()}
    shown = {one.transform: [span.of(outcome.after) for span in spans] for one, spans in places(outcome).items()}
    assert shown["second"] == ["things"] and shown["third"] == ["else"]
    assert (b.line, b.column) == (a.line, a.column) == (2, 9)
