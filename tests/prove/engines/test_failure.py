"""A builder's log is read back to the instruction that failed."""

from __future__ import annotations

import pytest

from optimizer.prove.engines.base import Recipe
from optimizer.prove.engines.failure import failure

DOCKERFILE = b"""FROM debian:bookworm-slim
LABEL a=b

RUN echo hello && \\
    ls /nowhere && \\
    echo x
COPY nofile /x
CMD ["true"]
"""
RUN_FAILS = """#5 [2/2] RUN echo hello &&     ls /nowhere &&     echo x
#5 0.113 hello
#5 0.119 ls: cannot access '/nowhere': No such file or directory
#5 ERROR: process "/bin/sh -c echo hello" did not complete successfully: exit code: 2
------
 > [2/2] RUN echo hello &&     ls /nowhere &&     echo x:
0.113 hello
0.119 ls: cannot access '/nowhere': No such file or directory
------
Dockerfile:4
--------------------
   3 |
   4 | >>> RUN echo hello && \\
   5 | >>>     ls /nowhere && \\
--------------------
ERROR: failed to solve: process "/bin/sh -c echo hello" did not complete successfully: exit code: 2"""
COPY_FAILS = """#6 [2/2] COPY nofile /x
#6 ERROR: failed to calculate checksum of ref abc::def: "/nofile": not found
------
 > [2/2] COPY nofile /x:
------
Dockerfile:7
--------------------
   7 | >>> COPY nofile /x
--------------------
ERROR: failed to solve: failed to compute cache key: "/nofile": not found"""
BUILDAH = """STEP 1/4: FROM debian:bookworm-slim
STEP 2/4: LABEL a=b
STEP 3/4: RUN echo hello &&     ls /nowhere &&     echo x
hello
ls: cannot access '/nowhere': No such file or directory
Error: building at STEP "RUN echo hello &&     ls /nowhere &&     echo x": while running runtime: exit status 2"""
NO_BASE = """#2 [internal] load metadata for docker.io/library/debian:nonesuch
#2 ERROR: failed to do request: no such host
------
 > [internal] load metadata for docker.io/library/debian:nonesuch:
------
Dockerfile:1
--------------------
   1 | >>> FROM debian:nonesuch
--------------------
ERROR: failed to solve: debian:nonesuch: no such host"""
RUN = "RUN echo hello && \\\n    ls /nowhere && \\\n    echo x"
PRINTED = ("hello", "ls: cannot access '/nowhere': No such file or directory")


@pytest.mark.parametrize(
    ("log", "line", "instruction", "reason", "output"),
    [
        (RUN_FAILS, 4, RUN, 'process "/bin/sh -c echo hello" did not complete successfully: exit code: 2', PRINTED),
        (COPY_FAILS, 7, "COPY nofile /x", 'failed to compute cache key: "/nofile": not found', ()),
        (BUILDAH, 4, RUN, "while running runtime: exit status 2", PRINTED),
        (NO_BASE, 1, "FROM debian:bookworm-slim", "debian:nonesuch: no such host", ()),
        ("", 0, "", "the builder said nothing", ()),
        ("ERROR: no such driver", 0, "", "no such driver", ("ERROR: no such driver",)),
    ],
    ids=["run", "copy", "buildah", "base", "nothing", "engine"],
)
def test_where_a_build_failed(log: str, line: int, instruction: str, reason: str, output: tuple[str, ...]) -> None:
    found = failure(Recipe(DOCKERFILE, "app/Dockerfile"), log.splitlines())
    assert (found.line, found.instruction, found.reason, found.output) == (line, instruction, reason, output)
    assert str(found).startswith("app/Dockerfile:4: " if line == 4 else "app/Dockerfile:")


def test_only_the_last_lines_are_kept() -> None:
    lines = [f"0.1 line {n}" for n in range(100)]
    log = [" > [2/2] RUN x:", *lines, "------", "Dockerfile:4", "-----", "ERROR: failed to solve: x"]
    found = failure(Recipe(DOCKERFILE, "Dockerfile"), log)
    assert found.output[-1] == "line 99" and 5 < len(found.output) < 40
