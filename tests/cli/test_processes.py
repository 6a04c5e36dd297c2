"""Pipes, signals, terminals, crashes: what only a process shows."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.cli.errors import Failure
from optimizer.cli.jobs import Job
from optimizer.cli.parallel import results
from tests.cli.conftest import AFTER, BEFORE, ONLY, ROOT

BROKEN = """
import optimizer.cli.jobs as jobs
real = jobs.optimize
def optimize(source, options):
    if b"boom" in source.data:
        raise RuntimeError("it broke")
    if b"die" in source.data:
        import os
        os._exit(9)
    return real(source, options)
jobs.optimize = optimize
"""


PATIENT = "import optimizer.cli.progress as p; p._PATIENCE = "


def many(folder: Path, number: int) -> None:
    for n in range(number):
        (folder / f"Dockerfile.{n:03}").write_bytes(BEFORE)


def test_a_fault_of_our_own(process, folder: Path) -> None:
    (folder / "Dockerfile.a").write_bytes(BEFORE + b"RUN boom\n")
    (folder / "Dockerfile.b").write_bytes(BEFORE)
    done = process("fix", *ONLY, code=BROKEN)
    _, err = done.communicate()
    assert done.returncode == 3
    assert b"error: Dockerfile.a: internal error: RuntimeError: it broke; the file was left as it is" in err
    assert b"please report it" in err and b"Traceback" not in err
    assert (folder / "Dockerfile.b").read_bytes() == AFTER
    debug = process("fix", *ONLY, code="import os; os.environ['DOCKOPT_DEBUG'] = '1'\n" + BROKEN)
    assert b"Traceback" in debug.communicate()[1]


def test_a_fault_outside_any_file(process) -> None:
    code = "import optimizer.cli.plan as p\nclass P:\n def __init__(self, *a): 1/0\np.Planner = P"
    done = process("fix", "x", code=code)
    err = done.communicate()[1]
    assert done.returncode == 3
    assert b"internal error: ZeroDivisionError" in err and b"Traceback" not in err


def test_a_dying_worker_takes_only_its_own_file(process, folder: Path) -> None:
    many(folder, 60)
    (folder / "Dockerfile.020").write_bytes(b"FROM a\nRUN die\n")
    (folder / "Dockerfile.041").write_bytes(b"FROM a\nRUN die\n")
    done = process("fix", "-j2", *ONLY, code=BROKEN)
    err = done.communicate()[1].decode()
    assert done.returncode == 3
    assert re.findall(r"error: (\S+): internal error: the worker", err) == ["Dockerfile.020", "Dockerfile.041"]
    assert sum((folder / f"Dockerfile.{n:03}").read_bytes() == AFTER for n in range(60)) == 58
    assert "60 files" not in err and "58 files: 58 changed, 58 changes (58 safe); 2 failed" in err


def test_many_at_once_give_the_same_in_the_same_order(dockopt, folder: Path) -> None:
    many(folder, 70)
    (folder / "Dockerfile.033").write_bytes(BEFORE + b"\0")
    one = dockopt("fix", "--diff", "-j1", "Dockerfile.033", ".", *ONLY)
    two = dockopt("fix", "--diff", "-j2", "Dockerfile.033", ".", *ONLY)
    assert one == two
    assert one.code == 2 and one.out.count(b"\n--- a/Dockerfile.") == 69


def square(job: Job) -> Failure:
    return Failure(job.name, str(int(job.name) ** 2))


@pytest.mark.parametrize("number", [0, 1, 23, 24, 25, 100])
def test_every_job_has_its_result(number: int) -> None:
    jobs = [Job("", str(n)) for n in range(number)]
    done = list(results(jobs, 2, square))
    assert [job for job, _ in done] == jobs
    assert [failure.message for _, failure in done] == [str(n * n) for n in range(number)]


def test_a_closed_pipe_is_quiet(process, folder: Path) -> None:
    many(folder, 400)
    done = process("fix", "--diff", "-j1", *ONLY)
    assert done.stdout is not None and done.stderr is not None
    done.stdout.readline()
    done.stdout.close()
    err = done.stderr.read()
    assert done.wait(30) == 141
    assert b"Traceback" not in err and b"Error" not in err


def test_an_interrupt_is_quiet(process) -> None:
    done = process("fix", "-", code="print('ready', flush=True)")
    assert done.stdout is not None
    assert done.stdout.readline() == b"ready\n"
    for _ in range(200):
        if "pipe" in Path(f"/proc/{done.pid}/wchan").read_text() or done.poll() is not None:
            break
        subprocess.run(["sleep", "0.05"])
    done.send_signal(signal.SIGINT)
    _, err = done.communicate(timeout=30)
    assert done.returncode == 130
    assert b"Traceback" not in err


def on_terminal(folder: Path, *arguments: str, code: str = "", **environment: str) -> bytes:
    main, other = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    env |= {"PYTHONPATH": str(ROOT), "TERM": "xterm", **environment}
    done = subprocess.Popen(
        [sys.executable, "-c", f"{code}\nfrom optimizer.cli.main import main\nmain()", *arguments],
        cwd=folder,
        env=env,
        stdout=other,
        stderr=other,
    )
    os.close(other)
    seen = b""
    try:
        while block := os.read(main, 65536):
            seen += block
    except OSError:
        pass
    os.close(main)
    done.wait()
    return seen


def test_colour_on_a_terminal(folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    assert b"\x1b[32m+RUN" in on_terminal(folder, "fix", "--diff", *ONLY)
    assert b"\x1b[" not in on_terminal(folder, "fix", "--diff", *ONLY, NO_COLOR="1")
    on_terminal(folder, "fix", "--output", "out.diff", *ONLY)
    assert b"+RUN" in (folder / "out.diff").read_bytes() and b"\x1b[" not in (folder / "out.diff").read_bytes()


def test_a_bar_only_for_a_run_that_takes_its_time(folder: Path) -> None:
    many(folder, 40)
    assert b"Dockerfiles" not in on_terminal(folder, "fix", "--check", *ONLY, code=f"{PATIENT}1000")
    assert b"Dockerfiles" in on_terminal(folder, "fix", *ONLY, code=f"{PATIENT}0")
    many(folder, 40)
    assert b"Dockerfiles" not in on_terminal(folder, "fix", "-q", *ONLY, code=f"{PATIENT}0")
    assert (folder / "Dockerfile.039").read_bytes() == AFTER


def test_one_file_starts_without_what_it_does_not_need(process, folder: Path) -> None:
    (folder / "Dockerfile").write_bytes(BEFORE)
    code = (
        "import atexit\n"
        "heavy = ('rich', 'pathspec', 'concurrent.futures', 'multiprocessing', 'tomllib')\n"
        "atexit.register(lambda: print(sorted(set(heavy) & set(sys.modules)), file=sys.stderr))\n"
    )
    done = process("fix", "--diff", "-q", "Dockerfile", *ONLY, code=code)
    out, err = done.communicate()
    assert out.startswith(b"--- a/Dockerfile")
    assert err == b"[]\n"


def test_python_dash_m(folder: Path) -> None:
    command = [sys.executable, "-m", "optimizer", "--version"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True)
    assert done.stdout.startswith(b"dockopt ")
