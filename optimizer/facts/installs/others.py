"""Bundler and Composer: which files of the project an install reads."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from optimizer.context.manifests.composer import read_composer_json, read_composer_lock
from optimizer.context.manifests.ruby import read_gemfile, read_gemfile_lock
from optimizer.facts.calls import ShellCall
from optimizer.facts.installs.needs import Files, Needs
from optimizer.facts.installs.words import has_unknown_words

_FROZEN = ("BUNDLE_FROZEN", "BUNDLE_DEPLOYMENT")
# Composer's events that an install fires. Source: getcomposer.org, "Scripts".
_EVENTS = frozenset(
    "pre-install-cmd post-install-cmd pre-update-cmd post-update-cmd pre-autoload-dump post-autoload-dump "
    "pre-package-install post-package-install pre-operations-exec init command pre-command-run".split()
)


def needs_of_other(call: ShellCall, cwd: str, files: Files, env: Mapping[str, str | None]) -> Needs | str:
    """Return what `bundle install` or `composer install` reads; a reason where that is more than manifests."""
    if call.manager is not None and call.manager.name == "composer":
        return _composer(call, cwd, files)
    # By these variables Bundler does not change its lockfile.
    return _bundler(call, cwd, files, any(env.get(name) in ("1", "true") for name in _FROZEN))


def _bundler(call: ShellCall, cwd: str, files: Files, frozen: bool) -> Needs | str:
    if call.action == "config":
        return Needs(writes=(posixpath.join(cwd, ".bundle"),))
    if call.action not in ("", "install") or has_unknown_words(call) or call.has("--gemfile"):
        return f"bundle {call.action} may read the sources"
    manifest = posixpath.join(cwd, "Gemfile")
    origin = files.origin(manifest)
    gemfile = read_gemfile(files.context, origin) if origin is not None else None
    if gemfile is None or gemfile.unreadable:
        return (
            "its Gemfile is not copied from the build context" if gemfile is None else f"{origin} {gemfile.unreadable}"
        )
    locks = files.there(cwd, ("Gemfile.lock",))
    lock = read_gemfile_lock(files.context, files.placed[locks[0]]) if locks else None
    if not gemfile.whole or gemfile.local or (lock is not None and (lock.local or lock.unreadable)):
        return f"{origin} reads other files"
    if files.has(posixpath.join(cwd, "vendor/cache")) or files.has(posixpath.join(cwd, "vendor/bundle")):
        return "the build context brings gems of its own"
    deployed = frozen or call.has("--frozen", "--deployment")
    if lock is not None and not deployed and not {"ruby", "x86_64-linux"} & set(lock.platforms):
        return f"it may add a platform to {lock.path}"
    writes = [posixpath.join(cwd, name) for name in ("vendor/bundle", ".bundle")]
    if lock is None:
        writes.append(posixpath.join(cwd, "Gemfile.lock"))
    reads = (manifest, *locks, *files.there(cwd, (".ruby-version", ".tool-versions")))
    return Needs(reads, tuple(writes), project=True)


def _composer(call: ShellCall, cwd: str, files: Files) -> Needs | str:
    if call.action in ("clear-cache", "clearcache", "cc"):
        return Needs()
    if call.action not in ("install", "i") or has_unknown_words(call) or call.has("-d", "--working-dir"):
        return f"composer {call.action} may read the sources"
    manifest = posixpath.join(cwd, "composer.json")
    origin = files.origin(manifest)
    found = read_composer_json(files.context, origin) if origin is not None else None
    if found is None or found.unreadable:
        return (
            "its composer.json is not copied from the build context"
            if found is None
            else f"{origin} {found.unreadable}"
        )
    locks = files.there(cwd, ("composer.lock",))
    lock = read_composer_lock(files.context, files.placed[locks[0]]) if locks else None
    if lock is None or lock.unreadable:
        return "it has no lockfile" if lock is None else f"{lock.path} {lock.unreadable}"
    if found.local:
        return f"{origin} names files of the build context"
    if _EVENTS.intersection(found.scripts) and not call.has("--no-scripts"):
        return f"{origin} has scripts that an install runs"
    if lock.plugins and not call.has("--no-plugins"):
        return f"{lock.plugins[0]} is a plug-in that an install runs"
    loads = found.classmap or call.has("-o", "--optimize-autoloader", "-a", "--classmap-authoritative")
    optimized = '"optimize-autoloader"' in (files.context.text(origin or "") or "")
    if (loads or optimized) and not call.has("--no-autoloader"):
        return "its autoloader is made from the sources"
    writes = (posixpath.join(cwd, found.vendor),)
    return Needs((manifest, *locks, *files.there(cwd, ("auth.json",))), writes, project=True)
