"""What an image can't run any more: one small image before and one after, for each way to break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from optimizer.prove.compare import Comparison, Finding, compare
from optimizer.prove.compare.sides import made_by
from optimizer.prove.image import ImageReading
from tests.prove.compare.test_explaining import outcome_of
from tests.prove.making import Member, elf, folder, image, link, program

LOADER = "lib64/ld-linux-x86-64.so.2"
SHELL = [
    program("bin/sh", elf("libc.so.6", interpreter=f"/{LOADER}")),
    program(LOADER, elf(soname="ld-linux-x86-64.so.2")),
    program("lib/x86_64-linux-gnu/libc.so.6", elf(soname="libc.so.6")),
    Member("etc/passwd", b"root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/app:/bin/sh\n"),
    Member("etc/group", b"root:x:0:\napp:x:1000:\nstaff:x:50:app\n"),
]
CURL, BASH, ENV = program("usr/bin/curl", b"c"), program("bin/bash", b"b"), program("usr/bin/env", b"e")


def of(
    before: Sequence[Member],
    after: Sequence[Member],
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> Comparison:
    old = old or {"Cmd": ["sh"]}
    return compare(image(before, **old), image(after, **(old if new is None else new)))


def broken(*args: Any, **options: Any) -> list[tuple[str, str]]:
    return [(f.where, f.what) for f in of(*args, **options).broken]


def test_the_same_image_has_no_findings() -> None:
    assert of(SHELL, SHELL).findings == ()


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"Cmd": ["curl", "x"]}, ("Cmd", "the command of Cmd: curl is not found in PATH")),
        ({"Entrypoint": ["/usr/bin/curl"]}, ("Entrypoint", "the command of Entrypoint: /usr/bin/curl is not there")),
        ({"Cmd": ["/bin/sh", "-c", "cd / && exec curl x"]}, ("Cmd", "the command of Cmd: curl is not found in PATH")),
        ({"Cmd": ["sh", "-ec", "A=1 curl x || true"]}, ("Cmd", "the command of Cmd: curl is not found in PATH")),
        ({"Entrypoint": ["sh"], "Cmd": ["curl"]}, ("Cmd", "the command of Cmd: curl is not found in PATH")),
        (
            {"Cmd": ["sh"], "Healthcheck": {"Test": ["CMD", "curl", "x"]}},
            ("Healthcheck", "the command of Healthcheck: curl is not found in PATH"),
        ),
        (
            {"Cmd": ["sh"], "Healthcheck": {"Test": ["CMD-SHELL", "curl -f x || exit 1"]}},
            ("Healthcheck", "the command of Healthcheck: curl is not found in PATH"),
        ),
    ],
)
def test_d2_a_command_that_is_gone(config: dict[str, Any], problem: tuple[str, str]) -> None:
    """D2: a HEALTHCHECK with curl dies where there is no curl, and so does any other command."""
    assert broken([*SHELL, CURL], SHELL, config) == [problem]


def test_d1_a_shell_form_without_a_shell() -> None:
    """D1: a shell-form CMD needs /bin/sh."""
    app = program("app/run", elf())
    found = broken([*SHELL, app], [app], {"Cmd": ["/bin/sh", "-c", "/app/run"]})
    assert found == [("Cmd", "the command of Cmd: /bin/sh is not there")]


def test_a_command_that_was_never_there() -> None:
    assert broken(SHELL, SHELL, {"Cmd": ["curl"]}) == []


def test_arguments_are_no_commands() -> None:
    assert broken([*SHELL, CURL], SHELL, {"Entrypoint": ["sh"], "Cmd": ["-x", "help"]}) == []


def test_builtins_and_functions_are_no_commands() -> None:
    script = "cd /; set -e\nf() { :; }\nf; for x in a; do echo $x; done; [ -f x ] && $PROGRAM; exec sh"
    assert broken(SHELL, SHELL, {"Cmd": ["sh", "-c", script]}) == []


def test_a_new_command_that_is_nowhere() -> None:
    """D3: the entrypoint of another base makes another command of CMD."""
    app = [*SHELL, program("app/run")]
    assert broken(app, app, {"Cmd": ["/app/run"]}, {"Cmd": ["/app/other"]}) == [
        ("Cmd", "the command of Cmd: /app/other is not there")
    ]


def test_a_file_that_the_command_names() -> None:
    config = {"Cmd": ["sh", "main.sh"], "WorkingDir": "/app"}
    assert broken([*SHELL, Member("app/main.sh")], SHELL, config) == [
        ("Cmd", "the file main.sh that Cmd names is not there")
    ]
    assert (
        broken(
            [*SHELL, Member("app/main.sh")], [*SHELL, Member("srv/main.sh")], config, config | {"WorkingDir": "/srv"}
        )
        == []
    )


def test_a_user_who_may_not() -> None:
    """C9: what root owns and only root may use."""
    private = [*SHELL, folder("app", 0o700), program("app/run"), Member("app/main.sh", b"", 0o600)]
    config = {"Cmd": ["/app/run"]}
    assert broken(private, private, config, config | {"User": "app"}) == [
        ("Cmd", "the command of Cmd: /app/run may not be executed by app")
    ]
    open_ = [*SHELL, folder("app", 0o755), Member("app/main.sh", b"", 0o600)]
    config = {"Cmd": ["sh", "/app/main.sh"]}
    assert broken(open_, open_, config, config | {"User": "1000"}) == [
        ("Cmd", "the file /app/main.sh that Cmd names may not be read by 1000")
    ]
    owned = [*SHELL, folder("app"), Member("app/main.sh", b"", 0o640, gid=50)]
    assert broken(owned, owned, config, config | {"User": "app"}) == []


@pytest.mark.parametrize("user", ["web", "app:web", "web:app"])
def test_d7_a_user_that_does_not_exist(user: str) -> None:
    """D7: a user by name needs /etc/passwd, a group /etc/group."""
    config = {"Cmd": ["sh"]}
    assert broken(SHELL, SHELL, config, config | {"User": user}) == [
        ("User", f"the user {user!r} is not in the image's /etc/passwd or /etc/group")
    ]
    assert broken(SHELL, SHELL, config | {"User": user}) == []


@pytest.mark.parametrize("user", ["app", "app:app", "1000", "4711", "4711:4711", "root", ""])
def test_users_that_exist(user: str) -> None:
    assert broken(SHELL, SHELL, {"Cmd": ["sh"]}, {"Cmd": ["sh"], "User": user}) == []


def test_l8_a_script_without_its_interpreter() -> None:
    """L8: bash is gone."""
    script = program("app/start.sh", b"#!/bin/bash\nexec sh\n")
    assert broken([*SHELL, BASH, script], [*SHELL, script], {"Cmd": ["/app/start.sh"]}) == [
        ("Cmd", "the command of Cmd: its interpreter /bin/bash is not there"),
        ("/app/start.sh", "its interpreter /bin/bash is not in the image; Cmd names it"),
    ]


def test_a_script_that_asks_env() -> None:
    script = program("app/start", b"#!/usr/bin/env -S FOO=1 bash -e\nexec sh\n")
    config = {"Cmd": ["/app/start"]}
    assert broken([*SHELL, BASH, ENV, script], [*SHELL, ENV, script], config) == [
        ("Cmd", "the command of Cmd: its interpreter bash is not found in PATH"),
        ("/app/start", "its interpreter bash is not in the image; Cmd names it"),
    ]
    assert broken([*SHELL, BASH, ENV, script], [*SHELL, ENV, script, program("usr/local/bin/bash")], config) == []


def severities(comparison: Comparison, kind: str) -> list[tuple[str, str]]:
    return [(f.severity, f.where) for f in comparison.findings if f.kind == kind]


def test_a_script_that_nothing_names_only_differs() -> None:
    script = program("app/tools/deploy", b"#!/bin/bash\n")
    assert severities(of([*SHELL, BASH, script], [*SHELL, script]), "interpreter") == [("differs", "/app/tools/deploy")]
    for name, text, severity in (
        ("app/main.py", "subprocess.run(['./tools/deploy'])", "broken"),
        ("app/supervisord.conf", "command=/app/tools/deploy --all", "broken"),
        ("app/main.py", "print('./tools/deploy')", "differs"),
        ("app/package.json", "{'scripts': {'x': 'spawn ./tools/deploy'}}", "differs"),
        ("app/tests/a.py", "subprocess.run(['./tools/deploy'])", "differs"),
    ):
        caller = Member(name, text.encode())
        found = of([*SHELL, BASH, script, caller], [*SHELL, script, caller])
        assert severities(found, "interpreter") == [(severity, "/app/tools/deploy")], name


def test_an_entrypoint_that_calls_a_tool() -> None:
    start = program("usr/local/bin/start", b'#!/bin/sh\nset -e\nif true; then /usr/bin/curl x; fi\nexec "$@"\n')
    config = {"Entrypoint": ["start"], "Cmd": ["sh"]}
    assert broken([*SHELL, CURL, start], [*SHELL, start], config) == [
        ("/usr/local/bin/start", "/usr/local/bin/start calls /usr/bin/curl: /usr/bin/curl is not there")
    ]


def test_a_script_that_a_script_runs() -> None:
    scripts = [
        program("app/a.sh", b"#!/bin/sh\nsh ./b.sh\n"),
        Member("app/b.sh", b"curl x\n"),
    ]
    config = {"Cmd": ["./a.sh"], "WorkingDir": "/app"}
    assert [where for where, _ in broken([*SHELL, CURL, *scripts], [*SHELL, *scripts], config)] == ["/app/b.sh"]


def lib(path: str, *needed: str, **facts: Any) -> Member:
    return program(path, elf(*needed, soname=path.rpartition("/")[2], **facts))


def app_with(*needed: str, **facts: Any) -> Member:
    return program("app/run", elf(*needed, **facts))


def library_findings(before: Sequence[Member], after: Sequence[Member], **config: Any) -> list[tuple[str, str, str]]:
    config = {"Cmd": ["/app/run"], **config}
    findings: Sequence[Finding] = compare(image(before, **config), image(after, **config)).findings
    return [(f.severity, f.where, f.what) for f in findings if f.kind == "library"]


def test_s2_a_library_that_is_gone() -> None:
    """S2: the libraries behind -dev packages."""
    app = app_with("libpq.so.5", "libc.so.6")
    gone = library_findings([*SHELL, app, lib("usr/lib/libpq.so.5")], [*SHELL, app])
    assert gone == [("broken", "/app/run", "needs libpq.so.5, which the image does not have; Cmd names it")]


@pytest.mark.parametrize(
    ("facts", "place", "config", "more"),
    [
        ({}, "usr/lib/x86_64-linux-gnu", {}, []),
        ({}, "lib", {}, []),
        ({}, "usr/lib64", {}, []),
        ({}, "opt/lib", {"Env": ["LD_LIBRARY_PATH=/x:/opt/lib"]}, []),
        ({"runpath": "/x:$ORIGIN/../opt/lib"}, "opt/lib", {}, []),
        ({"rpath": "${ORIGIN}/libs"}, "app/libs", {}, []),
        (
            {},
            "usr/local/lib",
            {},
            [Member("etc/ld.so.cache", b"glibc-ld.so.cache1.1\0libx.so.1\0/usr/local/lib/libx.so.1\0")],
        ),
        ({}, "usr/lib", {}, [link("lib", "usr/lib")]),
    ],
    ids=["multiarch", "lib", "lib64", "LD_LIBRARY_PATH", "RUNPATH", "RPATH", "ldconfig", "link"],
)
def test_where_libraries_are_found(
    facts: dict[str, str], place: str, config: dict[str, Any], more: list[Member]
) -> None:
    shell = SHELL if not any(m.name == "lib" for m in more) else [m for m in SHELL if not m.name.startswith("lib/")]
    app = app_with("libx.so.1", **facts)
    before = [*shell, app, lib("usr/lib/x86_64-linux-gnu/libx.so.1")]
    assert library_findings(before, [*shell, *more, app, lib(f"{place}/libx.so.1")], **config) == []


def test_libraries_that_the_loader_does_not_find() -> None:
    app = app_with("libx.so.1")
    before = [*SHELL, app, lib("usr/lib/libx.so.1")]
    broken = [("broken", "/app/run", "needs libx.so.1, which the image does not have; Cmd names it")]
    # /usr/local/lib counts only once ldconfig ran.
    assert library_findings(before, [*SHELL, app, lib("usr/local/lib/libx.so.1")]) == broken
    # A library for another machine is none.
    assert library_findings(before, [*SHELL, app, lib("usr/lib/libx.so.1", machine=183)]) == broken
    # A text is none.
    assert library_findings(before, [*SHELL, app, Member("usr/lib/libx.so.1", b"INPUT(-lx)")]) == broken


def test_l1_a_glibc_program_on_musl() -> None:
    """L1: a glibc program finds neither its loader nor its C library on Alpine."""
    app = app_with("libc.so.6", interpreter=f"/{LOADER}")
    musl = [lib("lib/ld-musl-x86_64.so.1"), Member("etc/os-release", b"ID=alpine\n")]
    (finding,) = library_findings([*SHELL, app], [*musl, app])
    assert finding == (
        "broken",
        "/app/run",
        "needs /lib64/ld-linux-x86-64.so.2, libc.so.6, which the image does not have; Cmd names it",
    )


def test_l2_a_musl_program_on_glibc() -> None:
    """L2: and the other way round."""
    app = app_with("libc.musl-x86_64.so.1", interpreter="/lib/ld-musl-x86_64.so.1")
    musl = [lib("lib/ld-musl-x86_64.so.1"), link("lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1")]
    assert library_findings([*musl, app], [*musl, app]) == []
    (finding,) = library_findings([*musl, app], [*SHELL, app])
    assert finding[0] == "broken"


def test_musl_looks_in_its_own_folders() -> None:
    loader = lib("lib/ld-musl-x86_64.so.1")
    app = app_with("libx.so.1", "libc.musl-x86_64.so.1", interpreter="/lib/ld-musl-x86_64.so.1")
    before = [loader, app, lib("usr/local/lib/libx.so.1")]
    assert library_findings(before, before) == []
    moved = [loader, app, lib("opt/x/libx.so.1"), Member("etc/ld-musl-x86_64.path", b"/lib\n/opt/x\n")]
    assert library_findings(before, moved) == []
    assert len(library_findings(before, [loader, app, lib("opt/x/libx.so.1")])) == 1


def test_what_was_missing_before_does_not_count() -> None:
    app = app_with("libnever.so.1")
    assert library_findings([*SHELL, app], [*SHELL, app]) == []


def test_l10_a_version_of_a_library_that_is_too_old() -> None:
    """L10: what was built on a newer release wants newer symbols."""

    def with_libc(version: str) -> ImageReading:
        reading = image([*SHELL, app_with("libc.so.6")], Cmd=["/app/run"])
        libc, app = "lib/x86_64-linux-gnu/libc.so.6", "app/run"
        reading.elf[libc] = replace(reading.elf[libc], defines=frozenset({"GLIBC_2.2.5", version}))
        reading.elf[app] = replace(reading.elf[app], wants=(("libc.so.6", "GLIBC_2.38"),))
        return reading

    found = compare(with_libc("GLIBC_2.38"), with_libc("GLIBC_2.36")).broken
    assert [(f.where, f.what) for f in found] == [
        ("/app/run", "needs libc.so.6 (GLIBC_2.38), which the image does not have; Cmd names it")
    ]
    assert compare(with_libc("GLIBC_2.36"), with_libc("GLIBC_2.38")).broken == ()


def test_a_wheel_for_another_libc() -> None:
    """L3: a compiled module of a dependency."""
    site = "usr/local/lib/python3.11/site-packages/pandas"
    before = [*SHELL, Member(f"{site}/lib.cpython-311-x86_64-linux-gnu.so", elf("libc.so.6"))]
    after = [m for m in before if "libc" not in m.name or "pandas" in m.name]
    found = library_findings(before, after)
    assert (
        "broken",
        f"/{site}/lib.cpython-311-x86_64-linux-gnu.so",
        "needs libc.so.6, which the image does not have",
    ) in found


def test_a_dependency_that_ships_both() -> None:
    folder = "app/node_modules/bcrypt/prebuilds/linux-x64"
    both = [
        Member(f"{folder}/node.glibc.node", elf("libc.so.6")),
        Member(f"{folder}/node.musl.node", elf("libc.musl-x86_64.so.1")),
    ]
    musl = [lib("lib/ld-musl-x86_64.so.1"), lib("lib/libc.musl-x86_64.so.1")]
    assert library_findings([*SHELL, *both], [*musl, *both]) == []


def test_a_module_of_the_base_that_nothing_uses() -> None:
    """Official slim images ship Python's tkinter without Tk."""
    module = Member("usr/local/lib/python3.11/lib-dynload/_tkinter.cpython-311-x86_64-linux-gnu.so", elf("libtk8.6.so"))
    tk = lib("usr/lib/libtk8.6.so")

    def of_base(*app: Member) -> list[str]:
        fat = image([*SHELL, module, tk], app, Cmd=["sh"])
        slim = image([*SHELL, module], app, Cmd=["sh"])
        outcome = outcome_of("FROM fat\nCOPY . .\n", "FROM slim\nCOPY . .\n")
        return [f.severity for f in compare(_made(fat), _made(slim), outcome).findings if f.kind == "library"]

    assert of_base(Member("app/main.py", b"import os\n")) == ["noted"]
    assert of_base(Member("app/main.py", b"import os\nimport tkinter as tk\n")) == ["broken"]


def _made(reading: ImageReading) -> ImageReading:
    """Say what made the layers, as a builder does."""
    names = ["COPY rootfs / # buildkit", "COPY . . # buildkit"]
    return replace(reading, layers=tuple(replace(r, created_by=n) for r, n in zip(reading.layers, names, strict=True)))


@pytest.mark.parametrize(
    ("created_by", "keyword"),
    [
        ("COPY . . # buildkit", "COPY"),
        ("RUN |1 A=COPY /bin/sh -c make # buildkit", "RUN"),
        ("WORKDIR /app", "WORKDIR"),
        ("/bin/sh -c #(nop) COPY dir:1 in /app ", "COPY"),
        ("/bin/sh -c #(nop) ADD file:2 in / ", "ADD"),
        ("/bin/sh -c apt-get update", "RUN"),
        ("|1 A=b /bin/sh -c make", "RUN"),
    ],
)
def test_what_made_a_layer(created_by: str, keyword: str) -> None:
    assert made_by(created_by) == keyword
