"""What commands call: the program behind its wrappers, the verb, options, values and operands."""

from __future__ import annotations

import pytest

from optimizer.facts.document import Document
from optimizer.facts.managers import BY_PROGRAM, MANAGERS
from optimizer.facts.runs import Call
from optimizer.syntax import parse


def call(text: str) -> Call:
    """Return the only call of a RUN."""
    (found,) = Document(parse(f"FROM a\nRUN {text}\n")).runs[0].calls
    return found


@pytest.mark.parametrize(
    ("text", "program", "wrappers"),
    [
        ("apt-get update", "apt-get", ()),
        ("/usr/bin/apt-get update", "apt-get", ()),
        ("A=1 apt-get update", "apt-get", ()),
        ("sudo apt-get update", "apt-get", ("sudo",)),
        ("sudo -E -u root apt-get update", "apt-get", ("sudo",)),
        ("sudo A=1 B=2 apt-get update", "apt-get", ("sudo",)),
        ("env A=1 apt-get update", "apt-get", ("env",)),
        ("env -u A -i B=1 apt-get update", "apt-get", ("env",)),
        ("command apt-get update", "apt-get", ("command",)),
        ("exec apt-get update", "apt-get", ("exec",)),
        ("nice -n 5 sudo -- apt-get update", "apt-get", ("nice", "sudo")),
        ("timeout -k 5 60 apt-get update", "apt-get", ("timeout",)),
        ("gosu root apt-get update", "apt-get", ("gosu",)),
        ("eatmydata apt-get update", "apt-get", ("eatmydata",)),
        ("sudo", "sudo", ()),
        ("$APT update", "", ()),
        ("'apt-get' update", "apt-get", ()),
    ],
)
def test_program_behind_wrappers(text: str, program: str, wrappers: tuple[str, ...]) -> None:
    found = call(text)
    assert (found.program, found.shell.wrappers) == (program, wrappers)
    if program == "apt-get":
        assert found.is_("apt", "update") and found.updates and not found.installs


@pytest.mark.parametrize(
    ("text", "manager", "action", "operands"),
    [
        ("apt-get -y -o A=b install c d", "apt", "install", ["c", "d"]),
        ("apt-get install -t stable -- -c d", "apt", "install", ["-c", "d"]),
        ("apt-get -yt stable install c", "apt", "install", ["c"]),
        ("apt install ./a.deb", "apt", "install", ["./a.deb"]),
        ("apk add --no-cache -t .deps a b", "apk", "add", ["a", "b"]),
        ("pip install -r a.txt b", "pip", "install", ["b"]),
        ("pip3.11 install -Ur a.txt b", "pip", "install", ["b"]),
        ("python3 -m pip install a", "pip", "install", ["a"]),
        ("pip --no-cache-dir install --index-url=x a", "pip", "install", ["a"]),
        ("npm --prefix x ci", "npm", "ci", []),
        ("yarn", "yarn", "", []),
        ("dnf -y --setopt install_weak_deps=0 install a", "dnf", "install", ["a"]),
        ("conda install -n base -c x -y a", "conda", "install", ["a"]),
        ("./mvnw -B -f a.xml package", "maven", "package", []),
    ],
)
def test_verb_and_operands(text: str, manager: str, action: str, operands: list[str]) -> None:
    found = call(text)
    assert found.manager is not None and found.manager.name == manager
    assert found.action == action
    assert [w.raw for w in found.operands] == operands
    assert found.installs


@pytest.mark.parametrize(
    ("text", "options", "has"),
    [
        ("apt-get install -y a", ("-y",), True),
        ("apt-get install -qy a", ("-y",), True),
        ("apt-get install --yes a", ("-y", "--yes"), True),
        ("apt-get install -q a", ("-y",), False),
        ("apt-get install a-y", ("-y",), False),
        ("apt-get install -- -y", ("-y",), False),
        ("apt-get install --only-upgrade a", ("-y",), False),
        ("apt-get -o y install a", ("y",), False),
        # Behind an option that takes a value stands its value.
        ("apt-get install -oDebug::pkgProblem=yes a", ("-y",), False),
        ("apt-get install -tjessy a", ("-y",), False),
        ("apt-get install -yt stable a", ("-y",), True),
        ("pip install --no-cache-dir=1 a", ("--no-cache-dir",), True),
    ],
)
def test_has(text: str, options: tuple[str, ...], has: bool) -> None:
    assert call(text).has(*options) is has


def test_values_of_an_option() -> None:
    found = call("pip install -r a.txt --requirement=b.txt -r 'c d.txt' e").shell
    assert found.value_of("-r", "--requirement") == ["a.txt", "b.txt", "c d.txt"]
    assert found.value_of("-c") == []


def test_calls_of_a_document() -> None:
    text = 'FROM a\nRUN apt-get update && curl x\nRUN ["apt-get", "update"]\nRUN a `b \\`c\\``; apt-get update\nONBUILD RUN apt-get update\n'
    document = Document(parse(text))
    assert [c.program for c in document.calls("apt")] == ["apt-get"]
    assert [c.program for c in document.calls("curl")] == ["curl"]
    assert [c.program for c in document.calls()] == ["apt-get", "curl"]


def test_calls_inside_of_constructs() -> None:
    run = Document(parse("FROM a\nRUN if b; then (c | d); fi; e $(f) && ! g\n")).runs[0]
    assert [c.program for c in run.calls] == ["b", "c", "d", "e", "f", "g"]


def test_the_table_of_managers_is_sound() -> None:
    assert len({m.name for m in MANAGERS}) == len(MANAGERS)
    assert sum(len(m.programs) for m in MANAGERS) == len(BY_PROGRAM), "a program has one manager"
    for manager in MANAGERS:
        assert manager.install
        assert not manager.update & manager.clean
        assert not manager.yes or manager.yes in manager.yes_forms
        assert all(option.startswith("-") for option in (*manager.valued, *manager.yes_forms))
