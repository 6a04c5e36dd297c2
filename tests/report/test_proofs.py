"""A proof as table, JSON, Markdown and HTML."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from optimizer.prove.compare.types import Comparison, Finding
from optimizer.prove.engines.base import BuildFailed
from optimizer.prove.image.types import ImageConfig, ImageReading, Layer, Packages, Sizes, Surface
from optimizer.prove.proof import Image, Proof, Verdict
from optimizer.prove.running.types import Check
from optimizer.prove.scan import NONE_INSTALLED, Scan, Scans, Vulnerability
from optimizer.report.figures import change, headline, megabytes, rows
from optimizer.report.verify import table
from optimizer.report.verify_html import page
from optimizer.report.verify_json import document
from optimizer.report.verify_markdown import markdown

NASTY = "<script>alert(1)</script> \x1b[31m `code` | *x*"


def image(name: str, sizes: tuple[int, ...], wasted: int, packages: int, **surface: tuple[str, ...]) -> Image:
    layers = tuple(
        Layer(i, f"sha256:{i}", size, f"RUN step {i} && {NASTY}", 3, replaced=wasted if i == 0 else 0)
        for i, size in enumerate(sizes)
    )
    known = Packages(dpkg={f"package{n}": "1" for n in range(packages)})
    total = sum(sizes)
    reading = ImageReading(
        name, ImageConfig(), layers, {}, known, Surface(**surface), Sizes(total, total - wasted, wasted)
    )
    return Image(name, f"sha256:{name}", reading, 12.5)


BEFORE = image("Dockerfile", (100_000_000, 50_000_000), 20_000_000, 12, shells=("bin/sh", "bin/bash", "usr/bin/sh"))
AFTER = image("Dockerfile (optimized)", (60_000_000,), 0, 9, shells=("bin/sh",))
FINDINGS = (
    Finding("library", "broken", "needs libpq.so.5, which is gone", "/usr/lib/x.so", "apt-no-recommends"),
    Finding("config", "differs", f'was "{NASTY}"', "Cmd", "exec-form-cmd"),
    Finding("file", "differs", "is gone", "/etc/x"),
    Finding("package", "noted", "is gone", "less"),
)
HOLDS = Proof(
    Verdict.HOLDS,
    "docker 26.1",
    BEFORE,
    AFTER,
    (Check("end", "the image's container, without a network", True, "exit code 0", "exit code 0"),),
    Comparison(FINDINGS[1:]),
    seconds=61.2,
)
BROKEN = replace(
    HOLDS,
    verdict=Verdict.DOES_NOT_HOLD,
    checks=(Check("output", "compared", False, "fine", NASTY, "numbers vary"),),
    comparison=Comparison(FINDINGS),
)
FAILED = Proof(
    Verdict.ORIGINAL_DOES_NOT_BUILD,
    "docker 26.1",
    failure=BuildFailed("app/Dockerfile", 4, "RUN x \\\n    && y", "exit code: 2", ("hello", NASTY)),
)
UNFIT = Proof(Verdict.ORIGINAL_DOES_NOT_RUN, "docker 26.1", BEFORE, problem=f"it does not start: {NASTY}")
ALL = [HOLDS, BROKEN, FAILED, UNFIT]
DIFF = "# app/Dockerfile: 1 change\n--- a/x\n+++ b/x\n@@ -1 +1 @@ some\n-old <b>\n+new \udcff\n"


def test_the_table_shows_what_was_won_and_how_it_is_known() -> None:
    text = table("app/Dockerfile", HOLDS)
    assert text.startswith(
        "app/Dockerfile: holds: the second image can stand for the first; 150.0 MB became 60.0 MB (-60%)\n"
    )
    cells = {line[2:18].strip(): line[18:].split() for line in text.splitlines()}
    assert cells["size"] == ["150.0", "MB", "60.0", "MB", "-60%"]
    assert cells["layers"] == ["2", "1", "-1"]
    assert cells["wasted"] == ["20.0", "MB", "0", "B", "-100%"]
    assert cells["dpkg packages"] == ["12", "9", "-3"]
    assert cells["shells"] == ["bash,", "sh", "sh"]
    assert "Run with docker 26.1:\n  ok end, the image's container, without a network: exit code 0\n" in text
    assert "0 broken, 1 unexplained, 1 explained by a change, 1 for the record" in text
    assert "  ?  /etc/x: is gone\n" in text and "less" not in text


def test_what_broke_comes_with_its_reason() -> None:
    text = table("Dockerfile", BROKEN)
    assert text.startswith("Dockerfile: does not hold\n")
    assert "  no output, compared: before fine, after <script>" in text and "(numbers vary)" in text
    assert "  no /usr/lib/x.so: needs libpq.so.5, which is gone (apt-no-recommends)\n" in text
    assert list(BROKEN.reasons)[1] == "/usr/lib/x.so: needs libpq.so.5, which is gone"


def test_a_failing_build_shows_the_instruction_and_its_last_lines() -> None:
    for text in (table("app/Dockerfile", FAILED), markdown("app/Dockerfile", FAILED)):
        assert "the original does not build" in text
        assert "app/Dockerfile:4: exit code: 2\n    RUN x \\\n        && y\nits last lines:\n    hello\n" in text


@pytest.mark.parametrize("proof", ALL, ids=lambda p: p.verdict.name)
def test_no_text_of_an_image_steers_a_terminal(proof: Proof) -> None:
    assert "\x1b" not in table("x", proof) + markdown("x", proof, DIFF) + page("x", proof, "1", DIFF)


@pytest.mark.parametrize("proof", ALL, ids=lambda p: p.verdict.name)
def test_json(proof: Proof) -> None:
    value = json.loads(document("app/Dockerfile", proof, "1.0", DIFF))
    assert (value["holds"], value["verdict"], value["path"]) == (proof.holds, proof.verdict.value, "app/Dockerfile")
    assert bool(value["reasons"]) is not proof.holds
    assert value["diff"] == DIFF
    if proof.after is not None:
        assert value["figures"]["size"] == {"before": 150_000_000, "after": 60_000_000}
        assert value["before"]["layers"][0]["wasted"] == 20_000_000
        assert value["findings"][-1]["severity"] == "noted"
        assert value["checks"][0]["holds"] is proof.holds


class Page(HTMLParser):
    """What a page loads, and the texts of its bars."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.widths: list[float] = []
        self.open: list[str] = []
        self.scripts = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.loads += [v or "" for k, v in attributes if k in ("src", "href")]
        self.scripts += tag == "script"
        if tag == "i":
            match = re.search(r"width:([\d.]+)%", found.get("style") or "")
            assert match
            self.widths.append(float(match[1]))
        if tag not in ("meta", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("proof", ALL, ids=lambda p: p.verdict.name)
def test_the_page_is_whole_and_needs_nothing_beside_it(proof: Proof) -> None:
    text = page("app/Dockerfile", proof, "1.0", DIFF)
    found = Page(text)
    assert (found.loads, found.scripts, found.open) == ([], 0, [])
    assert "url(" not in text and "@import" not in text
    assert headline(proof) in text
    assert '<span class="removed">-old &lt;b&gt;</span><span class="added">+new \\udcff</span>' in text


def test_layers_are_bars_of_the_larger_image() -> None:
    found = Page(page("x", HOLDS, "1.0"))
    # Seen and wasted parts of 100 MB with 20 MB lost, 50 MB and 60 MB, of 150 MB.
    assert found.widths == [53.33, 13.33, 33.33, 0, 40, 0]
    assert "20.0 MB wasted" in page("x", HOLDS, "1.0")


def test_markdown_is_for_a_pull_request() -> None:
    text = markdown("app/Dockerfile", BROKEN, DIFF + "```\n")
    assert text.startswith("### app/Dockerfile: does not hold\n")
    assert "| size | 150.0 MB | 60.0 MB | -60% |" in text
    assert "- [ ] output, compared: before fine, after \\<script\\>" in text
    assert "- [x] Cmd: was " in text and "- [ ] /etc/x: is gone" in text
    assert "\n````diff\n# app/Dockerfile" in text, "the fence is longer than those inside of it"


SCANNED = replace(
    HOLDS,
    scans=Scans(
        "trivy",
        Scan((Vulnerability("CVE-1", "a", "1", "critical"), Vulnerability("CVE-2", "b", "1", "low"))),
        Scan((Vulnerability("CVE-2", "b", "1", "low"),)),
    ),
)
UNSCANNED = replace(HOLDS, scans=Scans(reason=NONE_INSTALLED))


def test_vulnerabilities_are_those_that_a_scanner_counted() -> None:
    text = table("x", SCANNED)
    assert "known vulnerabilities by trivy: 2 before, 1 after\n" in text
    assert re.search(r"critical CVEs +1 +0  -1\n  low CVEs +1 +1\n", text) and "high" not in text
    assert json.loads(document("x", SCANNED, "1"))["vulnerabilities"]["after"]["low"] == 1
    assert "| critical CVEs | 1 | 0 | -1 |" in markdown("x", SCANNED)
    assert "critical CVEs" in page("x", SCANNED, "1")


def test_without_a_scanner_no_number_is_made_up() -> None:
    for text in (table("x", UNSCANNED), markdown("x", UNSCANNED), page("x", UNSCANNED, "1")):
        assert NONE_INSTALLED in text and "CVE" not in text
    assert json.loads(document("x", UNSCANNED, "1"))["vulnerabilities"]["before"] is None


def test_it_is_said_where_nothing_was_run() -> None:
    still = replace(HOLDS, checks=())
    for text in (table("x", still), markdown("x", still), page("x", still, "1")):
        assert "Neither image was run." in text
    for proof in (HOLDS, FAILED, UNFIT):
        assert "Neither image was run." not in table("x", proof) + markdown("x", proof) + page("x", proof, "1")


def test_sizes() -> None:
    assert [megabytes(n) for n in (0, 999, 1000, 1_500_000, 2_000_000_000)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "1.5 MB",
        "2.0 GB",
    ]
    assert [change(*pair) for pair in ((100, 50), (100, 100), (0, 5), (1000, 999), (10, 15))] == [
        "-50%",
        "",
        "",
        "",
        "+50%",
    ]
    assert [row.name for row in rows(BEFORE.reading, AFTER.reading)][:4] == [
        "size",
        "layers",
        "wasted",
        "dpkg packages",
    ]
