"""The gate: whatever a transform gets wrong is dropped and named, and what it gets right is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from optimizer.facts.document import Document
from optimizer.rewrite.change import Change, Edit, Outcome, Phase, Safety
from optimizer.rewrite.claims import Claim, commands_like, instructions, layers, words_of
from optimizer.rewrite.pipeline import Options, optimize
from optimizer.rewrite.registry import Transform
from optimizer.syntax import Source, Span

YES = words_of(["apt-get"], "-y")


def swap(text: str, old: str, new: str) -> Change:
    """Return the change that puts `new` in the place of the first `old`."""
    at = text.index(old)
    return Change(f"{old!r} to {new!r}", "a test", (Edit(Span(at, at + len(old)), new),))


def wrong(*swaps: tuple[str, str], claims: Sequence[Claim] = ()) -> Transform:
    """Return a transform that makes each swap a change of its own."""

    def find(document: Document) -> Iterator[Change]:
        return (swap(document.text, old, new) for old, new in swaps)

    return Transform("wrong", Phase.TIDY, Safety.SAFE, find, "", claims=tuple(claims))


def outcome(text: str, *transforms: Transform, level: int = 2) -> Outcome:
    return optimize(Source(text), Options(level=level, transforms=transforms))


FILE = """\
# syntax=docker/dockerfile:1
FROM debian:12 AS base
ARG VERSION=1
ENV A=1 B="two words"
# about the packages
RUN apt-get update && apt-get install curl && \\
    # inside
    rm -rf /var/lib/apt/lists/*
USER app
WORKDIR /srv
COPY --chown=app a.txt ./data/
RUN set -x; make all; make test # done
RUN cat <<EOF > /note
hello
EOF
FROM base
COPY --from=base /srv /srv
ONBUILD COPY --chmod=644 x y
HEALTHCHECK --interval=5s CMD curl  -f 'a  b'
CMD ["run", "it"]
"""

DAMAGE = {
    "a word is lost": ("install curl", "install"),
    "a word is gained": ("install curl", "install curl wget"),
    "a word changes": ("make test", "make tests"),
    "a command is lost": ("; make test", ""),
    "a command is gained": ("make test", "make test; make more"),
    "the order changes": ("make all; make test", "make test; make all"),
    "an operator changes": ("make all; make test", "make all && make test"),
    "a redirection changes": ("> /note", ">> /note"),
    "a subshell appears": ("make all; make test", "(make all; make test)"),
    "a command goes to the background": ("make test", "make test &"),
    "a variable is quoted away": ('B="two words"', "B='two $words'"),
    "one ENV sees the other's value": ('B="two words"', "B=$A"),
    "ENV is lost": ("ENV A=1 ", "ENV "),
    "ARG loses its default": ("ARG VERSION=1", "ARG VERSION"),
    "ARG gets an empty default": ("ARG VERSION=1", "ARG VERSION="),
    "the user changes": ("USER app", "USER root"),
    "the folder changes": ("WORKDIR /srv", "WORKDIR /src"),
    "a RUN moves above USER": ("USER app\nWORKDIR /srv", "WORKDIR /srv\nUSER app"),
    "a copy goes elsewhere": ("./data/", "./date/"),
    "a copy loses its folder's mark": ("./data/", "./data"),
    "a copy changes its owner": ("--chown=app", "--chown=0"),
    "a copy takes another file": ("a.txt", "b.txt"),
    "a base changes": ("debian:12", "debian:13"),
    "a stage is renamed": ("AS base", "AS bass"),
    "a reference to a stage changes": ("--from=base", "--from=bass"),
    "a stage is lost": ("FROM base\n", ""),
    "a heredoc's body changes": ("hello", "goodbye"),
    "a heredoc never ends": ("hello\nEOF", "hello\nEOF "),
    "a heredoc swallows what follows": ("\nEOF\nFROM base", "\nFROM base"),
    "a trigger changes its mode": ("--chmod=644", "--chmod=755"),
    "a trigger changes": ("x y", "x z"),
    "a health check is put off": ("--interval=5s", "--interval=9s"),
    "blanks inside quotes are lost": ("'a  b'", "'a b'"),
    "JSON becomes shell": ('["run", "it"]', "run it"),
    "JSON breaks": ('"it"]', '"it",]'),
    "a comment is lost": ("# about the packages\n", ""),
    "a comment inside an instruction is lost": ("    # inside\n", ""),
    "a comment inside a script is lost": (" # done", ""),
    "a comment swallows a command": ("make all;", "make all # ;"),
    "a directive is lost": ("# syntax=docker/dockerfile:1\n", ""),
    "a directive is shadowed": ("# syntax=docker", "\n# syntax=docker"),
    "a directive changes": ("dockerfile:1", "dockerfile:2"),
    "a continuation is lost": ("&& \\\n", "&&\n"),
    "an unknown instruction appears": ("USER app", "USR app"),
    "a script breaks": ("cat <<EOF > /note", "cat <<EOF > /note)"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_dropped_and_the_good_is_kept(damage: str) -> None:
    old, new = DAMAGE[damage]
    good = ("set -x", "set -ex")
    result = outcome(FILE, wrong(good, (old, new), claims=[words_of(["set"], "-e?x")]))
    assert result.after == FILE.replace(*good)
    assert len(result.faults) == 1 and result.faults[0].startswith("wrong: ")
    assert [a.change.why for a in result.applied] == ["a test"]
    (left,) = result.left
    assert left.title == f"{old!r} to {new!r}" and left.reason.startswith("dropped by a check: ")


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("a comment is lost", "a comment was lost"),
        ("a directive is shadowed", "a parser directive was lost"),
        ("an unknown instruction appears", "an instruction is not known to the builder"),
        ("a heredoc never ends", "a heredoc does not end"),
        ("a script breaks", "a script is no longer understood"),
        ("a word changes", "'$ ; make test' became '$ ; make tests'"),
        ("a heredoc's body changes", "'<< EOF hello' became '<< EOF goodbye'"),
    ],
)
def test_the_fault_is_named(damage: str, fault: str) -> None:
    (found,) = outcome(FILE, wrong(DAMAGE[damage])).faults
    assert found == f"wrong: {fault}"


HARMLESS = {
    "layout": ("make all; make test", "make all ;  make test"),
    "a fold more": ("make all; ", "make all; \\\n  "),
    "quotes that mean nothing": ('B="two words"', "B='two words'"),
    "a pair on its own": ('A=1 B="two words"', 'A=1\nENV B="two words"'),
    "the same folder": ("./data/", "/srv/data/"),
    "the case of keywords": ("USER app", "user app"),
    "the case of a stage's name": ("AS base", "as BASE"),
    "a new comment": ("USER app", "# who\nUSER app"),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_makes_no_difference_passes(case: str) -> None:
    old, new = HARMLESS[case]
    result = outcome(FILE, wrong((old, new)))
    assert result.faults == ()
    assert result.after == FILE.replace(old, new, 1)


def test_a_comment_may_move() -> None:
    def find(document: Document) -> Iterator[Change]:
        line = "# about the packages\n"
        first, second = swap(document.text, line, ""), swap(document.text, "USER app", f"{line}USER app")
        yield Change("move", "a test", first.edits + second.edits)

    result = outcome(FILE, Transform("move", Phase.TIDY, Safety.SAFE, find, ""))
    assert result.faults == () and result.changed


def test_only_what_is_claimed_may_differ() -> None:
    text = "FROM a\nRUN apt-get install b && c -y\n"
    assert outcome(text, wrong(("install b", "install -y b"), claims=[YES])).faults == ()
    assert outcome(text, wrong(("install b", "install -q b"), claims=[YES])).faults != ()
    assert outcome(text, wrong(("c -y", "c"), claims=[YES])).faults != ()
    assert outcome(text, wrong(("install b", "install -y b"))).faults != ()


def test_claimed_commands_and_instructions() -> None:
    text = "FROM a\nRUN b && rm -rf /x && c\nEXPOSE 80\n"
    clean = commands_like(r"rm -rf /x")
    assert outcome(text, wrong((" && rm -rf /x", ""), claims=[clean])).after == "FROM a\nRUN b && c\nEXPOSE 80\n"
    assert outcome(text, wrong((" && rm -rf /x", " && rm -rf /"), claims=[clean])).faults != ()
    assert outcome(text, wrong((" && rm -rf /x &&", " ;"), claims=[clean])).faults != ()
    assert outcome(text, wrong(("EXPOSE 80\n", ""), claims=[instructions("EXPOSE")])).faults == ()


def test_neighbours_may_become_one() -> None:
    text = "FROM a\nRUN b && c\nRUN d\nUSER e\nRUN f\n"
    merged = outcome(text, wrong(("\nRUN d", " && d"), claims=[layers]))
    assert merged.after == "FROM a\nRUN b && c && d\nUSER e\nRUN f\n"
    assert outcome(text, wrong(("\nUSER e\nRUN f", " && f\nUSER e"), claims=[layers])).faults != ()
    assert outcome(text, wrong(("\nRUN d", " || d"), claims=[layers])).faults != ()
    assert outcome(text, wrong(("\nRUN d", " && d && g"), claims=[layers])).faults != ()


CLEAN = commands_like(r"rm -rf /var/lib/apt/lists/\*")


@pytest.mark.parametrize(
    ("rest", "starves"),
    [
        ("RUN apt-get install c\n", True),
        ("RUN apt-get update && apt-get install c\n", False),
        ("RUN apt-get install ./c.deb\n", False),
        ("RUN apt-get upgrade\n", True),
        ("RUN echo\nFROM x\nRUN apt-get install c\n", False),
        ("RUN echo\nFROM base\nRUN apt-get install c\n", True),
        ("RUN --mount=type=cache,target=/var/lib/apt/lists apt-get install c\n", True),
    ],
)
def test_lists_that_a_later_install_needs(rest: str, starves: bool) -> None:
    text = f"FROM a AS base\nRUN apt-get update && apt-get install b\n{rest}"
    result = outcome(text, wrong(("install b", "install b && rm -rf /var/lib/apt/lists/*"), claims=[CLEAN]))
    assert (result.faults != ()) is starves
    assert all("would find no package lists" in fault for fault in result.faults)


def test_one_install_fed_does_not_pay_for_one_starved() -> None:
    text = "FROM a\nRUN apt-get install z\nRUN apt-get update && apt-get install b\nRUN apt-get install c\n"
    update = commands_like(r"apt-get update|rm -rf /var/lib/apt/lists/\*")

    def find(document: Document) -> Iterator[Change]:
        first = swap(document.text, "RUN apt-get install z", "RUN apt-get update && apt-get install z")
        second = swap(document.text, "install b", "install b && rm -rf /var/lib/apt/lists/*")
        yield Change("both", "a test", first.edits + second.edits)

    result = outcome(text, Transform("both", Phase.TIDY, Safety.SAFE, find, "", claims=(update,)))
    assert result.after == text
    assert result.faults == ("both: apt-get install c would find no package lists",)


def test_changes_that_hold_alone_and_not_together() -> None:
    text = "FROM a\nRUN b\nRUN c\n"
    clash = commands_like("x|y")

    def claim(model: list) -> list:
        words = [w for e in model for w in e.words]
        return model if "x" in words and "y" in words else clash(model)

    result = outcome(text, wrong(("RUN b", "RUN b && x"), ("RUN c", "RUN c && y"), claims=[claim]))
    assert result.after == "FROM a\nRUN b && x\nRUN c\n"
    assert len(result.faults) == 1


def test_overlapping_changes_the_earlier_wins() -> None:
    result = outcome("FROM a\nRUN b   c\n", wrong(("b   c", "b  c"), ("   c", " c")))
    assert result.after == "FROM a\nRUN b  c\n"
    assert [item.reason for item in result.left] == ["another change of the same transform touches the place"]
    assert result.faults == ()


def broken_find(document: Document) -> Iterator[Change]:
    raise RuntimeError("a bug")


def broken_claim(model: list) -> list:
    raise RuntimeError("a bug")


@pytest.mark.parametrize(
    "broken",
    [
        Transform("broken", Phase.TIDY, Safety.SAFE, broken_find, ""),
        Transform("broken", Phase.TIDY, Safety.SAFE, wrong(("b", "c")).find, "", claims=(broken_claim,)),
    ],
    ids=["find", "claim"],
)
def test_a_transform_that_raises_takes_nothing_down(broken: Transform) -> None:
    result = outcome("FROM a\nRUN b   d\n", broken, wrong(("b   d", "b d")))
    assert result.after == "FROM a\nRUN b d\n"
    assert result.faults == ("broken: RuntimeError: a bug",)


def test_edits_of_one_change_that_overlap() -> None:
    def find(document: Document) -> Iterator[Change]:
        yield Change("x", "y", (Edit(Span(7, 12), "RUN  b"), Edit(Span(9, 12), "x")))

    result = outcome("FROM a\nRUN b\n", Transform("twice", Phase.TIDY, Safety.SAFE, find, ""))
    assert result.faults == ("twice: edits overlap",)
    assert not result.changed


def changing(safety: Safety, text: str = "b  c", level: int = 0) -> Callable[[Document], Iterator[Change]]:
    def find(document: Document) -> Iterator[Change]:
        at = document.text.index("b   c")
        yield Change("x", "y", (Edit(Span(at, at + 5), text),), safety, level=level)

    return find


@pytest.mark.parametrize(
    ("safety", "level", "from_level"),
    [(Safety.SAFE, 0, 1), (Safety.REVIEW, 0, 2), (Safety.RISKY, 0, 3), (Safety.SAFE, 3, 3), (Safety.RISKY, 1, 3)],
)
def test_levels(safety: Safety, level: int, from_level: int) -> None:
    transform = Transform("t", Phase.TIDY, Safety.SAFE, changing(safety, level=level), "")
    for at in (1, 2, 3):
        result = outcome("FROM a\nRUN b   c\n", transform, level=at)
        assert result.changed is (at >= from_level)
        assert [item.level for item in result.left] == ([] if at >= from_level else [from_level])


def test_advice_changes_nothing() -> None:
    transform = Transform("t", Phase.TIDY, Safety.ADVICE, lambda d: iter([Change("x", "y", at=7)]), "")
    result = outcome("FROM a\nRUN b\n", transform, level=3)
    assert not result.changed and result.applied == ()
    assert [(a.change.title, a.line) for a in result.advice] == [("x", 2)]


def test_transforms_see_what_the_former_left() -> None:
    first, second = wrong(("b   c", "b  c")), wrong(("b  c", "b c"))
    result = outcome("FROM a\nRUN b   c\n", first, second)
    assert [s.after for s in result.steps] == ["FROM a\nRUN b  c\n", "FROM a\nRUN b c\n"]
    assert [s.before for s in result.steps] == ["FROM a\nRUN b   c\n", "FROM a\nRUN b  c\n"]


def test_triggers_spare_a_transform_its_turn() -> None:
    def find(document: Document) -> Iterator[Change]:
        raise AssertionError

    transform = Transform("t", Phase.TIDY, Safety.SAFE, find, "", triggers=("apt-get",))
    assert outcome("FROM a\nRUN b\n", transform).faults == ()
    assert outcome("FROM a\nRUN APT-GET\n", transform).faults != ()


@pytest.mark.parametrize(
    "script",
    ["( set -e; b; c )", "{ set -e; b; c; }", "if b; then set -e; c; d; fi", "set -e; ( b; c )", "(b; c)"],
)
def test_errexit_that_is_put_to_sleep(script: str) -> None:
    shell = 'SHELL ["sh", "-ec"]\n' if "set" not in script else ""
    text = f"FROM a\n{shell}RUN {script}\n"
    more = commands_like("x")
    assert outcome(text, wrong((script, f"{script} && x"), claims=[more])).faults != ()
    assert outcome(text, wrong((script, f"{script}; x"), claims=[more])).faults == ()
