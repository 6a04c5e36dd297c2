"""Two images side by side: what broke, what differs, and which Change explains it."""

from optimizer.prove.compare.comparing import compare
from optimizer.prove.compare.types import Comparison, Finding, Severity

__all__ = ["Comparison", "Finding", "Severity", "compare"]
