"""Questions to a real registry."""

from __future__ import annotations

import base64
import json
import os
import tarfile
from pathlib import Path

import pytest

from optimizer.catalog.live import Live, Unknown
from optimizer.online.ask import ask
from optimizer.online.options import Options
from tests.engine.docker import docker_ok
from tests.online.conftest import PASSWORD, USER, asked
from tests.online.images import DOCKER_LIST, DOCKER_MANIFEST, INDEX, MANIFEST, Made, image, index, push

AMD = {"os": "linux", "architecture": "amd64"}
ARM = {"os": "linux", "architecture": "arm64", "variant": "v8"}
ARM7 = {"os": "linux", "architecture": "arm", "variant": "v7"}


def both(kind: str = INDEX, child: str = MANIFEST) -> tuple[Made, Made, Made]:
    """An index for two platforms with an attestation beside it, and the two images."""
    amd, arm = (image(name, f"layer of {name}".encode() * 40, b"another", kind=child) for name in ("amd64", "arm64"))
    proof = image("unknown", b"attestation", system="unknown", kind=child)
    return index((amd, AMD), (arm, ARM), (proof, {"os": "unknown", "architecture": "unknown"}), kind=kind), amd, arm


@pytest.mark.parametrize(("kind", "child"), [(INDEX, MANIFEST), (DOCKER_LIST, DOCKER_MANIFEST)])
def test_an_image_for_several_platforms(registry: str, kind: str, child: str) -> None:
    made, amd, arm = both(kind, child)
    push(registry, "team/both", "1.0", made)
    found = asked(f"{registry}/team/both:1.0").image(f"{registry}/team/both:1.0")
    assert found is not None
    assert found.exists
    assert found.digest == made.digest
    assert found.platforms == ("linux/amd64", "linux/arm64")
    assert found.sizes == (("linux/amd64", amd.size), ("linux/arm64", arm.size))
    assert found.source == registry
    assert found.day.count("-") == 2


def test_an_image_for_one_platform(registry: str) -> None:
    made = image("arm", b"x" * 1000, variant="v7", kind=DOCKER_MANIFEST)
    push(registry, "one", "latest", made)
    found = asked(f"{registry}/one").image(f"{registry}/one")
    assert found is not None
    assert (found.platforms, found.digest) == (("linux/arm/v7",), made.digest)
    assert found.size_of("linux/arm") == made.size
    assert found.is_for("linux/arm/v7")
    assert not found.is_for("linux/amd64")


def test_sizes_are_read_for_the_platforms_that_are_wanted(registry: str) -> None:
    made, _, arm = both()
    push(registry, "wanted", "1", made)
    name = f"{registry}/wanted:1"
    found = asked(name, platforms=("linux/arm64/v8",)).image(name)
    assert found is not None
    assert found.sizes == (("linux/arm64", arm.size),)


def test_what_is_not_there(registry: str) -> None:
    push(registry, "there", "1", image("amd64", b"x"))
    names = [f"{registry}/there:2", f"{registry}/nowhere/at-all:1", f"{registry}/there@sha256:{'0' * 64}"]
    found = asked(*names)
    assert [found.images[name].exists for name in names] == [False] * 3  # type: ignore[union-attr]
    assert found.refusals == ()


def test_a_reference_by_digest(registry: str) -> None:
    made, _, _ = both()
    push(registry, "pinned", "1", made)
    name = f"{registry}/pinned:other@{made.digest}"
    found = asked(name).image(name)
    assert found is not None
    assert (found.exists, found.digest) == (True, made.digest)


def test_a_stored_answer_is_confirmed_or_asked_anew(registry: str) -> None:
    name = f"{registry}/moving:1"
    push(registry, "moving", "1", image("amd64", b"first"))
    old = asked(name).image(name)
    assert old is not None
    stored = {f"{name}": Live(True, old.platforms, old.sizes, old.digest, "2020-01-01T00:00:00+00:00", registry)}
    confirmed = ask([name], Options(), stored).image(name)
    assert confirmed is not None
    assert (confirmed.digest, confirmed.asked_at > "2020-01-02") == (old.digest, True)
    moved = image("amd64", b"second, which is longer")
    push(registry, "moving", "1", moved)
    renewed = ask([name], Options(), stored).image(name)
    assert renewed is not None
    assert (renewed.digest, renewed.size_of("linux/amd64")) == (moved.digest, moved.size)


def test_a_mirror_is_asked_in_place_of_the_hub(registry: str) -> None:
    made = image("amd64", b"python, slim")
    push(registry, "hub/library/python", "3.12-slim", made)
    mirrors = (("docker.io", f"{registry}/hub"),)
    names = ["python:3.12-slim", "docker.io/library/python:3.12-slim", "index.docker.io/python:3.12-slim"]
    found = asked(*names, mirrors=mirrors)
    assert {found.images[name].digest for name in names} == {made.digest}  # type: ignore[union-attr]


def test_without_credentials_it_says_how_to_log_in(locked_registry: str) -> None:
    name = f"{locked_registry}/secret:1"
    found = asked(name)
    assert found.images[name] == Unknown(f"it asks for credentials; `docker login {locked_registry}` stores them")
    assert [(r.source, r.asked) for r in found.refusals] == [(locked_registry, (name,))]


@pytest.mark.parametrize("scheme", ["", "https://"])
def test_credentials_of_docker_login(
    locked_registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    made = image("amd64", b"secret")
    push(locked_registry, "team/secret", "1", made, (USER, PASSWORD))
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {f"{scheme}{locked_registry}": {"auth": auth}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    name = f"{locked_registry}/team/secret:1"
    found = asked(name).image(name)
    assert found is not None
    assert found.digest == made.digest


def test_credentials_of_a_helper(locked_registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = image("amd64", b"for helpers")
    push(locked_registry, "helped", "1", made, (USER, PASSWORD))
    helper = tmp_path / "docker-credential-test"
    helper.write_text(
        '#!/bin/sh\n[ "$1" = get ] && [ "$(cat)" = "$REGISTRY" ] || exit 1\n'
        f'echo \'{{"ServerURL":"x","Username":"{USER}","Secret":"{PASSWORD}"}}\'\n'
    )
    helper.chmod(0o755)
    (tmp_path / "config.json").write_text(json.dumps({"credHelpers": {locked_registry: "test"}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("REGISTRY", locked_registry)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    name = f"{locked_registry}/helped:1"
    found = asked(name).image(name)
    assert found is not None
    assert found.digest == made.digest


def test_wrong_credentials(locked_registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    auth = base64.b64encode(f"{USER}:wrong".encode()).decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {locked_registry: {"auth": auth}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    name = f"{locked_registry}/secret:1"
    assert asked(name).images[name] == Unknown("it refused the credentials")


@pytest.mark.engine
def test_an_image_that_the_engine_pushed(registry: str, engine, tmp_path: Path) -> None:
    name = f"{registry}/built:1"
    (tmp_path / "file").write_text("content\n")
    with tarfile.open(tmp_path / "root.tar", "w") as archive:
        archive.add(tmp_path / "file", "file")
    try:
        docker_ok("import", str(tmp_path / "root.tar"), name)
        pushed = docker_ok("push", name)
    finally:
        docker_ok("image", "rm", "-f", name)
    found = asked(name).image(name)
    assert found is not None
    assert found.digest in pushed
    assert found.platforms[0].startswith("linux/")
    assert (found.size_of(found.platforms[0]) or 0) > 100
