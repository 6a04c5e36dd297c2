"""The manual page of each transform is its docstring, and its example is true."""

from __future__ import annotations

import re
import textwrap

import pytest

from optimizer.rewrite.registry import Transform, all_transforms
from tests.support import FIXTURES, run

_EXAMPLE = re.compile(r"^Before:\n(?P<before>(?:    .*\n|\n)+)After:\n(?P<after>(?:    .*\n|\n)+)", re.MULTILINE)


def example(transform: Transform) -> tuple[str, str]:
    match = _EXAMPLE.search(transform.doc)
    assert match, f"{transform.name} has no Before/After"
    before, after = (textwrap.dedent(match.group(n)).strip("\n") + "\n" for n in ("before", "after"))
    if "FROM " not in before:
        before, after = (f"FROM debian:bookworm\n{text}" for text in (before, after))
    return before, after


@pytest.mark.parametrize("transform", all_transforms(), ids=lambda t: t.name)
def test_example_is_true(transform: Transform) -> None:
    before, after = example(transform)
    context = FIXTURES / "transforms" / transform.name / "manual"
    assert run(before, transform.name, context=context if context.is_dir() else None).after == after


@pytest.mark.parametrize("transform", all_transforms(), ids=lambda t: t.name)
def test_page_is_complete(transform: Transform) -> None:
    assert transform.summary.endswith(".")
    assert len(transform.summary) <= 80
    assert f"Safety: {transform.safety.value}" in transform.doc
    assert "Left alone:" in transform.doc
