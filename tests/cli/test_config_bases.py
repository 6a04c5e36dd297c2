"""The table [bases]: mirrors, an organisation's own images, and what a rewrite may choose."""

from __future__ import annotations

from pathlib import Path

import pytest

HUB = '[bases.mirrors]\n"registry.example.com/hub" = "docker.io"\n'
OWN = (
    '[bases.images."registry.example.com/base/node"]\nlike = "node"\nslim = "registry.example.com/base/node-slim"\n'
    'alpine = "registry.example.com/base/node-alpine:20"\n'
)


def fixed(dockopt, folder: Path, config: str, base: str, *options: str, start: str = "--version") -> bytes:
    (folder / "dockopt.toml").write_text(config)
    (folder / "Dockerfile").write_text(f'FROM {base}\nCMD ["node", "{start}"]\n')
    done = dockopt("fix", "-", "--stdin-filename", "Dockerfile", *options, data=(folder / "Dockerfile").read_bytes())
    return done.out.splitlines()[0]


@pytest.mark.parametrize("name", ["registry.example.com/hub/library/node", "registry.example.com/hub/node"])
def test_a_mirror_stands_for_its_registry(dockopt, folder: Path, name: str) -> None:
    assert fixed(dockopt, folder, HUB, f"{name}:22") == f"FROM {name}:22-slim".encode()
    assert fixed(dockopt, folder, "", f"{name}:22") == f"FROM {name}:22".encode()


def test_a_mirror_of_another_registry_serves_its_images(dockopt, folder: Path) -> None:
    config = f'{HUB}"registry.example.com/google" = "gcr.io"\n'
    found = fixed(dockopt, folder, config, "node:22-slim", "-O3", "--select", "distroless-base", start="app.js")
    assert found == b"FROM registry.example.com/google/distroless/nodejs22-debian13"


def test_an_own_image_has_its_own_variants(dockopt, folder: Path) -> None:
    base = "registry.example.com/base/node:20"
    assert fixed(dockopt, folder, OWN, base) == b"FROM registry.example.com/base/node-slim:20"
    alpine = fixed(dockopt, folder, OWN, base, "-O3", "--select", "alpine-base")
    assert alpine == b"FROM registry.example.com/base/node-alpine:20"


def test_only_what_is_allowed_is_chosen(dockopt, folder: Path) -> None:
    assert fixed(dockopt, folder, '[bases]\nallow = ["python"]\n', "node:22") == b"FROM node:22"
    assert fixed(dockopt, folder, '[bases]\nallow = ["python", "node"]\n', "node:22") == b"FROM node:22-slim"


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ("bases = 3\n", "bases: must be a table, not 3"),
        ("[bases]\nallow = 3\n", "bases.allow: must be a list of repositories"),
        ("[bases]\nalow = []\n", "bases.alow: unknown key. Did you mean 'allow'?"),
        ("[bases]\nmirrors = []\n", "bases.mirrors: must be a table of mirrors"),
        ("[bases.images]\nx = 3\n", "must name the official image that it is like"),
        ('[bases.images."x"]\nslim = "y"\n', "must name the official image that it is like"),
        ('[bases.images."x"]\nlike = "node"\nslimm = "y"\n', "must name the official image that it is like"),
    ],
)
def test_what_is_wrong_is_told(dockopt, folder: Path, config: str, text: str) -> None:
    (folder / "dockopt.toml").write_text(config)
    (folder / "Dockerfile").write_text("FROM node:22\n")
    done = dockopt("fix", "--check")
    assert done.code == 2
    assert text in done.err
