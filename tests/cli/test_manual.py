"""`dockopt explain`, `dockopt rules` and the help pages."""

from __future__ import annotations

import json

import pytest

from optimizer.rewrite.registry import all_transforms


def test_explain_shows_the_manual_page(dockopt) -> None:
    done = dockopt("explain", "assume-yes")
    page = done.out.decode()
    assert done.code == 0
    assert page.startswith("assume-yes\n\nAnswer yes")
    assert "After:\n    RUN" in page and "Applied: from -O1\n" in page and "hadolint:DL3014" in page


def test_explain_takes_several_names_and_rules_of_other_tools(dockopt) -> None:
    assert dockopt("explain", "DL3014", "assume-yes").out == dockopt("explain", "assume-yes").out
    both = dockopt("explain", "dl3014", "apt-clean-lists").out
    assert both.startswith(b"assume-yes\n") and b"\napt-clean-lists\n" in both


def test_explain_of_what_is_not_there(dockopt) -> None:
    done = dockopt("explain", "assume-yes", "apt-clean-list")
    assert (done.code, done.out) == (2, b"")
    assert "Did you mean 'apt-clean-lists'" in done.err
    assert dockopt("explain").code == 2


def test_rules_are_all_there_in_every_format(dockopt) -> None:
    names = [item.name for item in all_transforms()]
    text = dockopt("rules").out.decode().splitlines()
    assert [line.split()[0] for line in text] == names
    rows = dockopt("rules", "--format", "markdown").out.decode().splitlines()
    assert [row.split("`")[1] for row in rows[2:]] == names
    assert {row.replace("\\|", "").count("|") for row in rows} == {6}
    document = json.loads(dockopt("rules", "--format", "json").out)
    assert [item["name"] for item in document] == names
    assert all(item["summary"] and item["doc"] for item in document)


def test_version_and_help(dockopt) -> None:
    assert dockopt("--version").out.startswith(b"dockopt 0.")
    for command in ([], ["fix"], ["explain"], ["rules"]):
        short, long = dockopt(*command, "-h"), dockopt(*command, "--help")
        assert short == long and short.code == 0 and short.out.startswith(b"Usage: dockopt")


@pytest.mark.parametrize(
    ("given", "hint"), [("fxi", "Did you mean 'fix'?"), ("here", "Did you mean 'dockopt fix here'?")]
)
def test_a_wrong_command(dockopt, folder, given: str, hint: str) -> None:
    (folder / "here").mkdir()
    done = dockopt(given)
    assert done.code == 2 and hint in done.err
