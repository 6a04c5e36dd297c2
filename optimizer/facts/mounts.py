"""Cache mounts: which folders a package manager keeps between builds, and where they fit.

Source: docs.docker.com, "Optimize cache usage in builds" and the reference of RUN --mount=type=cache. For apt only
the lists are kept, not all of /var/lib/apt as there: its `extended_states` says which packages came by
themselves, and belongs to the image.
"""

from __future__ import annotations

from optimizer.facts.apt import leaves_lists, removes_lists, unfed
from optimizer.facts.document import Document
from optimizer.facts.lists import reader_of_lists
from optimizer.facts.runs import Run

# Folder and sharing mode; `~` is the home of the user who runs the RUN.
TARGETS: dict[str, tuple[tuple[str, str], ...]] = {
    "apt": (("/var/cache/apt", "locked"), ("/var/lib/apt/lists", "locked")),
    "pip": (("~/.cache/pip", ""),),
    "uv": (("~/.cache/uv", ""),),
    "npm": (("~/.npm", ""),),
    "yarn": (("/usr/local/share/.cache/yarn", ""),),
    "pnpm": (("~/.local/share/pnpm/store", ""),),
    "go": (("/go/pkg/mod", ""), ("~/.cache/go-build", "")),
    "cargo": (("/usr/local/cargo/registry", ""),),
    "composer": (("~/.composer/cache", ""),),
    "maven": (("~/.m2/repository", ""),),
    "gradle": (("~/.gradle/caches", ""),),
}
# What a build keeps there is also what the running program may need from there.
_READ_AT_RUN_TIME = frozenset({"go", "cargo", "maven", "gradle"})
_CLEANS = frozenset({"cache", "store", "clean", "clear-cache", "clearcache"})


def mountable(document: Document, run: Run) -> list[str]:
    """Return the managers whose caches a RUN can keep in mounts.

    None where the RUN cleans such a cache itself (never both), has a mount over it, switches the
    cache off, or where something later reads what the mount would hide.
    """
    if not document.uses_mounts or not run.editable or run.instruction.trigger or run.heredoc_script:
        return []
    if not _is_root(run):
        return []
    names = []
    for call in run.calls:
        manager = call.manager
        if manager is None or manager.name not in TARGETS or manager.name in names or not call.installs:
            continue
        if not _switched_off(run, manager.name) and not _read_later(document, run, manager.name):
            names.append(manager.name)
    return names


def targets_of(name: str) -> list[tuple[str, str]]:
    """Return the folders of a manager's caches for root, with their sharing modes."""
    return [(target.replace("~", "/root"), sharing) for target, sharing in TARGETS[name]]


def _is_root(run: Run) -> bool:
    return (run.state.user or "root").partition(":")[0] in ("root", "0")


def _switched_off(run: Run, name: str) -> bool:
    if run.mounted(*(target for target, _ in targets_of(name))):
        return True
    for call in run.calls:
        manager = call.manager
        if call.program == "rm":
            words = " ".join(w.raw for w in call.words)
            if (
                any(t.replace("/root", "") in words for t, _ in targets_of(name))
                or "/root/." in words
                or "~/." in words
            ):
                return True
            if name == "apt" and removes_lists(call):
                return True
        if manager is not None and manager.name == name:
            if call.action in _CLEANS or (manager.no_cache and call.has(manager.no_cache)):
                return True
    if name == "apt" and (unfed(run) or not leaves_lists(run)):
        return True
    env = run.state.env
    return any(key in env for key in ("PIP_NO_CACHE_DIR", "UV_NO_CACHE") if key.lower().startswith(name))


def _read_later(document: Document, run: Run, name: str) -> bool:
    """Whether a later instruction of the stage, or the running image, reads the hidden folder."""
    later = [r for r in document.runs_of(run.stage) if r.index > run.index]
    if name == "apt":
        return bool(reader_of_lists(document, run))
    folders = [t for t, _ in targets_of(name)]
    for instruction in document.tree.instructions:
        if instruction.keyword in ("COPY", "CMD", "ENTRYPOINT") and instruction.start > run.instruction.start:
            if any(f in instruction.args or f.replace("/root", "~") in instruction.args for f in folders):
                return True
            if name in _READ_AT_RUN_TIME and instruction.keyword != "COPY":
                if any(w in instruction.args for w in ("go run", "cargo run", "mvn", "gradle", '"go"', '"cargo"')):
                    return True
    if name not in _READ_AT_RUN_TIME:
        return False
    # The next RUN would find the folder empty, and what it needs not downloaded.
    others = [r for r in document.runs_of(run.stage) if r is not run and any(c.is_(name) for c in r.calls)]
    return any(not r.editable for r in others) or any(r.script.opaque for r in later)
