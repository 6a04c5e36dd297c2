"""S3, C9, D7 and C6: who owns what was copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import fixed, run

NAME = "chown-on-copy"
HEAD = "FROM python:3.12\nRUN useradd app\n"


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x\n")
    (tmp_path / "a.py").write_text("x\n")
    return tmp_path


def test_c9_a_folder_of_workdir_stays_roots_without_its_own_chown(context: Path) -> None:
    after = fixed(f"{HEAD}WORKDIR /app\nCOPY . .\nRUN chown -R app:app /app\n", NAME, context=context)
    assert after == f"{HEAD}WORKDIR /app\nCOPY --chown=app:app . .\nRUN chown app:app /app\n"


def test_s3_a_folder_of_copy_is_its_owners(context: Path) -> None:
    after = fixed(f"{HEAD}COPY src /app\nRUN chown -R app /app\nUSER app\n", NAME, context=context)
    assert after == f"{HEAD}COPY --chown=app:0 src /app\nUSER app\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # D7: the name has to be known where the COPY stands.
        ("FROM python:3.12\nCOPY src /app\nRUN useradd app\nRUN chown -R app:app /app\n", "the user is made after the COPY"),
        ("FROM python:3.12\nCOPY src /app\nRUN useradd app && chown -R app:app /app\n", "the user is made after the COPY"),
        (f"{HEAD}COPY src /app\nRUN ./users.sh\nRUN chown -R app:app /app\n", "a RUN may make files there, too"),
        (f"{HEAD}COPY src /app\nRUN apt-get install -y nginx\nRUN chown -R app:app /app\n", "a package that is installed after the COPY may make the user"),
        # Other files are there.
        (f"{HEAD}COPY src /app\nRUN touch /app/log\nRUN chown -R app:app /app\n", "a RUN may make files there, too"),
        (f"{HEAD}ENV D=/app\nCOPY src $D\nRUN touch $D/log\nRUN chown -R app:app $D\n", "a variable decides what it does"),
        (f"{HEAD}ENV D=/app\nCOPY src $D\nRUN touch $D/log\nRUN chown -R app:app /app\n", "a RUN may make files there, too"),
        (f"{HEAD}COPY src /app\nRUN cp /x /app/y && chown -R app:app /app\n", "a RUN may make files there, too"),
        (f"{HEAD}COPY src /app\nWORKDIR /app/data\nRUN chown -R app:app /app\n", "a WORKDIR makes a folder in it"),
        (f"{HEAD}ADD src /app\nRUN chown -R app:app /app\n", "an ADD with other ways brings files there"),
        (f"{HEAD}COPY . /\nRUN chown -R app:app /src\n", "a COPY brings more than the folder"),
        (f"{HEAD}COPY src /etc/app\nRUN chown -R app:app /etc/app\n", "the base image may hold files there"),
        (f"{HEAD}COPY src /data/app\nRUN chown -R app:app /data/app\n", "the COPY would make the folder above it, too"),
        ("FROM python:3.12 AS a\nCOPY src /app\nFROM a\nCOPY a.py /app/\nRUN chown -R 1:1 /app\n", "an earlier stage may hold files there"),
        (f"{HEAD}VOLUME /app\nCOPY src /app\nRUN chown -R app:app /app\n", "a VOLUME stands in front of it"),
        (f"{HEAD}COPY --chown=root src /app\nRUN chown -R app:app /app\n", "a COPY sets another owner"),
        # C6
        (f"{HEAD}COPY --link src /app\nRUN chown -R app:app /app\n", "a COPY --link brings files"),
        # Not root's to do, or not told.
        (f"{HEAD}COPY src /app\nUSER app\nRUN chown -R app:app /app\n", "owner, folder or user can't be told"),
        (f"{HEAD}COPY src /app\nRUN chown -R app: /app\n", "owner, folder or user can't be told"),
    ],
)  # fmt: skip
def test_s3_what_is_left(context: Path, text: str, reason: str) -> None:
    outcome = run(text, NAME, context=context)
    assert outcome.after == text
    assert [left.reason for left in outcome.left] == [reason]


@pytest.mark.parametrize(
    "line",
    ["chown -RH app:app /app", "chown -R app:app /app /data", "chown --from=root -R app /app", "chown app:app /app", "if true; then chown -R 1:1 /app; fi"],
)  # fmt: skip
def test_other_calls_are_no_business(context: Path, line: str) -> None:
    text = f"{HEAD}COPY src /app\nRUN {line}\n"
    outcome = run(text, NAME, context=context)
    assert (outcome.after, outcome.left) == (text, ())


def test_links_make_it_less_safe(context: Path) -> None:
    text = f"{HEAD}COPY src /app\nRUN chown -R app:app /app\n"
    assert [a.safety.value for a in run(text, NAME, context=context).applied] == ["safe"]
    (context / "src" / "link").symlink_to("a.py")
    assert [a.safety.value for a in run(text, NAME, context=context).applied] == ["review"]


def test_it_composes_with_manifests_first(context: Path) -> None:
    (context / "requirements.txt").write_text("flask\n")
    text = f"{HEAD}WORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nRUN chown -R app:app /app\nUSER app\n"
    assert fixed(text, NAME, "manifests-first", context=context) == (
        f"{HEAD}WORKDIR /app\nCOPY --chown=app:app requirements.txt ./\nRUN pip install -r requirements.txt\n"
        "COPY --chown=app:app . .\nRUN chown app:app /app\nUSER app\n"
    )
