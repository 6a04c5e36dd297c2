"""What is known of a pip: whether it caches, and whether it is too old for an option."""

from __future__ import annotations

import re

from optimizer.facts.document import Document
from optimizer.facts.later import earlier_runs
from optimizer.facts.managers import BY_NAME
from optimizer.facts.runs import Call, Run
from optimizer.syntax.patterns import pattern

PIP = BY_NAME["pip"]
# Distributions whose own pip is older than pip 6, which brought --no-cache-dir.
_OLD_BASE = pattern(
    r"(ubuntu\S*[:\-]?(1[0-4]\.\d\d|15\.04)|:(1[0-4]\.04|15\.04)\b|\b(precise|trusty|utopic|vivid|wheezy|jessie)\b|"
    r"debian:[678]\b|phusion/baseimage:0\.9\.(\d|1[0-8])\b|alpine:(2\.\d|3\.[01])\b)"
)
_OLD_PIN = pattern(r"""["']?pip\s*(==|<|<=|~=)\s*[0-5](\.|["']?$)""")
_OWN_PIP = frozenset({"python", "pypy"})


def has_old_pip(doc: Document, call: Call) -> bool:
    """Tell whether a call's pip may be older than pip 6 (December 2014)."""
    run = call.run
    before = [c for r in [*earlier_runs(doc, run), run] for c in r.calls]
    pins = [w.value or w.raw for c in before for w in c.words if _OLD_PIN.match(w.value or w.raw)]
    if pins:
        return True
    image = run.stage.root_image
    if image.official in _OWN_PIP or not _OLD_BASE.search(image.resolved):
        return False
    return not any(
        _renews(c) for c in before if c.run.instruction is not run.instruction or c.command.start < call.command.start
    )


def _renews(call: Call) -> bool:
    """Whether a call brings a pip of today: its own upgrade, get-pip.py, a virtual environment's, conda."""
    texts = [w.value or w.raw for w in call.words]
    if call.is_("pip", "install"):
        return any(re.match(r"""["']?pip([=<>!~]|["']?\Z)""", t) for t in texts[1:])
    if call.program == "easy_install":
        return any(t.startswith("pip") for t in texts[1:])
    if call.program in ("pyenv", "conda"):
        return True
    return any(t.endswith("get-pip.py") or re.search(r"(mini|ana)conda\S*\.sh", t, re.IGNORECASE) for t in texts)


def caches(doc: Document, call: Call) -> bool:
    """Tell whether a call of pip stores what it downloads, as far as the file says."""
    if call.has("--no-cache-dir"):
        return False
    run = call.run
    name = PIP.no_cache_env
    if run.state.env.get(name, "") != "" or any(a.raw.startswith(f"{name}=") for a in call.command.assignments):
        # pip takes any value that it can read for a yes.
        return False
    if re.search(rf"\bexport\s+(\w+=\S+\s+)*{name}=", run.script.text):
        return False
    return not any(
        c.is_("pip", "config") and any("no-cache-dir" in w.raw for w in c.words)
        for r in [*earlier_runs(doc, run), run]
        for c in r.calls
    )


def moved_cache(run: Run, call: Call) -> bool:
    """Tell whether the cache is put to a place of its own, as one does to keep it."""
    name = "PIP_CACHE_DIR"
    return (
        call.has("--cache-dir")
        or name in run.state.env
        or any(a.raw.startswith(f"{name}=") for a in call.command.assignments)
        or f"{name}=" in run.script.text
    )
