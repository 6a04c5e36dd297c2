"""`dockopt inspect` and `dockopt catalog show`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

DAY = ["--today", "2026-11-24"]
MANY = b"""\
ARG NODE=20
FROM node:${NODE} AS build
RUN npm ci
FROM build AS test
USER node
FROM python:3.12
FROM httpd
COPY index.html htdocs/index.html
FROM eclipse-temurin:17
FROM debian:buster-slim
FROM gcr.io/distroless/nodejs18-debian12
FROM scratch
FROM ghcr.io/example/tool:1
FROM $UNKNOWN
FROM golang:1.99
FROM nginx:1.31
SHELL ["/bin/bash", "-c"]
FROM python@sha256:0123
"""


@pytest.fixture
def snap(snapshot):
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    return snapshot


def test_text(dockopt, snap) -> None:
    done = dockopt("inspect", *DAY, "-", data=MANY)
    assert (done.code, done.err) == (0, "")
    snap.assert_match(done.out, "inspect.txt")


def test_colour_changes_nothing_but_colour(dockopt) -> None:
    import click

    plain = dockopt("inspect", *DAY, "-", data=MANY).out.decode()
    coloured = dockopt("inspect", *DAY, "--color", "always", "-", data=MANY).out.decode()
    assert coloured != plain
    assert click.unstyle(coloured) == plain


def test_json(dockopt) -> None:
    done = dockopt("inspect", *DAY, "--format", "json", "-", data=MANY)
    content = json.loads(done.out)
    assert (content["today"], content["catalog"]) == ("2026-11-24", "2026-08-21")
    stages = content["files"][0]["stages"]
    assert [stage["name"] for stage in stages[:3]] == ["build", "test", None]
    build, test = stages[:2]
    assert build["base"] == {"written": "node:${NODE}", "resolved": "node:20", "note": None}
    assert build["chain"][-2:] == ["debian:bookworm", "scratch"]
    assert (build["official"], build["distribution"]["manager"], build["user"]) == (True, "apt", "root")
    assert [support["over"] for support in build["support"]] == [True, False]
    slim = build["smaller"][0]
    assert (slim["kind"], slim["name"]) == ("slim", "node:20-slim")
    assert "curl" in slim["missing"]["notable"]
    assert set(slim["missing"]["notable"]) <= set(slim["missing"]["commands"])
    assert (test["stages"], test["user"], test["smaller"]) == (["build"], "node", [])
    httpd = stages[3]
    assert httpd["chain"] == ["httpd:latest", "debian:trixie-slim", "scratch"]
    assert httpd["smaller"][0]["reason"] == "httpd:latest stands on debian:trixie-slim already"
    assert httpd["smaller"][1]["size"] == {"bytes": 20676053, "day": "2026-06-16", "architecture": "amd64"}


def test_support_goes_by_the_day(dockopt) -> None:
    def over(day: str) -> bool:
        out = dockopt("inspect", "--today", day, "--format", "json", "-", data=b"FROM python:3.9\n").out
        return bool(json.loads(out)["files"][0]["stages"][0]["support"][0]["over"])

    assert (over("2025-10-31"), over("2025-11-01")) == (False, True)


def test_the_working_directory_is_searched(dockopt, folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a/Dockerfile").write_bytes(b"FROM alpine:3.24\n")
    (folder / "Containerfile").write_bytes(b"FROM busybox\r\n")
    done = dockopt("inspect", *DAY)
    assert done.code == 0
    assert done.out.startswith(b"Containerfile\n\n  stage 0, line 1: busybox\n")
    assert b"\n\na/Dockerfile\n\n  stage 0, line 1: alpine:3.24\n" in done.out


def test_standard_input_can_have_a_name(dockopt) -> None:
    done = dockopt("inspect", "--stdin-filename", "x/Dockerfile", "-", data=b"FROM scratch\n")
    assert done.out.startswith(b"x/Dockerfile\n")


@pytest.mark.parametrize("data", [b"", b"RUN x\n", b"\xff\xfe\n", b"FROM\n", b"FROM a b c d\n", b"FROM \xff:\xff\n"])
def test_odd_input_is_no_trouble(dockopt, data: bytes) -> None:
    for form in ("text", "json"):
        done = dockopt("inspect", "--format", form, "-", data=data)
        assert (done.code, done.err) == (0, "")
        assert done.out


def test_a_file_without_stages_says_so(dockopt) -> None:
    assert b"no FROM" in dockopt("inspect", "-", data=b"# nothing\n").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "error: nowhere: cannot be read: no such file or directory\n"),
        (["--today", "tomorrow", "-"], "Error: --today: 'tomorrow' is not a day like 2026-11-24\n"),
        (["-", "other"], "'-' (standard input) cannot be mixed with other paths"),
        (["--stdin-filename", "x"], "--stdin-filename needs '-' as the path"),
    ],
)
def test_wrong_usage(dockopt, arguments: list[str], message: str) -> None:
    done = dockopt("inspect", *arguments, data=b"FROM a\n")
    assert done.code == 2
    assert message in done.err


def test_other_files_are_told_of_next_to_a_missing_one(dockopt, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(b"FROM alpine\n")
    done = dockopt("inspect", "nowhere", "Dockerfile")
    assert done.code == 2
    assert b"alpine" in done.out


def test_a_folder_without_dockerfiles(dockopt) -> None:
    done = dockopt("inspect")
    assert (done.code, done.out, done.err) == (0, b"", "no Dockerfile found in .\n")


def test_show(dockopt, snap) -> None:
    done = dockopt("catalog", "show", *DAY, "python:3.12", "node:14", "nginx:alpine", "python:3.12.99-slim")
    assert (done.code, done.err) == (0, "")
    snap.assert_match(done.out, "show.txt")


def test_show_as_json(dockopt) -> None:
    content = json.loads(dockopt("catalog", "show", *DAY, "--format", "json", "openjdk:8-jdk").out)
    assert (content["last"], content["instead"]) == ("2022-08-19", "eclipse-temurin:8-jdk")
    assert content["source"]["source"] == "docker-library/official-images"
    assert content["config"]["cmd"] == ["bash"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pyton", "Error: no official image 'pyton' is known. Did you mean 'python'?\n"),
        ("python:3.12-slm", "Error: no tag '3.12-slm' of python is known. Did you mean '3.12-slim'"),
        ("quay.io/x/y", "Error: 'quay.io/x/y' is not an official image of Docker Hub; of others nothing is known\n"),
    ],
)
def test_showing_what_is_not_known(dockopt, name: str, message: str) -> None:
    done = dockopt("catalog", "show", name)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith(message)


def test_mirrors_and_own_images_are_known(dockopt, folder: Path) -> None:
    (folder / "dockopt.toml").write_text(
        '[bases]\nmirrors = { "registry.example.com/hub" = "docker.io" }\n'
        '[bases.images."registry.example.com/base/node"]\nlike = "node"\n'
    )
    (folder / "Dockerfile").write_text(
        "FROM registry.example.com/hub/library/python:3.12\nFROM registry.example.com/base/node:22\n"
    )
    out = dockopt("inspect", "Dockerfile").out.decode()
    assert "taken for python:3.12," in out and "taken for node:22," in out
