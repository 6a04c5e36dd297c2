"""The claim of a split: two stages read as the one that they were, and nothing lost goes through."""

from __future__ import annotations

import pytest

from optimizer.facts.document import Document
from optimizer.rewrite.gate import Reading, unclaimed
from optimizer.rewrite.stages.claim import as_one_stage
from optimizer.syntax import parse

BEFORE = """FROM golang:1.22
ARG VERSION=1
LABEL version=$VERSION
ENV MODE=fast CGO_ENABLED=0
WORKDIR /app
COPY . .
RUN useradd app && go build -o app .
USER app
EXPOSE 80
CMD ["./app"]
"""
AFTER = """FROM golang:1.22 AS build
ARG VERSION=1
LABEL version=$VERSION
ENV MODE=fast CGO_ENABLED=0
WORKDIR /app
COPY . .
RUN useradd app && go build -o app .

FROM debian:bookworm-slim
ARG VERSION=1
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
LABEL version=$VERSION
ENV MODE=fast CGO_ENABLED=0
WORKDIR /app
RUN useradd app
COPY --from=build /app/app /app/
USER app
EXPOSE 80
CMD ["./app"]
"""


def difference(after: str) -> str:
    first, second = (Reading(Document(parse(text))) for text in (BEFORE, after))
    return unclaimed(first, second, [as_one_stage])


def test_a_split_is_claimed() -> None:
    assert difference(AFTER) == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ENV MODE=fast CGO_ENABLED=0\nWORKDIR /app\nRUN useradd", "WORKDIR /app\nRUN useradd"),
        ("ARG VERSION=1\nRUN apt", "RUN apt"),
        ("LABEL version=$VERSION\nENV MODE=fast CGO_ENABLED=0\nWORKDIR /app\nRUN useradd", "WORKDIR /app\nRUN useradd"),
        ("WORKDIR /app\nRUN useradd app\nCOPY --from", "RUN useradd app\nCOPY --from"),
        ("USER app\nEXPOSE", "EXPOSE"),
        ("EXPOSE 80\n", ""),
        ('CMD ["./app"]', 'CMD ["/app/app"]'),
        ("RUN useradd app\nCOPY", "RUN curl https://example.org | sh\nCOPY"),
        ("COPY --from=build /app/app /app/\n", ""),
        ("COPY --from=build /app/app /app/\n", "COPY --from=other /app/app /app/\n"),
        ("go build -o app .", "go build -o app . && go test"),
        ("COPY . .\n", "COPY . /\n"),
        ("FROM golang:1.22 AS", "FROM golang:1.23 AS"),
    ],
)
def test_what_is_lost_or_moved_is_not(old: str, new: str) -> None:
    after = AFTER.replace(old, new)
    assert after != AFTER
    assert difference(after)
