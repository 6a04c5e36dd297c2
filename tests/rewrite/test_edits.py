"""Splicing edits into a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.rewrite.change import Edit
from optimizer.rewrite.edits import kept, overlaps, splice
from optimizer.syntax import Span


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """Draw a text and edits that do not overlap, in any order."""
    text = draw(st.text("ab\r\n", max_size=30))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    edits = [Edit(Span(a, b), draw(st.text("XY", max_size=3))) for a, b in pairs]
    return text, draw(st.permutations(edits))


@given(texts_with_edits())
@settings(deadline=None, max_examples=400)
def test_all_else_stays(drawn: tuple[str, list[Edit]]) -> None:
    text, edits = drawn
    after = splice(text, edits)
    assert kept(text, after, edits)
    gone = sum(e.span.end - e.span.start for e in edits)
    assert len(after) == len(text) - gone + sum(len(e.text) for e in edits)
    at, outside = 0, ""
    for edit in sorted(edits):
        outside += text[at : edit.span.start]
        at = edit.span.end
    assert after.replace("X", "").replace("Y", "") == outside + text[at:]


@given(texts_with_edits(), st.data())
@settings(deadline=None, max_examples=300)
def test_a_change_outside_the_edits_is_noticed(drawn: tuple[str, list[Edit]], data: st.DataObject) -> None:
    text, edits = drawn
    after = splice(text, edits)
    places = [n for n, char in enumerate(after) if char not in "XY"]
    if not places:
        return
    at = data.draw(st.sampled_from(places))
    assert not kept(text, after[:at] + "Z" + after[at + 1 :], edits)
    assert not kept(text, after[:at] + after[at + 1 :], edits) or after[at : at + 1] in after[at + 1 :]


@given(texts_with_edits(), texts_with_edits())
@settings(deadline=None, max_examples=300)
def test_what_does_not_overlap_can_be_spliced(first: tuple[str, list[Edit]], second: tuple[str, list[Edit]]) -> None:
    text = "x" * 30
    if not overlaps(first[1], second[1]):
        splice(text, [*first[1], *second[1]])
    assert overlaps(first[1], second[1]) == overlaps(second[1], first[1])


@pytest.mark.parametrize(
    ("a", "b", "touch"),
    [
        ((0, 2), (1, 3), True),
        ((0, 2), (2, 3), False),
        ((1, 1), (1, 1), True),
        ((1, 1), (0, 2), True),
        ((0, 0), (0, 2), False),
        ((2, 2), (0, 2), False),
        ((0, 4), (1, 2), True),
    ],
)
def test_overlap(a: tuple[int, int], b: tuple[int, int], touch: bool) -> None:
    assert overlaps([Edit(Span(*a), "")], [Edit(Span(*b), "")]) is touch
    assert overlaps([Edit(Span(*b), "")], [Edit(Span(*a), "")]) is touch


def test_inserts_at_one_place_keep_their_order() -> None:
    assert splice("ab", [Edit(Span(1, 1), "1"), Edit(Span(1, 1), "2")]) == "a12b"


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        splice("abcd", [Edit(Span(0, 3), ""), Edit(Span(2, 4), "")])
