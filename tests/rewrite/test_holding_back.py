"""What holds a change back: pragmas, and the guards that lower its safety."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from optimizer.facts.document import Document
from optimizer.facts.settings import Settings
from optimizer.rewrite.change import Change, Edit, Phase, Safety
from optimizer.rewrite.pipeline import Options, optimize
from optimizer.rewrite.registry import Transform, select
from optimizer.rewrite.suppression import is_pragma
from optimizer.syntax import Source, Span


def single_blanks(document: Document) -> Iterator[Change]:
    """Find every doubled blank in an instruction."""
    for instruction in document.tree.instructions:
        at = document.text.find("  ", instruction.start, instruction.end)
        if at >= 0:
            yield Change("one blank", "a test", (Edit(Span(at, at + 2), " "),))


BLANKS = Transform(
    "single-blanks", Phase.TIDY, Safety.SAFE, single_blanks, "", see=("hadolint:DL9999", "buildkit:TwoBlanks")
)


def fixed(text: str, level: int = 2, settings: Settings | None = None) -> str:
    result = optimize(Source(text), Options(level, (BLANKS,), settings or Settings()))
    assert result.faults == ()
    return result.after


@pytest.mark.parametrize(
    "pragma",
    [
        "# dockopt: ignore=single-blanks",
        "#dockopt:ignore=single-blanks",
        "# DOCKOPT: Ignore=Single-Blanks",
        "# dockopt: ignore=other,single-blanks",
        "# dockopt: ignore = other, single-blanks",
        "# dockopt: ignore=DL9999",
        "# dockopt: ignore=hadolint:DL9999",
        "# dockopt: ignore",
        "# hadolint ignore=DL9999",
        "# hadolint ignore=DL3008,DL9999",
        "   # hadolint   ignore = DL3008, DL9999",
    ],
)
def test_pragma_above_an_instruction(pragma: str) -> None:
    assert is_pragma(pragma)
    text = f"FROM a\n{pragma}\nRUN b  c\nRUN d  e\n"
    assert fixed(text) == text.replace("d  e", "d e")
    assert fixed(f"FROM a\n{pragma}\n\n# note\nRUN b  c\n") == f"FROM a\n{pragma}\n\n# note\nRUN b  c\n"


@pytest.mark.parametrize(
    "comment",
    [
        "# dockopt: ignore=other",
        "# dockopt: ignored=single-blanks",
        "# dockopt ignore=single-blanks",
        "# hadolint ignore=DL3008",
        "# hadolint ignore",
        "# see dockopt: ignore=single-blanks",
        "# ignore=single-blanks",
    ],
)
def test_what_holds_nothing_back(comment: str) -> None:
    assert fixed(f"FROM a\n{comment}\nRUN b  c\n") == f"FROM a\n{comment}\nRUN b c\n"


@pytest.mark.parametrize(
    "pragma",
    [
        "# dockopt: ignore-file",
        "# dockopt: ignore-file=single-blanks",
        "# dockopt: ignore-file=other,DL9999",
        "# hadolint global ignore=DL9999",
    ],
)
def test_pragma_for_the_whole_file(pragma: str) -> None:
    for text in (f"{pragma}\nFROM a\nRUN b  c\n", f"FROM a\nRUN b  c\n{pragma}\n"):
        assert fixed(text) == text


def test_a_pragma_holds_a_change_that_only_reaches_into_its_instruction() -> None:
    text = "FROM a\nRUN b\n# dockopt: ignore=join\nRUN c\n"

    def find(document: Document) -> Iterator[Change]:
        start, end = text.index("\n# dockopt"), text.index("RUN c") + 4
        yield Change("join", "a test", (Edit(Span(start, end), " && "),))

    result = optimize(Source(text), Options(2, (Transform("join", Phase.TIDY, Safety.SAFE, find, ""),)))
    assert result.after == text and result.faults == ()
    assert [item.reason for item in result.left] == ["a pragma holds it back"]


GUARDED = {
    "below ONBUILD": "FROM a\nONBUILD RUN  b\n",
    "in a shell that is not known": 'FROM a\nSHELL ["pwsh", "-c"]\nRUN  b\n',
    "in a Windows file": "# escape=`\nFROM a\nRUN  b\n",
    "in a command of an unknown shell": 'FROM a\nSHELL ["pwsh", "-c"]\nCMD  b\n',
    "in a stage that others copy from": "FROM a AS s\nRUN  b\nFROM d\nCOPY --from=s /e /f\n",
    "in a stage that others mount": "FROM a AS s\nRUN  b\nFROM d\nRUN --mount=from=s,target=/e f\n",
}


@pytest.mark.parametrize("case", GUARDED)
def test_guards_lower_a_safe_change(case: str) -> None:
    text = GUARDED[case]
    assert fixed(text, level=1) == text
    assert fixed(text, level=2) == text.replace("  b", " b")


def test_a_stage_that_is_built_by_name() -> None:
    text = "FROM a AS Dev\nRUN b  c\nFROM d\nRUN e  f\n"
    after = fixed(text, level=1, settings=Settings(targets=("dev",)))
    assert after == text.replace("e  f", "e f")
    assert fixed(text, level=1) == text.replace("b  c", "b c").replace("e  f", "e f")


def test_what_is_not_guarded() -> None:
    for text in (
        "FROM a AS s\nCOPY b  c\nFROM d\nCOPY --from=s /e /f\n",
        'FROM a\nSHELL ["pwsh", "-c"]\nCOPY b  c\n',
        "FROM a AS s\nRUN b  c\nFROM s\n",
    ):
        assert fixed(text, level=1) == text.replace("b  c", "b c")


def test_the_reason_is_said() -> None:
    result = optimize(Source(GUARDED["below ONBUILD"]), Options(2, (BLANKS,)))
    (applied,) = result.applied
    assert applied.safety is Safety.REVIEW
    assert applied.change.evidence == "it runs in the builds of images that stand on this one"


def test_selection_by_any_name() -> None:
    other = Transform("other", Phase.TIDY, Safety.SAFE, single_blanks, "", optional=True)
    both = (BLANKS, other)
    assert select(both, (), ()) == (BLANKS,)
    assert select(both, ("other",), ()) == (other,)
    assert select(both, ("dl9999", "OTHER"), ()) == both
    assert select(both, ("buildkit:twoblanks",), ()) == (BLANKS,)
    assert select(both, (), ("DL9999",)) == ()
