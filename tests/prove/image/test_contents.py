"""What is read of the files: packages, surface, programs, scripts."""

from __future__ import annotations

import sqlite3
import struct
import sys
from pathlib import Path

import pytest

from tests.prove.making import HARD, Member, elf, image, link, program

STATUS = """\
Package: curl
Status: install ok installed
Version: 7.88.1-10
Description: a tool
 Package: not this

Package: gone
Status: deinstall ok config-files
Version: 1

Package: libc6
Status: install ok installed
Version: 2.36
"""


def test_dpkg() -> None:
    reading = image(
        [
            link("bin", "usr/bin"),
            program("usr/bin/curl"),
            Member("etc/curlrc"),
            Member("app/own"),
            Member("var/lib/dpkg/status", STATUS.encode()),
            Member("var/lib/dpkg/info/curl.list", b"/.\n/bin\n/bin/curl\n/etc\n/etc/curlrc\n/etc/away\n"),
            Member("var/lib/dpkg/info/libc6:amd64.list", b"/.\n/usr/bin\n"),
        ]
    )
    assert reading.packages.dpkg == {"curl": "7.88.1-10", "libc6": "2.36"}
    assert reading.packages.owner == {"bin": "curl", "usr/bin/curl": "curl", "etc/curlrc": "curl"}
    assert reading.packages.count == 2


def test_dpkg_of_distroless() -> None:
    reading = image(
        {
            "etc/hosts": "x",
            "var/lib/dpkg/status.d/netbase": "Package: netbase\nVersion: 6.4\n",
            "var/lib/dpkg/status.d/netbase.md5sums": "d41d8cd98f00b204e9800998ecf8427e  etc/hosts\n",
        }
    )
    assert reading.packages.dpkg == {"netbase": "6.4"}
    assert reading.packages.owner == {"etc/hosts": "netbase"}


@pytest.mark.parametrize("place", ["lib/apk/db/installed", "usr/lib/apk/db/installed"])
def test_apk(place: str) -> None:
    installed = (
        "C:Q1\nP:musl\nV:1.2.4-r2\nF:lib\nR:ld-musl-x86_64.so.1\nZ:Q1\n\nP:busybox\nV:1.36.1-r5\nF:bin\nR:busybox\n"
    )
    reading = image({"lib/ld-musl-x86_64.so.1": "", "bin/busybox": "", place: installed})
    assert reading.packages.apk == {"musl": "1.2.4-r2", "busybox": "1.36.1-r5"}
    assert reading.packages.owner == {"lib/ld-musl-x86_64.so.1": "musl", "bin/busybox": "busybox"}


