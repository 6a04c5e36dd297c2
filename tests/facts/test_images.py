"""Image references and the words of ENV, ARG and LABEL."""

from __future__ import annotations

import pytest

from optimizer.facts.environment import pairs_of
from optimizer.facts.images import expand, read_image
from optimizer.syntax import parse


@pytest.mark.parametrize(
    ("raw", "registry", "repository", "tag", "digest", "official"),
    [
        ("debian", "docker.io", "library/debian", None, None, "debian"),
        ("debian:12", "docker.io", "library/debian", "12", None, "debian"),
        ("library/debian", "docker.io", "library/debian", None, None, "debian"),
        ("docker.io/debian", "docker.io", "library/debian", None, None, "debian"),
        ("index.docker.io/library/debian:12", "docker.io", "library/debian", "12", None, "debian"),
        ("me/app:1.0-a_b", "docker.io", "me/app", "1.0-a_b", None, None),
        ("ghcr.io/me/app", "ghcr.io", "me/app", None, None, None),
        ("localhost/app", "localhost", "app", None, None, None),
        ("localhost:5000/app", "localhost:5000", "app", None, None, None),
        ("reg:5000/a/b:1", "reg:5000", "a/b", "1", None, None),
        ("debian@sha256:abc", "docker.io", "library/debian", None, "sha256:abc", "debian"),
        ("debian:12@sha256:abc", "docker.io", "library/debian", "12", "sha256:abc", "debian"),
        ("reg:5000/debian@sha256:abc", "reg:5000", "debian", None, "sha256:abc", None),
    ],
)
def test_parts(
    raw: str, registry: str, repository: str, tag: str | None, digest: str | None, official: str | None
) -> None:
    image = read_image(raw, {})
    assert (image.registry, image.repository, image.tag, image.digest) == (registry, repository, tag, digest)
    assert image.official == official
    assert image.known


VALUES = {"A": "1", "E": "", "N": None}


@pytest.mark.parametrize(
    ("text", "found", "known"),
    [
        ("x:$A-y", "x:1-y", True),
        ("x:${A}y", "x:1y", True),
        ("$Z", "$Z", False),
        ("${N}", "${N}", False),
        ("${Z:-b}", "b", True),
        ("${A:-b}", "1", True),
        ("${E:-b}", "b", True),
        ("${E-b}", "", True),
        ("${Z:-${A}-c}", "1-c", True),
        ("${Z:-$Y}", "$Y", False),
        ("${A:+b}", "b", True),
        ("${E:+b}", "", True),
        ("${E+b}", "b", True),
        ("${Z+b}", "", True),
        ("${A:?b}", "1", True),
        ("${Z?b}", "${Z?b}", False),
        ("${A#x}", "${A#x}", False),
        ("${A/1/2}", "${A/1/2}", False),
        ("a$", "a$", True),
    ],
)
def test_expand(text: str, found: str, known: bool) -> None:
    assert expand(text, VALUES) == (found, known)


def test_arg_defaults_in_from() -> None:
    image = read_image("${REG:-docker.io}/node:${V}-slim", {"V": "20"})
    assert (image.official, image.tag, image.known) == ("node", "20-slim", True)
    assert not read_image("node:$W", {"V": "20"}).known


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("ENV a=b c='d e' f=\"g $h\"", [("a", "b", "b"), ("c", "'d e'", "d e"), ("f", '"g $h"', "g $h")]),
        ("ENV a b  c", [("a", "b  c", "b  c")]),
        ("ENV a", []),
        ("ENV a=b c", []),
        ("ENV a=", [("a", "", "")]),
        ("ENV a=b\\ c", [("a", "b\\ c", "b c")]),
        ('LABEL a.b=c "d e"=f', [("a.b", "c", "c"), ('"d e"', "f", "f")]),
        ("ARG a", [("a", "", "")]),
        ("ARG a=b c", [("a", "b", "b"), ("c", "", "")]),
        ("ENV a \\\n  b", [("a", "b", "b")]),
    ],
)
def test_pairs(line: str, pairs: list[tuple[str, str, str]]) -> None:
    text = f"FROM x\n{line}\n"
    instruction = parse(text).instructions[1]
    found = pairs_of(instruction)
    assert [(p.name, p.raw, p.value) for p in found] == pairs
    folded = instruction.folded.text
    assert all(p.name_span.of(folded) == p.name and p.value_span.of(folded) == p.raw for p in found)


def test_pairs_follow_the_escape_character() -> None:
    tree = parse("# escape=`\nFROM x\nENV a=c:\\d b=e` f\n")
    assert [p.value for p in pairs_of(tree.instructions[1], tree.escape)] == ["c:\\d", "e f"]


def test_whether_a_value_is_given() -> None:
    pairs = pairs_of(parse("FROM x\nARG a b= c=1\n").instructions[1])
    assert [p.given for p in pairs] == [False, True, True]
