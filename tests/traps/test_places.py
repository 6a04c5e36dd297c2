"""Traps C5 to C9: where an instruction stands decides what it means."""

from __future__ import annotations

import pytest

from optimizer.facts.document import Document
from optimizer.rewrite.change import Safety
from optimizer.syntax import parse
from tests.support import fixed, run

LEVELS = (1, 2, 3)


@pytest.mark.parametrize("level", LEVELS)
def test_c5_an_argument_before_from_is_outside_every_stage(level: int) -> None:
    text = "ARG VERSION=1\nFROM debian:bookworm-slim\nRUN echo $VERSION\nRUN echo ${VERSION:-none}\n"
    after = fixed(text, level=level)
    assert after.startswith("ARG VERSION=1\nFROM debian:bookworm-slim\nRUN echo $VERSION")
    assert "VERSION" not in Document(parse(after)).runs[0].state.env


@pytest.mark.parametrize("level", LEVELS)
def test_c6_copy_link_keeps_its_flags_and_gets_no_new_one(level: int) -> None:
    text = "# syntax=docker/dockerfile:1\nFROM debian:bookworm-slim\nCOPY --link --chown=1000:1000 a/ /a/\nADD --link b.txt /b/\n"
    after = fixed(text, level=level)
    assert "COPY --link --chown=1000:1000 a/ /a/\n" in after
    assert after.count("--link") == 2
    assert "--link" not in fixed("FROM debian:bookworm-slim\nADD b.txt /b/\n", level=level)


@pytest.mark.parametrize("level", LEVELS)
def test_c7_nothing_moves_across_a_volume(level: int) -> None:
    text = "FROM debian:bookworm-slim\nRUN mkdir /data\nVOLUME /data\nRUN touch /data/x\nRUN chmod 600 /data/x\n"
    after = fixed(text, level=level)
    assert after.index("mkdir /data") < after.index("VOLUME") < after.index("touch") < after.index("chmod")
    assert after.count("RUN ") >= 2


def test_c8_a_trigger_is_changed_on_review_only() -> None:
    text = "FROM python:3.12\nONBUILD COPY requirements.txt .\nONBUILD RUN pip install -r requirements.txt\n"
    assert fixed(text, level=1) == text
    assert all(a.safety is not Safety.SAFE for a in run(text, level=2).applied)


def test_c8_the_lists_that_a_trigger_needs_stay() -> None:
    text = (
        "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends libpq5\n"
        "ONBUILD RUN apt-get install -y --no-install-recommends libxml2\n"
    )
    assert "rm -rf" not in fixed(text, level=3)


@pytest.mark.parametrize("level", LEVELS)
def test_c9_a_relative_place_stays_the_same_place(level: int) -> None:
    text = "FROM debian:bookworm-slim\nWORKDIR /srv\nWORKDIR app\nUSER nobody\nCOPY a b/\nRUN mkdir c\nRUN touch c/d\n"
    document = Document(parse(fixed(text, level=level)))
    assert document.stages[0].last.workdir == "/srv/app"
    assert document.stages[0].last.user == "nobody"
    assert "COPY a b/" in document.text