def rpm_header(tags: dict[int, tuple[int, list[str] | list[int]]]) -> bytes:
    index, data = b"", b""
    for tag, (kind, values) in tags.items():
        if kind == 4:
            data = data.ljust((len(data) + 3) // 4 * 4, b"\0")
        index += struct.pack(">IIII", tag, kind, len(data), len(values))
        for value in values:
            data += struct.pack(">I", value) if isinstance(value, int) else value.encode() + b"\0"
    return struct.pack(">II", len(tags), len(data)) + index + data


def rpm_database(folder: Path, *headers: bytes) -> bytes:
    file = folder / "rpmdb.sqlite"
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
    database.executemany("INSERT INTO Packages (blob) VALUES (?)", [(header,) for header in headers])
    database.commit()
    database.close()
    return file.read_bytes()


def test_rpm(tmp_path: Path) -> None:
    bash = rpm_header(
        {
            1000: (6, ["bash"]),
            1001: (6, ["5.2"]),
            1002: (6, ["3.el9"]),
            1116: (4, [0, 1]),
            1117: (8, ["bash", "bashrc"]),
            1118: (8, ["/usr/bin/", "/etc/"]),
        }
    )
    tool = rpm_header({1000: (6, ["tool"]), 1001: (6, ["1"]), 1002: (6, ["2"]), 1003: (4, [7])})
    data = rpm_database(tmp_path, bash, tool)
    files = [Member("usr/lib/sysimage/rpm/rpmdb.sqlite", data), program("usr/bin/bash"), Member("etc/bashrc")]
    packages = image(files).packages
    assert packages.rpm == {"bash": "5.2-3.el9", "tool": "7:1-2"}
    assert packages.owner == {"usr/bin/bash": "bash", "etc/bashrc": "bash"}
    assert packages.unread == ()


@pytest.mark.parametrize("name", ["rpmdb.sqlite", "Packages", "Packages.db"])
def test_rpm_that_cannot_be_read(name: str) -> None:
    packages = image({f"var/lib/rpm/{name}": "\0\1\2"}).packages
    assert packages.unread == (f"var/lib/rpm/{name}: not RPM's SQLite form, or damaged",)


def test_rpm_header_that_lies(tmp_path: Path) -> None:
    data = rpm_database(tmp_path, struct.pack(">II", 9999, 1 << 30))
    assert image([Member("var/lib/rpm/rpmdb.sqlite", data)]).packages.unread != ()


def test_python_and_node() -> None:
    site = "usr/local/lib/python3.11/site-packages"
    reading = image(
        {
            f"{site}/Foo_Bar-1.2.dist-info/METADATA": "",
            f"{site}/old-3-py3.11.egg-info/PKG-INFO": "",
            f"{site}/older-4.egg-info": "",
            "app/node_modules/left/package.json": '{"version": "1.0"}',
            "app/node_modules/@a/b/package.json": '{"version": "2.0"}',
            "app/node_modules/@a/b/node_modules/left/package.json": '{"version": "0.9"}',
            "app/node_modules/bad/package.json": '{"version": ["x"]',
            "app/node_modules/left/test/package.json": '{"version": "7"}',
            "app/package.json": '{"version": "8"}',
        }
    )
    assert reading.packages.python == {"foo-bar": "1.2", "old": "3", "older": "4"}
    assert reading.packages.node == {"left": "0.9, 1.0", "@a/b": "2.0", "bad": ""}


def test_a_package_that_a_later_layer_removes() -> None:
    reading = image(
        {"var/lib/dpkg/status": STATUS, "l/site-packages/a-1.dist-info/METADATA": ""},
        {"var/lib/dpkg/status": "", "l/site-packages/a-1.dist-info/.wh.METADATA": ""},
    )
    assert reading.packages.count == 0


def test_surface() -> None:
    surface = image(
        [
            program("usr/bin/su"),
            Member("usr/bin/passwd", b"", 0o4755),
            Member("usr/bin/wall", b"", 0o2755),
            Member("usr/lib/libx.so.1", b"", 0o755),
            Member("usr/bin/doc"),
            program("usr/bin/dash"),
            link("usr/bin/sh", "dash"),
            link("usr/bin/bash", "nowhere"),
            program("usr/bin/apt-get"),
            program("usr/local/bin/pip"),
            program("usr/bin/curl"),
            Member("usr/share/doc/curl", b"", 0o755),
        ]
    ).surface
    assert surface.setuid == ("usr/bin/passwd",)
    assert surface.setgid == ("usr/bin/wall",)
    assert surface.shells == ("usr/bin/dash", "usr/bin/sh")
    assert surface.package_managers == ("usr/bin/apt-get", "usr/local/bin/pip")
    assert surface.download_tools == ("usr/bin/curl",)
    assert "usr/lib/libx.so.1" not in surface.executables
    assert "usr/bin/su" in surface.executables


def test_elf() -> None:
    reading = image(
        [
            program("bin/a", elf("libb.so.1", "libc.so.6", interpreter="/lib64/ld.so", runpath="$ORIGIN/../lib:/x")),
            program("lib/libb.so.1", elf(soname="libb.so.1", rpath="/old", machine=183)),
            program("bin/static", elf()),
            program("bin/damaged", elf("a")[:90]),
            Member("bin/again", kind=HARD, link="bin/a"),
        ]
    )
    found = reading.elf["bin/a"]
    assert (found.machine, found.bits, found.interpreter) == ("EM_X86_64", 64, "/lib64/ld.so")
    assert (found.needed, found.runpath) == (("libb.so.1", "libc.so.6"), ("$ORIGIN/../lib", "/x"))
    assert reading.elf["bin/again"] == found
    assert (reading.elf["lib/libb.so.1"].machine, reading.elf["lib/libb.so.1"].rpath) == ("EM_AARCH64", ("/old",))
    assert sorted(reading.elf) == ["bin/a", "bin/again", "lib/libb.so.1"]


def test_elf_whose_names_and_tables_do_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.prove.image.elf._BUDGET", 1 << 20)
    data = elf("libc.so.6", soname="x")
    no_end = data.replace(b"libc.so.6\0x\0", b"libc.so.6xxx")[: data.index(b"libc")] + b"y" * (2 << 20)
    tags = data[:-16] + struct.pack("<QQ", 1, 1) * (1 << 13)
    reading = image([program("a", no_end), program("b", tags), program("c", data)])
    assert list(reading.elf) == ["c"]


def test_elf_that_makes_no_sense() -> None:
    data = elf("libc.so.6", soname="x", interpreter="/l")
    for at in range(0, len(data), 3):
        broken = data[:at] + b"\xff" + data[at + 1 :]
        assert sorted(image([program("a", broken)]).tree) == ["a"]


def test_symbol_versions_of_a_real_program() -> None:
    data = Path(sys.executable).resolve().read_bytes()
    if not data.startswith(b"\x7fELF"):
        pytest.skip("this system's programs are no ELF files")
    found = image([program("bin/python", data)]).elf["bin/python"]
    assert found.interpreter.startswith("/")
    if any(name.startswith("libc.so") for name in found.needed):
        assert any(library.startswith("libc.so") and version.startswith("GLIBC_") for library, version in found.wants)


def test_scripts_and_texts() -> None:
    reading = image(
        [
            program("app/run", b"#! /usr/bin/env  bash \nexec curl\n"),
            Member("app/x.py", b"import os\n"),
            Member("app/data.bin", b"text"),
            Member("app/node_modules/m/x.js", b"x"),
            Member("usr/local/bin/start.sh", b"curl"),
            Member("usr/lib/tool.sh", b"curl"),
            Member("app/big.sh", b"x" * 200_000),
            Member("app/binary.sh", b"a\0b"),
            Member("etc/ld.so.conf.d/x.conf", b"/opt/lib"),
        ]
    )
    assert reading.shebangs == {"app/run": "/usr/bin/env  bash"}
    assert sorted(reading.texts) == ["app/run", "app/x.py", "etc/ld.so.conf.d/x.conf", "usr/local/bin/start.sh"]
    assert reading.unread == 0


def test_texts_that_find_no_room() -> None:
    reading = image({f"app/{n}.sh": "x" * 130_000 for n in range(300)})
    assert 0 < reading.unread < 100
    assert len(reading.texts) + reading.unread == 300
