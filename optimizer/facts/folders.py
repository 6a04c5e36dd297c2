"""Folders that commands empty or mounts cover; `~` stands for the home of whoever runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from optimizer.facts.images import ImageRef, expand
from optimizer.facts.managers import MANAGERS, Manager
from optimizer.facts.runs import Call, Run
from optimizer.syntax.patterns import pattern

_HOME = pattern(r"(?:~|\$HOME|\$\{HOME\}|/root|/home/[^/*]+)(?=/|\Z)")
_BRACES = pattern(r"\{([^{}]*,[^{}]*)\}")
_ROOT = frozenset({"root", "0", "root:root", "0:0"})
# Official images that run as root and have root's home at /root.
_ROOT_IMAGES = frozenset(
    "debian ubuntu alpine centos fedora rockylinux almalinux amazonlinux oraclelinux opensuse busybox buildpack-deps "
    "python pypy node ruby jruby php golang rust openjdk eclipse-temurin amazoncorretto maven perl erlang elixir "
    "haskell swift julia r-base gcc nginx httpd redis mysql mariadb postgres mongo composer tomcat wordpress".split()
)


def runs_as_root(run: Run) -> bool:
    """Whether a RUN is known to be root's: by USER, or because an official image leaves it so."""
    user = run.state.user
    if user is not None:
        return user in _ROOT
    return _is_root_image(run.stage.root_image)


def _is_root_image(image: ImageRef) -> bool:
    return image.known and image.official in _ROOT_IMAGES


def normal(path: str) -> str:
    """Return a path with its quotes and last slash taken off and every home written as `~`."""
    path = path.replace('"', "").replace("'", "")
    path = re.sub(r"/{2,}", "/", path)
    if path != "/":
        path = path.rstrip("/")
    return _HOME.sub("~", path, count=1) if _HOME.match(path) else path


def alternatives(path: str) -> list[str]:
    """Return what a path's braces stand for: `/tmp/{a,b}` is two paths."""
    match = _BRACES.search(path)
    if not match or len(path) > 500:
        return [path]
    return [
        found
        for part in match.group(1).split(",")
        for found in alternatives(path[: match.start()] + part + path[match.end() :])
    ]


def covers(path: str, folder: str) -> bool:
    """Tell whether removing `path` (it may hold wildcards) empties `folder` (which may be a pattern)."""
    base = normal(path)
    while base.endswith("/*") or base.endswith("/.*"):
        base = base.rpartition("/")[0] or "/"
    folder = normal(folder)
    if folder.startswith("*"):
        return fnmatchcase(base, folder)
    parts = folder.split("/")
    ancestors = ["/".join(parts[:n]) or "/" for n in range(1, len(parts) + 1)]
    return any(
        base == a or ("*" in base and fnmatchcase(a, base) and a.count("/") == base.count("/")) for a in ancestors
    )


def removed_paths(call: Call) -> Iterator[str]:
    """Yield the paths that a call removes, as they are written."""
    if call.program in ("rm", "unlink", "rmdir"):
        for word in call.words[1:]:
            if not word.raw.startswith("-"):
                yield from alternatives(word.value if word.value is not None else word.raw)
    elif call.program == "find" and any(w.raw in ("-delete", "rm") for w in call.words):
        for word in call.words[1:]:
            if word.raw.startswith(("-", "(", "\\", "!")):
                break
            yield word.value if word.value is not None else word.raw


def empties(call: Call, *folders: str) -> bool:
    """Tell whether a call empties one of `folders`."""
    return any(covers(path, folder) for path in removed_paths(call) for folder in folders)


def keeps_cache(run: Run, manager: Manager) -> bool:
    """Tell whether a mount of the RUN may hold the manager's cache, so that it is not in the layer.

    A cache mount counts unless it is plainly another manager's.
    """
    env = run.state.env
    homes = [*manager.caches, *(env.get(name) or "" for name in manager.cache_env)]
    folders = [normal(h) for h in homes if h]
    for mount in run.mounts:
        target = normal(expand(mount.get("target") or "/run", env)[0])
        if any(_overlap(target, folder) for folder in folders):
            return True
        if mount.get("type") == "cache" and not _is_others(target, manager):
            return True
    return False


def _is_others(target: str, manager: Manager) -> bool:
    """Whether a mount's target is plainly the cache of another manager."""
    words = set(re.split(r"[^a-z]+", target.lower()))
    if not words.isdisjoint((manager.name, *manager.programs)):
        return False
    return target.startswith("/var/lib/") or any(
        not words.isdisjoint((other.name, *other.programs)) or any(_overlap(target, normal(c)) for c in other.caches)
        for other in MANAGERS
        if other is not manager
    )


def _overlap(target: str, folder: str) -> bool:
    if folder.startswith("*"):
        return fnmatchcase(target, folder) or fnmatchcase(target, f"{folder}/*")
    return target == folder or folder.startswith(f"{target}/") or target.startswith(f"{folder}/")
