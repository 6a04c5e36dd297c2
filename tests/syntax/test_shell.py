"""The shell reader: what a script calls, with which words, where, and inside of what."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from optimizer.facts.document import Document
from optimizer.syntax import parse
from optimizer.syntax.shell import Script, exec_script, read_script

# Script: its steps as (operator, kind, text), and its commands as (where, text of the words).
READ = {
    "a b": ([("", "simple", "a b")], [("", "a b")]),
    "a && b || c; d": (
        [("", "simple", "a"), ("&&", "simple", "b"), ("||", "simple", "c"), (";", "simple", "d")],
        [("tested", "a"), ("tested", "b"), ("or", "c"), ("", "d")],
    ),
    "a || b && c": (
        [("", "simple", "a"), ("||", "simple", "b"), ("&&", "simple", "c")],
        [("tested", "a"), ("or", "b"), ("", "c")],
    ),
    "a | b && c": (
        [("", "pipeline", "a | b"), ("&&", "simple", "c")],
        [("pipeline", "a"), ("pipeline", "b"), ("", "c")],
    ),
    "a && b | c && d": (
        [("", "simple", "a"), ("&&", "pipeline", "b | c"), ("&&", "simple", "d")],
        [("", "a"), ("pipeline", "b"), ("pipeline", "c"), ("", "d")],
    ),
    "a && b > c | d": (
        [("", "simple", "a"), ("&&", "pipeline", "b > c | d")],
        [("", "a"), ("pipeline", "b"), ("pipeline", "d")],
    ),
    "a | b |& c && d": (
        [("", "pipeline", "a | b |& c"), ("&&", "simple", "d")],
        [("pipeline", "a"), ("pipeline", "b"), ("pipeline", "c"), ("", "d")],
    ),
    "a > b && { c; } && d | e 'f;' | g && h || i": (
        [
            ("", "simple", "a > b"),
            ("&&", "compound", "{ c; }"),
            ("&&", "pipeline", "d | e 'f;' | g"),
            ("&&", "simple", "h"),
            ("||", "simple", "i"),
        ],
        [
            ("tested", "a"),
            ("tested group", "c"),
            ("tested pipeline", "d"),
            ("tested pipeline", "e 'f;'"),
            ("tested pipeline", "g"),
            ("tested", "h"),
            ("or", "i"),
        ],
    ),
    "! a && b": ([("", "compound", "! a"), ("&&", "simple", "b")], [("not", "a"), ("", "b")]),
    "a & b": ([("", "simple", "a"), ("&", "simple", "b")], [("background", "a"), ("", "b")]),
    "a # note": ([("", "simple", "a")], [("", "a")]),
    "a\n\nb # note\n": ([("", "simple", "a"), ("\n", "simple", "b")], [("", "a"), ("", "b")]),
    "a \\\n  && b": ([("", "simple", "a"), ("&&", "simple", "b")], [("", "a"), ("", "b")]),
    "if a; then b c; elif [ -f d ]; then e; else f; fi": (
        [("", "compound", "if a; then b c; elif [ -f d ]; then e; else f; fi")],
        [("if", "a"), ("if", "b c"), ("if", "[ -f d ]"), ("if", "e"), ("if", "f")],
    ),
    "for f in $(a) b; do c $f && d; done": (
        [("", "compound", "for f in $(a) b; do c $f && d; done")],
        [("loop substitution", "a"), ("loop", "c $f"), ("loop", "d")],
    ),
    "while read a; do b; done < c": (
        [("", "compound", "while read a; do b; done < c")],
        [("loop", "read a"), ("loop", "b")],
    ),
    "until a; do b; done": ([("", "compound", "until a; do b; done")], [("loop", "a"), ("loop", "b")]),
    "case $a in b|c) d;; *) e && f ;; esac": (
        [("", "compound", "case $a in b|c) d;; *) e && f ;; esac")],
        [("case", "d"), ("case", "e"), ("case", "f")],
    ),
    "(a; b) && { c; }": (
        [("", "compound", "(a; b)"), ("&&", "compound", "{ c; }")],
        [("subshell", "a"), ("subshell", "b"), ("group", "c")],
    ),
    "{ a; } | b": ([("", "pipeline", "{ a; } | b")], [("pipeline group", "a"), ("pipeline", "b")]),
    "f() { a; }; f": (
        [("", "compound", "f() { a; }"), (";", "simple", "f")],
        [("function group", "a"), ("", "f")],
    ),
    "a && (b || c)": (
        [("", "simple", "a"), ("&&", "compound", "(b || c)")],
        [("", "a"), ("subshell tested", "b"), ("subshell or", "c")],
    ),
    'a "$(b "`c`")" <(d)': (
        [("", "simple", 'a "$(b "`c`")" <(d)')],
        [
            ("", 'a "$(b "`c`")" <(d)'),
            ("substitution", 'b "`c`"'),
            ("substitution substitution", "c"),
            ("substitution", "d"),
        ],
    ),
    "x=$(a $(b) | c)": (
        [("", "simple", "x=$(a $(b) | c)")],
        [
            ("", ""),
            ("substitution pipeline", "a $(b)"),
            ("substitution pipeline substitution", "b"),
            ("substitution pipeline", "c"),
        ],
    ),
    "[ -f a ] && [[ $b == c* ]] || test -d d": (
        [("", "simple", "[ -f a ]"), ("&&", "simple", "[[ $b == c* ]]"), ("||", "simple", "test -d d")],
        [("tested", "[ -f a ]"), ("tested", "[[ $b == c* ]]"), ("or", "test -d d")],
    ),
    "export A=1; unset B": (
        [("", "simple", "export A=1"), (";", "simple", "unset B")],
        [("", "export A=1"), ("", "unset B")],
    ),
}


@pytest.mark.parametrize("text", READ)
def test_steps_and_commands(text: str) -> None:
    steps, commands = READ[text]
    script = read_script(text)
    assert script.opaque == ""
    assert [(s.operator, s.kind, text[s.start : s.end]) for s in script.steps] == steps
    assert [(" ".join(c.where), " ".join(w.raw for w in c.words)) for c in script.commands] == commands


@pytest.mark.parametrize("text", READ)
def test_steps_hold_their_commands(text: str) -> None:
    script = read_script(text)
    held = [c for step in script.steps for c in step.commands]
    assert sorted(held, key=lambda c: c.start) == list(script.commands)
    assert all(s.start <= c.start <= c.end <= s.end for s in script.steps for c in s.commands)


@pytest.mark.parametrize(
    ("text", "words", "assignments", "redirects"),
    [
        ("a 'b c' \"d\" e\\ f", ["a", "'b c'", '"d"', "e\\ f"], [], []),
        ('A=1 B="x y" c --d=e', ["c", "--d=e"], ["A=1", 'B="x y"'], []),
        ("A=1 B=2", [], ["A=1", "B=2"], []),
        ("a=(1 2)", [], ["a=(1 2)"], []),
        ("a > b 2>&1 < c >> d", ["a"], [], [(">", "b"), (">&", "1"), ("<", "c"), (">>", "d")]),
        ("a &> b", ["a"], [], [("&>", "b")]),
        ('a <<< "b c"', ["a"], [], [("<<<", '"b c"')]),
        ("> a", [], [], [(">", "a")]),
        ("2>&1 a", ["a"], [], [(">&", "1")]),
        # What hangs on a redirection is the command's.
        ("a >&2 b c", ["a", "b", "c"], [], [(">&", "2")]),
        ("a >b c >d e", ["a", "c", "e"], [], [(">", "b"), (">", "d")]),
        ("a $(b) >c d", ["a", "$(b)", "d"], [], [(">", "c")]),
        # A word ends at a blank only.
        ("a/$B/c-$D e", ["a/$B/c-$D", "e"], [], []),
        ("a$ b$c$", ["a$", "b$c$"], [], []),
        ("a > $B/c-$D.e f", ["a", "f"], [], [(">", "$B/c-$D.e")]),
        ("a b{c,d} *.e ~/f", ["a", "b{c,d}", "*.e", "~/f"], [], []),
        ("a $((1 + 2)) ${b:-c d} $'e\\n'", ["a", "$((1 + 2))", "${b:-c d}", "$'e\\n'"], [], []),
        ("a é 'ü ß' b", ["a", "é", "'ü ß'", "b"], [], []),
    ],
)
def test_parts_of_a_command(
    text: str, words: list[str], assignments: list[str], redirects: list[tuple[str, str]]
) -> None:
    script = read_script(text)
    assert script.opaque == ""
    command = script.outer_commands[0]
    assert [w.raw for w in command.words] == words
    assert [w.raw for w in command.assignments] == assignments
    assert [(r.operator, r.target.raw if r.target else None) for r in command.redirects] == redirects
    assert all(text[w.start : w.end] == w.raw for w in (*command.words, *command.assignments))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("a", "a"),
        ("'a b'", "a b"),
        ('"a b"', "a b"),
        ("a'b'\"c\"d", "abcd"),
        ("a\\ b", "a b"),
        ('"a\\"b\\c"', 'a"b\\c'),
        ("'a\\'", "a\\"),
        ("''", ""),
        ("$a", None),
        ('"$a"', None),
        ("'$a'", "$a"),
        ("\\$a", "$a"),
        ('"\\$a"', "$a"),
        ("`a`", None),
        ("$(a)", None),
        ("*.a", "*.a"),
    ],
)
def test_value_of_a_word(raw: str, value: str | None) -> None:
    assert read_script(f"x {raw}").commands[0].words[1].value == value


@pytest.mark.parametrize(
    "text",
    [
        "a <<EOF\nb\nEOF",
        "a && ",
        "if a; then b",
        "a 'b",
        "time a",
        "a ``",
        "a `b \\`c\\``",
        'a "`b \\"c\\"`"',
        "a \\ b",
        "\\ a",
        "a ${B-`c`}",
        "! { a; }",
        "a " + "&& b " * 5000,
        "$(" * 400 + ")" * 400,
    ],
    ids=lambda t: t[:20],
)
def test_what_is_not_understood_is_opaque(text: str) -> None:
    script = read_script(text)
    assert script.opaque
    assert (script.steps, script.commands) == ((), ())


TOKENS = [
    "a", "b", "-c", " ", " ", "\n", "\\\n", "\\ ", "&&", "||", ";", "|", "&", "(", ")", "{", "}", "$(", "`", "'", '"',
    "$X", "${X}", "${X:-y}", "$", "if ", "then ", "else ", "fi ", "for x in ", "while ", "do ", "done ", "case ", "esac ",
    " in ", ";;", "!", "[ ", " ]", "[[ ", " ]]", "=", "A=", ">", "<", ">&2", "2>&1", "<<E", "<<<", "# c", "((", "))",
    "f() ", "set -e", "cd x", "é", "\t", "\u2028", "\x00", "\udcff", "~", "*", "time ", "export ", "{a,b}", "exit 1",
]  # fmt: skip
scripts = st.lists(st.sampled_from(TOKENS), max_size=20).map("".join) | st.text(max_size=80)


@given(scripts)
@settings(deadline=None, max_examples=1500)
@example("a >b $(c) d")
def test_any_text_has_true_places(text: str) -> None:
    script = read_script(text)
    assert all(0 <= start < end <= len(text) for start, end in script.comments)
    at = 0
    for step in script.steps:
        assert at <= step.start < step.end <= len(text)
        at = step.end
    for command in script.commands:
        assert 0 <= command.start < command.end <= len(text)
        targets = [r.target for r in command.redirects if r.target]
        for words in (command.words, command.assignments, targets):
            at = command.start
            for word in words:
                assert at <= word.start < word.end <= command.end
                assert text[word.start : word.end] == word.raw
                at = word.end


@given(
    st.lists(st.sampled_from(["a", "'b c'", "$X", "\\", "é", '"d"', "&&", ";", "e=f"]), min_size=1, max_size=12),
    st.data(),
)
@settings(deadline=None, max_examples=300)
def test_places_in_the_file_survive_any_fold(words: list[str], data: st.DataObject) -> None:
    gaps = st.sampled_from([" ", "  ", " \\\n", "\\\n  ", " \\\n # c\n\n\t"])
    text = "FROM a\nRUN x" + "".join(data.draw(gaps) + w for w in words) + "\n"
    (run,) = Document(parse(text)).runs
    for command in run.script.commands:
        for word in command.words:
            span = run.place(word)
            if span is None:
                whole = run.reach(word.start, word.end).of(text)
                assert "\\\n" in whole
            else:
                assert span.of(text) == word.raw
            assert text[run.offset(word.start)] == word.raw[0]
            assert text[run.behind(word.end) - 1] == word.raw[-1]


def test_equal_texts_are_one_script() -> None:
    assert read_script("a && b") is read_script("a && " + "b")


def test_end_is_behind_the_last_step() -> None:
    assert read_script("a && b # c").end == 6
    assert read_script("").end == 0


def test_exec_form() -> None:
    script = exec_script(("a", "$b", "c d"))
    assert [w.value for w in script.commands[0].words] == ["a", "$b", "c d"]
    assert isinstance(script, Script) and script.steps[0].commands == script.commands
