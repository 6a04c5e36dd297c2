"""Reading an image gives what the engine itself says of it."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from optimizer.prove.image import Healthcheck, ImageReading, read_image
from tests.engine.conftest import engine
from tests.engine.docker import Engine, docker

pytestmark = pytest.mark.engine
__all__ = ["engine"]

# Images are read if the engine has them; DOCKOPT_READ_IMAGES names others.
BASES = os.environ.get("DOCKOPT_READ_IMAGES", "debian:bookworm-slim python:3.11-slim node:20-slim").split()
# What the engine puts into a container.
OF_THE_ENGINE = re.compile(r"(dev|proc|sys)(/.*)?|\.dockerenv|etc/(hosts|hostname|resolv\.conf|mtab)|etc|")
DELETIONS = """\
FROM debian:bookworm-slim
RUN mkdir -p /d/sub && head -c 300000 /dev/urandom > /d/big && echo 1 > /d/sub/a && echo 2 > /d/sub/b \\
 && ln /d/sub/a /d/sub/hard && ln -s ../big /d/sub/soft && ln -s /nowhere /d/dangling && mkfifo /d/pipe \\
 && head -c 5000 /dev/urandom > /d/over && useradd -m app
RUN rm /d/big && echo 3 > /d/sub/b && chmod 4750 /d/over && chown app:app /d/over
RUN rm -r /d/sub && mkdir /d/sub && echo new > /d/sub/new && rm -rf /usr/share/doc /var/lib/dpkg/info
RUN rm /d/over && mkdir -m 1777 /d/over && echo x > /d/over/x && rm -r /etc/apt && echo file > /etc/apt
RUN truncate -s 3M /d/sparse && echo end >> /d/sparse && mv /d/pipe /d/moved
WORKDIR /srv/app
COPY --chown=app:app --chmod=640 Dockerfile /srv/app/
USER app:app
ENV A=1 B="two words"
EXPOSE 80 53/udp
VOLUME /data
STOPSIGNAL SIGQUIT
LABEL a.b=c
SHELL ["/bin/bash", "-c"]
HEALTHCHECK --interval=5s --retries=7 CMD true || exit 1
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["true"]
ONBUILD RUN echo
"""


@contextmanager
def piped(*words: str) -> Iterator[IO[bytes]]:
    process = subprocess.Popen(["docker", *words], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        yield process.stdout
    assert process.wait() == 0


def read(name: str) -> ImageReading:
    with piped("save", name) as stream:
        return read_image(stream, name)


def exported(stream: IO[bytes]) -> dict[str, tuple[Any, ...]]:
    """The files of a container, as `docker export` lists them."""
    found: dict[str, tuple[Any, ...]] = {}
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            path = member.name.removeprefix("./").rstrip("/")
            owner = (member.mode & 0o7777, member.uid, member.gid)
            if member.isreg():
                file = tar.extractfile(member)
                assert file is not None
                found[path] = ("file", *owner, member.size, "", hashlib.file_digest(file, "sha256").hexdigest())
            elif member.islnk():
                # The engine names another of the hard links first: it is a file all the same.
                first = found[member.linkname]
                found[path] = ("file", *owner, *first[4:])
            else:
                kind = "folder" if member.isdir() else "link" if member.issym() else "other"
                found[path] = (kind, *owner, 0, member.linkname, "")
    return found


def as_exported(reading: ImageReading) -> dict[str, tuple[Any, ...]]:
    kinds = {"hardlink": "file", "fifo": "other", "device": "other"}
    return {
        path: (
            kinds.get(e.kind, e.kind),
            e.mode,
            e.uid,
            e.gid,
            e.size if e.has_content else 0,
            e.target if e.kind == "link" else "",
            e.digest,
        )
        for path, e in reading.tree.items()
    }


def check_config(reading: ImageReading, known: dict[str, Any]) -> None:
    config, wish = reading.config, known["Config"]
    assert config.entrypoint == tuple(wish.get("Entrypoint") or ())
    assert config.cmd == tuple(wish.get("Cmd") or ())
    assert [f"{k}={v}" for k, v in config.env.items()] == (wish.get("Env") or [])
    assert config.user == wish.get("User", "")
    assert config.workdir == wish.get("WorkingDir", "")
    assert config.exposed == tuple(sorted(wish.get("ExposedPorts") or ()))
    assert config.volumes == tuple(sorted(wish.get("Volumes") or ()))
    assert config.stop_signal == wish.get("StopSignal", "")
    assert config.labels == (wish.get("Labels") or {})
    assert config.shell == tuple(wish.get("Shell") or ())
    assert config.onbuild == tuple(wish.get("OnBuild") or ())
    assert (config.architecture, config.os) == (known["Architecture"], known["Os"])
    health = wish.get("Healthcheck")
    if health:
        assert config.healthcheck == Healthcheck(
            tuple(health["Test"]),
            health.get("Interval", 0),
            health.get("Timeout", 0),
            health.get("StartPeriod", 0),
            health.get("StartInterval", 0),
            health.get("Retries", 0),
        )
    else:
        assert config.healthcheck is None


def check(engine: Engine, name: str) -> ImageReading:
    """Read an image and hold it against the engine: config, layers, size, files."""
    reading, known = read(name), engine.inspect(name)
    check_config(reading, known)
    assert [layer.digest for layer in reading.layers] == known["RootFS"]["Layers"]
    # The engine counts every layer as it was written, links and folders by their own ways.
    assert abs(reading.sizes.total - known["Size"]) <= max(0.002 * known["Size"], 20_000)
    with engine.export(name) as stream:
        wanted = {p: facts for p, facts in exported(stream).items() if not OF_THE_ENGINE.fullmatch(p)}
    found = {p: facts for p, facts in as_exported(reading).items() if not OF_THE_ENGINE.fullmatch(p)}
    # The engine makes the folders of volumes and the working directory in the container.
    made = set(reading.config.volumes) | {reading.config.workdir}
    extra = {p for p in wanted.keys() - found.keys() if f"/{p}" in made}
    different = {
        p: (found.get(p), wanted.get(p)) for p in found.keys() | wanted.keys() if found.get(p) != wanted.get(p)
    }
    assert {p: d for p, d in different.items() if p not in extra} == {}
    return reading


@pytest.mark.parametrize("name", BASES)
def test_an_image_as_the_engine_knows_it(engine: Engine, name: str) -> None:
    if docker("image", "inspect", name).code:
        pytest.skip(f"the engine has no {name}")
    assert check(engine, name).sizes.visible > 0


def test_deletions_over_layers(engine: Engine, tmp_path: Path) -> None:
    if not engine.has("debian:bookworm-slim"):
        pytest.skip("the engine has no debian:bookworm-slim")
    file = tmp_path / "Dockerfile"
    file.write_text(DELETIONS)
    name = engine.build("deletions", file, tmp_path)
    reading = check(engine, name)
    first = next(layer for layer in reading.layers if "mkdir -p /d/sub" in layer.created_by)
    assert first.hidden >= 300_000
    assert first.replaced >= 5000 + 2
    assert reading.sizes.wasted == sum(layer.wasted for layer in reading.layers)
    assert reading.config.env["B"] == "two words"


def test_an_oci_layout_as_the_builder_writes_it(engine: Engine, tmp_path: Path) -> None:
    if not engine.has("debian:bookworm-slim"):
        pytest.skip("the engine has no debian:bookworm-slim")
    (tmp_path / "Dockerfile").write_text("FROM debian:bookworm-slim\nRUN echo 1 > /a\n")
    name = engine.build("layout", tmp_path / "Dockerfile", tmp_path)
    with piped("save", name) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        tar.extractall(tmp_path / "layout", filter="data")
    assert read_image(tmp_path / "layout").tree == read(name).tree
