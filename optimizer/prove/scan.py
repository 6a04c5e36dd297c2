"""Known vulnerabilities of two images, counted by trivy or grype where one of them is installed.

Sources: the JSON that `trivy image --format json` and `grype -o json` print. Nothing is counted by
dockopt itself: where no scanner ran to its end there are no numbers, but the reason.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, NamedTuple

from optimizer.prove.engines.process import Done, TooLong, run

SEVERITIES = ("critical", "high", "medium", "low", "negligible", "unknown")
NONE_INSTALLED = "neither trivy nor grype is installed, so no vulnerabilities were counted"
_LINES = 3


class Vulnerability(NamedTuple):
    """One known vulnerability of one package; `fixed` is the version that mends it, "" for none."""

    id: str
    package: str
    version: str
    severity: str
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """The vulnerabilities of an image, each once."""

    vulnerabilities: tuple[Vulnerability, ...]

    @property
    def by_severity(self) -> dict[str, int]:
        """How many there are of each severity, the worst first, zeros too."""
        counts = Counter(v.severity for v in self.vulnerabilities)
        return {severity: counts[severity] for severity in SEVERITIES}


@dataclass(frozen=True, slots=True)
class Scans:
    """Both images' vulnerabilities; `tool` found them. Without them `reason` says why."""

    tool: str = ""
    before: Scan | None = None
    after: Scan | None = None
    reason: str = ""

    @property
    def counted(self) -> bool:
        """Whether both images were scanned."""
        return self.before is not None and self.after is not None


Saved = Path | Callable[[], AbstractContextManager[IO[bytes]]]


class _ScanError(Exception):
    """A scanner that gave no answer."""


def scan_both(before: Saved, after: Saved, limit: float = 600.0, folder: Path | None = None) -> Scans:
    """Scan two saved images with the first scanner on PATH and return what it found.

    An image is an archive as `docker save` writes it, as a path or as what opens a stream of it; a stream is put
    into a temporary file in `folder` for as long as it is scanned, and opened only if there is a scanner. `limit` is
    in seconds, for each image. Raises what opening or reading a stream raises.
    """
    name = next((name for name in _SCANNERS if shutil.which(name)), "")
    if not name:
        return Scans(reason=NONE_INSTALLED)
    try:
        return Scans(name, _scan(name, before, limit, folder), _scan(name, after, limit, folder))
    except _ScanError as error:
        return Scans(name, reason=f"{name} {error}, so no vulnerabilities were counted")


@contextmanager
def _on_disk(image: Saved, folder: Path | None) -> Iterator[Path]:
    if isinstance(image, Path):
        yield image
        return
    with NamedTemporaryFile(prefix="dockopt-", suffix=".tar", dir=folder) as file:
        with image() as stream:
            shutil.copyfileobj(stream, file, 1 << 20)
        file.flush()
        yield Path(file.name)


def _scan(name: str, image: Saved, limit: float, folder: Path | None) -> Scan:
    words, read = _SCANNERS[name]
    with _on_disk(image, folder) as path:
        done = _run([name, *words(path)], limit)
    try:
        found = {_tidy(v) for v in read(json.loads(done.out))}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _ScanError("printed what is no report that dockopt knows") from None
    return Scan(tuple(sorted(found, key=lambda v: (SEVERITIES.index(v.severity), v))))


def _run(words: Sequence[str], limit: float) -> Done:
    """Run a scanner, which has to pass."""
    try:
        done = run(words, limit)
    except TooLong:
        raise _ScanError(f"did not end within {limit:.0f} s") from None
    except OSError as error:
        raise _ScanError(f"can't be started: {error.strerror}") from None
    if done.code:
        said = "; ".join(done.err.strip().splitlines()[-_LINES:])
        raise _ScanError(f"ended with exit code {done.code} ({said})")
    return done


def _tidy(found: Vulnerability) -> Vulnerability:
    severity = found.severity.lower()
    return found._replace(severity=severity if severity in SEVERITIES else "unknown")


def _trivy_words(image: Path) -> Sequence[str]:
    return ("image", "--quiet", "--format", "json", "--scanners", "vuln", "--input", str(image))


def _read_trivy(report: Any) -> Iterator[Vulnerability]:
    if "SchemaVersion" not in report:
        raise ValueError("no trivy report")
    # Go writes an empty list as null, and leaves out what is empty.
    for result in report.get("Results") or ():
        for item in result.get("Vulnerabilities") or ():
            yield Vulnerability(
                item["VulnerabilityID"],
                item["PkgName"],
                item.get("InstalledVersion", ""),
                item.get("Severity", ""),
                item.get("FixedVersion", ""),
            )


def _grype_words(image: Path) -> Sequence[str]:
    return ("--quiet", "--output", "json", str(image))


def _read_grype(report: Any) -> Iterator[Vulnerability]:
    for match in report["matches"] or ():
        found, package = match["vulnerability"], match["artifact"]
        fixes = (found.get("fix") or {}).get("versions") or ()
        yield Vulnerability(
            found["id"], package["name"], package.get("version", ""), found.get("severity", ""), ", ".join(fixes)
        )


_SCANNERS: dict[str, tuple[Callable[[Path], Sequence[str]], Callable[[Any], Iterator[Vulnerability]]]] = {
    "trivy": (_trivy_words, _read_trivy),
    "grype": (_grype_words, _read_grype),
}
