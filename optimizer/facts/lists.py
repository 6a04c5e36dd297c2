"""Who reads apt's lists behind the RUN that fetched them."""

from __future__ import annotations

import re

from optimizer.facts.apt import installs_out_of_sight, unfed
from optimizer.facts.called import called_files, files_named
from optimizer.facts.document import Document
from optimizer.facts.later import later_runs, run_time
from optimizer.facts.managers import APT_LISTS
from optimizer.facts.runs import Run
from optimizer.syntax.patterns import pattern

_APT = r"\b(?:apt|apt-get|aptitude)\b[^;&|\n]*\b"
_UPDATES = pattern(rf"{_APT}update\b")
_INSTALLS = pattern(rf"{_APT}(?:install|upgrade|build-dep|source)\b")
_COMMENTS = pattern(r"^\s*#.*$", re.MULTILINE)


def reader_of_lists(doc: Document, run: Run) -> str:
    """Return what reads the lists after a RUN, "" if nothing does that can be seen."""
    for later in later_runs(doc, run):
        line = doc.text.count("\n", 0, later.instruction.start) + 1
        if installs_out_of_sight(later):
            return f"the RUN in line {line} may install from them"
        if unfed(later) and not later.mounted(APT_LISTS):
            return f"the RUN in line {line} installs from them"
        for name, text in called_files(doc, later):
            if installs_without_update(text):
                return f"{name}, which the RUN in line {line} names, installs from them"
    for trigger in doc.triggers:
        if "apt" in trigger.script.text and unfed(trigger):
            return "an ONBUILD installs from them"
    for instruction in run_time(doc, run.stage):
        words = instruction.json or tuple(re.findall(r"[\w./-]+", instruction.args))
        texts = [instruction.args, *(text for _, text in files_named(doc, words))]
        if any(installs_without_update(text) for text in texts):
            return "the image installs from them when it runs"
    return ""


def installs_without_update(text: str) -> bool:
    """Tell whether a script, in any language, installs with apt before it fetches lists."""
    text = _COMMENTS.sub("", text).replace("\\\n", " ")
    installs, updates = _INSTALLS.search(text), _UPDATES.search(text)
    return installs is not None and (updates is None or installs.start() < updates.start())
