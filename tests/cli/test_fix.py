"""`dockopt fix`: what is written, what is printed, and the exit code."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import AFTER, BEFORE, ONLY


def test_changes_files_in_place(dockopt, folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a/Dockerfile").write_bytes(BEFORE)
    (folder / "a/other").write_bytes(BEFORE)
    (folder / "Containerfile").write_bytes(AFTER)
    done = dockopt("fix", *ONLY)
    assert (done.code, done.out) == (0, b"")
    assert (folder / "a/Dockerfile").read_bytes() == AFTER
    assert (folder / "a/other").read_bytes() == BEFORE
    assert done.err == "a/Dockerfile: 1 change\n2 files: 1 changed, 1 change (1 safe)\n"
    assert sorted(os.listdir(folder / "a")) == ["Dockerfile", "other"]


def test_a_second_run_changes_nothing(dockopt, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    dockopt("fix")
    first = (folder / "Dockerfile").read_bytes()
    assert dockopt("fix", "--check").code == 0
    assert (folder / "Dockerfile").read_bytes() == first != BEFORE


def test_diff_is_what_git_applies(dockopt, folder: Path) -> None:
    (folder / "sub dir").mkdir()
    file = folder / "sub dir/Dockerfile"
    file.write_bytes(BEFORE)
    done = dockopt("fix", "--diff", *ONLY)
    assert done.code == 0
    assert file.read_bytes() == BEFORE
    assert done.err == "1 file: 1 to change, 1 change (1 safe)\n"
    subprocess.run(["git", "apply", "-"], input=done.out, check=True)
    assert file.read_bytes() == AFTER


def test_quiet_prints_the_bare_diff(dockopt, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    done = dockopt("fix", "--diff", "-q", *ONLY)
    assert done.out.startswith(b"--- a/Dockerfile\n")
    assert done.err == ""


@pytest.mark.parametrize(("text", "code"), [(BEFORE, 1), (AFTER, 0)])
def test_check_tells_by_its_exit_code(dockopt, folder: Path, text: bytes, code: int) -> None:
    (folder / "Dockerfile").write_bytes(text)
    done = dockopt("fix", "--check", *ONLY)
    assert done.code == code
    assert (b"Dockerfile:2:" in done.out) is bool(code)
    assert dockopt("fix", "--check", "--diff", "-q", *ONLY).code == code
    assert (folder / "Dockerfile").read_bytes() == text


def test_check_with_diff_prints_a_diff(dockopt, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    assert dockopt("fix", "--check", "--diff", "-q", *ONLY).out.startswith(b"--- a/Dockerfile\n")


def test_standard_input_to_standard_output(dockopt) -> None:
    odd = BEFORE.replace(b"\n", b"\r\n") + b"# \xff\xfe"
    done = dockopt("fix", "-", *ONLY, data=odd)
    assert (done.code, done.err) == (0, "")
    assert done.out == odd.replace(b"install", b"install -y")
    assert dockopt("fix", "-", *ONLY, data=AFTER).out == AFTER
    assert dockopt("fix", "-", *ONLY, data=b"").out == b""


def test_standard_input_as_a_diff_of_its_file(dockopt, folder: Path) -> None:
    done = dockopt("fix", "-", "--diff", "-q", "--stdin-filename", str(folder / "x/Dockerfile"), *ONLY, data=BEFORE)
    assert done.out.startswith(b"--- a/x/Dockerfile\n+++ b/x/Dockerfile\n")
    assert dockopt("fix", "-", "--check", *ONLY, data=BEFORE).code == 1


def test_standard_input_uses_the_configuration_of_its_file(dockopt, folder: Path) -> None:
    (folder / "x").mkdir()
    (folder / "x/dockopt.toml").write_text('ignore = ["assume-yes"]')
    arguments = ["fix", "-", "-O1", "--stdin-filename", "x/Dockerfile"]
    assert b"install curl" in dockopt(*arguments, data=BEFORE).out
    assert b"install -y curl" in dockopt(*arguments, "--isolated", data=BEFORE).out


def test_select_and_ignore_take_rules_of_other_tools(dockopt) -> None:
    for name in ("DL3014", "dl3014", "hadolint:DL3014", "DL4000,DL3014"):
        assert dockopt("fix", "-", "--select", name, data=BEFORE).out == AFTER
    assert b" -y" not in dockopt("fix", "-", "--ignore", "DL3014", data=BEFORE).out


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_name_is_a_usage_error(dockopt, option: str) -> None:
    done = dockopt("fix", "-", option, "asume-yes", data=BEFORE)
    assert (done.code, done.out) == (2, b"")
    assert "'asume-yes'" in done.err and "Did you mean 'assume-yes'" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("-", "Dockerfile"),
        ("--stdin-filename", "x"),
        ("--diff", "--format", "json"),
        ("--context", ".", "--no-context"),
        ("--context", "nowhere"),
        ("-O4",),
        ("-O0",),
        ("--jobs", "0"),
        ("--config", "x.toml", "--isolated"),
        ("--config", "x.toml"),
        ("--caches", "some"),
        ("--nonsense",),
    ],
)
def test_usage_errors(dockopt, folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    done = dockopt("fix", *arguments)
    assert done.code == 2
    assert "Error" in done.err and "Traceback" not in done.err
    assert (folder / "Dockerfile").read_bytes() == BEFORE


def test_levels(dockopt, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.cli import jobs

    seen = []
    real = jobs.optimize
    monkeypatch.setattr(jobs, "optimize", lambda source, options: seen.append(options.level) or real(source, options))
    (folder / "Dockerfile").write_bytes(BEFORE)
    for arguments in (["-O1"], ["-O2"], ["-O", "3"], []):
        dockopt("fix", "--diff", *arguments)
    (folder / "dockopt.toml").write_text("level = 3")
    dockopt("fix", "--diff")
    dockopt("fix", "--diff", "-O1")
    assert seen == [1, 2, 3, 2, 3, 1]


def test_what_the_engine_is_asked(dockopt, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.cli import jobs

    seen = []
    real = jobs.optimize
    monkeypatch.setattr(jobs, "optimize", lambda source, options: seen.append(options) or real(source, options))
    (folder / "x").mkdir()
    (folder / "x/Dockerfile").write_bytes(BEFORE)
    (folder / "dockopt.toml").write_text('caches = "clean"\nmerge = "all"\ntargets = ["t"]\ncontext = "ctx"\n')
    dockopt("fix", "--diff")
    dockopt(
        "fix", "--diff", "--caches", "mounts", "--merge", "never", "--target", "a", "--target", "b,c", "--no-context"
    )
    dockopt("fix", "--diff", "--isolated")
    dockopt("fix", "--diff", "--context", ".")
    dockopt("fix", "-", "--isolated", data=BEFORE)
    settings = [(o.settings.caches, o.settings.merge, o.settings.targets) for o in seen]
    assert settings[:3] == [("clean", "all", ("t",)), ("mounts", "never", ("a", "b", "c")), ("auto", "auto", ())]
    roots = [o.context and Path(o.context.root).resolve() for o in seen]
    assert roots == [folder / "ctx", None, folder / "x", folder, None]


def test_json(dockopt, folder: Path) -> None:
    for name in ("Dockerfile", "b.Dockerfile"):
        (folder / name).write_bytes(BEFORE)
    done = dockopt("fix", "--format", "json", "Dockerfile", "b.Dockerfile", "nowhere", *ONLY)
    document = json.loads(done.out)
    assert done.code == 2
    assert [f["path"] for f in document["files"]] == ["Dockerfile", "b.Dockerfile"]
    assert document["files"][0]["changes"][0]["line"] == 2
    assert document["errors"][0]["path"] == "nowhere"
    assert document["summary"]["changes"] == {"safe": 2}
    assert (folder / "Dockerfile").read_bytes() == BEFORE


def test_json_of_nothing_is_json(dockopt) -> None:
    assert json.loads(dockopt("fix", "--format", "json").out)["files"] == []


def test_patches_into_a_folder(dockopt, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    assert dockopt("fix", "--format", "patches", "--output", "p/q", *ONLY).code == 0
    patch = folder / "p/q/0001-assume-yes.patch"
    subprocess.run(["git", "apply", patch], check=True)
    assert (folder / "Dockerfile").read_bytes() == AFTER
    again = dockopt("fix", "--format", "patches", "--output", "p/q", *ONLY)
    assert again.code == 2 and "holds patches already" in again.err


def test_output_into_a_file(dockopt, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    done = dockopt("fix", "--output", "out.diff", *ONLY)
    assert (done.code, done.out) == (0, b"")
    subprocess.run(["git", "apply", "out.diff"], check=True)
    assert (folder / "Dockerfile").read_bytes() == AFTER
    assert dockopt("fix", "--output", "no/such/folder.diff").code == 2


def test_colour_only_when_wanted(dockopt, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    plain = dockopt("fix", "--diff", *ONLY).out
    assert b"\x1b[" not in plain
    assert b"\x1b[32m+RUN" in dockopt("fix", "--diff", "--color", "always", *ONLY).out


def test_mode_and_links_are_kept(dockopt, folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "real/Dockerfile").write_bytes(BEFORE)
    (folder / "real/Dockerfile").chmod(0o640)
    (folder / "link").symlink_to("real/Dockerfile")
    assert dockopt("fix", "link", *ONLY).code == 0
    assert (folder / "link").is_symlink()
    assert (folder / "real/Dockerfile").read_bytes() == AFTER
    assert stat.S_IMODE((folder / "real/Dockerfile").stat().st_mode) == 0o640


def test_what_cannot_be_done_does_not_stop_the_others(dockopt, folder: Path) -> None:
    for name in ("a.Dockerfile", "b.Dockerfile", "z.Dockerfile"):
        (folder / name).write_bytes(BEFORE)
    (folder / "a.Dockerfile").chmod(0o444)
    (folder / "binary").write_bytes(BEFORE + b"\0")
    os.mkfifo(folder / "pipe")
    done = dockopt("fix", "a.Dockerfile", "gone", "binary", "pipe", "b.Dockerfile", "z.Dockerfile", *ONLY)
    assert done.code == 2
    assert (folder / "a.Dockerfile").read_bytes() == BEFORE
    assert (folder / "binary").read_bytes() == BEFORE + b"\0"
    assert (folder / "b.Dockerfile").read_bytes() == (folder / "z.Dockerfile").read_bytes() == AFTER
    for told in (
        "error: gone: cannot be read: no such file or directory",
        "error: pipe: is neither a file nor a folder",
        "error: a.Dockerfile: is read-only; nothing was written",
        "error: binary: is a binary file",
        "2 changed, 2 changes (2 safe); 4 failed",
    ):
        assert told in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "text", [b"", b"\n", b"# only this\n", b"RUN no base\n", b"\xff\xfe\xfd", b"FROM", b"FROM a\nRUN <<E"]
)
def test_odd_input_stays_as_it_is(dockopt, folder: Path, text: bytes) -> None:
    (folder / "Dockerfile").write_bytes(text)
    done = dockopt("fix")
    assert done.code == 0
    assert (folder / "Dockerfile").read_bytes() == text


def test_no_dockerfile_is_said(dockopt, folder: Path) -> None:
    done = dockopt("fix")
    assert done.code == 0 and "no Dockerfile found in ." in done.err


def test_a_new_file_is_made_once_and_never_over_another(dockopt, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.cli import jobs
    from optimizer.rewrite.change import Outcome

    def fake(source, options):
        return Outcome(source.name, source.text, source.text, new_files={".dockerignore": "made\n"})

    monkeypatch.setattr(jobs, "optimize", fake)
    (folder / "there").mkdir()
    for name in ("Dockerfile", "Dockerfile.dev", "there/Dockerfile"):
        (folder / name).write_bytes(AFTER)
    (folder / "there/.dockerignore").write_text("mine\n")
    diff = dockopt("fix", "--diff", "Dockerfile", "Dockerfile.dev")
    assert diff.out.count(b"+++ b/.dockerignore") == 1
    done = dockopt("fix")
    assert done.code == 2 and "already there" in done.err
    assert (folder / ".dockerignore").read_text() == "made\n"
    assert (folder / "there/.dockerignore").read_text() == "mine\n"


def test_verbose_tells_what_was_left(dockopt, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.cli import jobs
    from optimizer.rewrite.change import Left, Outcome, Step

    def fake(source, options):
        left = (Left("some-rule", "a thing", "held for -O3", 2, 5, 3),)
        step = Step("some-rule", source.text, source.text, (), left)
        return Outcome(source.name, source.text, source.text, (step,), faults=("some-rule: broke",))

    monkeypatch.setattr(jobs, "optimize", fake)
    (folder / "Dockerfile").write_bytes(AFTER)
    done = dockopt("fix", "-v")
    assert "Dockerfile:2:5: some-rule: a thing: held for -O3\n" in done.err
    assert "Dockerfile: dropped by a check: some-rule: broke\n" in done.err
    assert "warning: 1 fault of dockopt" in done.err
    quiet = dockopt("fix")
    assert "a thing" not in quiet.err and "1 held for -O3 (-v tells why)" in quiet.err
    assert "no configuration, build context ." in dockopt("fix", "-vv").err
