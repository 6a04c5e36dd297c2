"""A reference that is written anew names what it should, whatever ARGs the old one is made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from optimizer.facts.document import Document
from optimizer.facts.references import rewrite
from optimizer.rewrite.change import Edit
from optimizer.rewrite.edits import splice
from optimizer.syntax import parse

VERSIONS = st.sampled_from(["3", "3.12", "20", "latest", "3.12.1"])
ENDINGS = st.sampled_from(["", "-bookworm", "-slim", "-alpine3.20"])
FORMS = st.sampled_from(
    [
        "FROM python:{tag}\n",
        "ARG A={version}\nFROM python:$A{ending}\n",
        "ARG A={version}\nARG B={ending}\nFROM python:${{A}}${{B}}\n",
        "ARG A=python:{tag}\nFROM $A\n",
        "ARG A={tag}\nFROM docker.io/library/python:${{A}}\n",
        "ARG A=docker.io/\nFROM ${{A}}library/python:{tag}\n",
        "ARG A={tag}\nFROM python:${{A:-3}}\nFROM $A\n",
    ]
)


@given(FORMS, VERSIONS, ENDINGS, VERSIONS, ENDINGS)
def test_the_new_name_is_what_was_asked_for(form: str, version: str, ending: str, other: str, system: str) -> None:
    text = form.format(tag=f"{version}{ending}", version=version, ending=ending)
    doc = Document(parse(text))
    old = doc.stages[0].image.resolved
    new = f"{old.rpartition(':')[0]}:{other}{system}"
    found = rewrite(doc, doc.stages[0], new)
    if isinstance(found, str):
        assert "$" in text
        return
    after = Document(parse(splice(text, [Edit(found.span, found.text)])))
    assert after.stages[0].image.resolved == new
    assert [s.image.resolved for s in after.stages[1:]] == [s.image.resolved for s in doc.stages[1:]]


def test_the_place_of_the_change_is_the_one_that_a_person_would_take() -> None:
    for text, new, after in (
        ("ARG V=3.12\nFROM python:$V\n", "python:3.12-slim", "ARG V=3.12\nFROM python:$V-slim\n"),
        (
            "ARG V=3.12\nFROM python:${V}-bookworm\n",
            "python:3.12-slim-bookworm",
            "ARG V=3.12\nFROM python:${V}-slim-bookworm\n",
        ),
        (
            "ARG V=3.12-bookworm\nFROM python:$V\n",
            "python:3.12-slim-bookworm",
            "ARG V=3.12-slim-bookworm\nFROM python:$V\n",
        ),
        ("ARG B=python:3.12\nFROM $B\n", "python:3.12-slim", "ARG B=python:3.12-slim\nFROM $B\n"),
    ):
        doc = Document(parse(text))
        found = rewrite(doc, doc.stages[0], new)
        assert not isinstance(found, str)
        assert splice(text, [Edit(found.span, found.text)]) == after
