"""Backing off: what is kept holds, and nothing of what is left out can be added."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.prove.backoff import Found, OutOfBudget, back_off

ATOMS = list(range(8))
SETS = st.frozensets(st.sampled_from(ATOMS), min_size=1, max_size=3)


def breaks_by(breaking: list[frozenset[int]], asked: list[frozenset[int]]) -> Callable[[frozenset[int]], str]:
    """A set breaks where it contains one of the given sets."""

    def test(kept: frozenset[int]) -> str:
        assert kept not in asked, "the same set is tested twice"
        asked.append(kept)
        found = [b for b in breaking if b <= kept]
        return f"breaks by {sorted(found[0])}" if found else ""

    return test


def rests_on(atom: int, needs: dict[int, frozenset[int]]) -> frozenset[int]:
    found = {atom}
    for one in needs.get(atom, frozenset()):
        found |= rests_on(one, needs)
    return frozenset(found)


@given(
    breaking=st.lists(SETS, max_size=4),
    # An atom rests on earlier ones only, as a change rests on those of earlier steps.
    raw=st.dictionaries(st.sampled_from(ATOMS[1:]), st.frozensets(st.sampled_from(ATOMS), max_size=2), max_size=4),
    suspects=st.lists(st.frozensets(st.sampled_from(ATOMS), max_size=3), max_size=2),
)
def test_what_is_left_out_is_one_minimal(breaking, raw, suspects) -> None:
    needs = {atom: frozenset(o for o in others if o < atom) for atom, others in raw.items()}
    asked: list[frozenset[int]] = []
    found = back_off(ATOMS, needs, breaks_by(breaking, asked), suspects)
    assert found.complete
    assert not any(b <= found.kept for b in breaking)
    for kept in asked:
        assert all(rests_on(a, needs) <= kept for a in kept), "a set was tested without what it rests on"
    for atom in set(ATOMS) - found.kept:
        with_it = found.kept | rests_on(atom, needs)
        assert any(b <= with_it for b in breaking), f"{atom} could be added"
        assert found.reasons[atom].startswith("breaks by")
    assert not found.reasons.keys() & found.kept


def test_all_that_holds_takes_one_test() -> None:
    asked: list[frozenset[int]] = []
    found = back_off(ATOMS, {}, breaks_by([], asked))
    assert found.kept == frozenset(ATOMS) and len(asked) == 1


def test_one_culprit_among_many_is_found_quickly() -> None:
    asked: list[frozenset[int]] = []
    found = back_off(list(range(32)), {}, breaks_by([frozenset({19})], asked))
    assert set(range(32)) - found.kept == {19}
    assert len(asked) <= 12


def test_a_suspect_that_is_to_blame_takes_three_tests() -> None:
    asked: list[frozenset[int]] = []
    found = back_off(list(range(32)), {}, breaks_by([frozenset({19})], asked), [[19]])
    assert set(range(32)) - found.kept == {19}
    assert len(asked) == 2  # everything, and all but the suspect; adding it gives everything again


def test_out_of_budget_keeps_what_held() -> None:
    asked: list[frozenset[int]] = []
    test = breaks_by([frozenset({3}), frozenset({6})], asked)

    def bounded(kept: frozenset[int]) -> str:
        if len(asked) == 10:
            raise OutOfBudget
        return test(kept)

    found = back_off(ATOMS, {}, bounded)
    assert not found.complete
    assert found.kept and not found.kept & {3, 6}
    assert {3, 6} <= found.reasons.keys()


def test_an_interruption_leaves_what_is_proven() -> None:
    asked: list[frozenset[int]] = []
    test = breaks_by([frozenset({0})], asked)
    found: Found[int] = Found()

    def interrupted(kept: frozenset[int]) -> str:
        if len(asked) == 3:
            raise KeyboardInterrupt
        return test(kept)

    with pytest.raises(KeyboardInterrupt):
        back_off(ATOMS, {}, interrupted, found=found)
    assert found.kept == {4, 5, 6, 7}
