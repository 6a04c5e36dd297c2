"""What kind of work a RUN does: packages, cheap file work, clean-up, or anything else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optimizer.facts.runs import Call, Run
from optimizer.syntax.patterns import pattern

# Commands that are done in a moment and need no network.
_CHEAP = frozenset(
    "mkdir chmod chown chgrp ln touch cp mv rm rmdir echo printf sed useradd groupadd adduser addgroup usermod "
    "groupmod userdel groupdel deluser delgroup chsh chpasswd passwd install cat tee test [ true : ldconfig localedef "
    "locale-gen update-locale update-alternatives a2enmod a2dismod a2ensite a2dissite a2enconf a2disconf "
    "debconf-set-selections find grep truncate setcap update-ca-certificates dpkg-divert date id which command".split()
)
_MANAGERS = frozenset({"apt", "apk", "yum", "dnf", "microdnf", "zypper", "pip", "gem", "npm", "conda"})
_SCRATCH = pattern(
    r"(/tmp|/var/tmp|/var/cache|/var/lib/apt/lists|/var/lib/apt|/root/\.cache|~/\.cache|/root/\.npm|/var/log|"
    r"/usr/share/(doc|man|locale|info)|/root/\.gem|/root/\.m2|/root/\.composer|/opt/conda/pkgs)(/|\*|\Z)"
)


def managers_of(run: Run) -> frozenset[str]:
    """Return the package managers that a RUN calls."""
    return frozenset(c.manager.name for c in run.calls if c.manager is not None)


def is_file_work(run: Run) -> bool:
    """Whether a RUN does nothing but cheap file work and calls of package managers."""
    return all(_is_cheap(call) for call in run.calls)


def _is_cheap(call: Call) -> bool:
    if call.manager is not None:
        return call.manager.name in _MANAGERS and (call.manager.name not in ("npm", "gem") or call.installs)
    return call.program in _CHEAP


def is_cleanup(run: Run, above: Sequence[Run]) -> bool:
    """Whether a RUN does nothing but remove what the RUNs above it may have left."""
    calls = run.calls
    return bool(calls) and all(_cleans(call, above) for call in calls)


def _cleans(call: Call, above: Sequence[Run]) -> bool:
    manager = call.manager
    if manager is not None:
        if not any(manager.name in managers_of(run) for run in above):
            return False
        return call.action in manager.clean or call.action in manager.remove or call.action in ("prune", "autoremove")
    if call.program == "rm":
        paths = [w.raw for w in call.words[1:] if not w.raw.startswith("-")]
        return bool(paths) and all(_SCRATCH.match(p) or _made_by(p, above) for p in paths)
    return False


def _made_by(path: str, above: Sequence[Run]) -> bool:
    """Whether a script above speaks of a path, so that it may have made it."""
    stem = path.rstrip("/*").strip("\"'")
    spoken = re.compile(rf"(?<![\w.-]){re.escape(stem)}(?![\w-])")
    return len(stem) > 2 and any(spoken.search(run.script.text) for run in above)
