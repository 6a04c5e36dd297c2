"""What gem and Bundler install, and whether anything of it must be compiled."""

from __future__ import annotations

from optimizer.context.manifests.ruby import NATIVE, read_gemfile_lock
from optimizer.facts.copied import found_in_workdir
from optimizer.facts.document import Document
from optimizer.facts.runs import Call
from optimizer.facts.uses import Dependency, Installs

_PURE = frozenset(
    "bundler rake sinatra rack rackup webrick rails jekyll rspec rubocop foreman fpm haml tilt slim kramdown "
    "asciidoctor mustermann thor dotenv fluentd".split()
)


def ruby_installs(doc: Document, call: Call) -> Installs | None:
    """Return what a call installs from RubyGems, None where it is no such call."""
    if call.is_("gem", "install", "i"):
        return Installs(tuple(_gem(w.value or w.raw, "") for w in call.operands))
    if not call.is_("bundler") or not call.installs or (call.action and call.action not in ("install", "update")):
        return None
    place = found_in_workdir(doc, call.run, "Gemfile.lock")
    lock = read_gemfile_lock(doc.context, place) if doc.context is not None and place is not None else None
    if lock is None or lock.unreadable:
        return Installs(unread=("Gemfile.lock was not read",))
    compiled = set(lock.native)
    found = tuple(
        Dependency(name, version, "compiles" if name in compiled else "pure", "compiles" if name in NATIVE else "pure")
        for name, version in lock.gems
    )
    return Installs(found, tuple(f"{name} is part of the project" for name in lock.local), ("git",) if lock.git else ())


def _gem(name: str, version: str) -> Dependency:
    form = "compiles" if name in NATIVE else "pure" if name in _PURE else ""
    return Dependency(name, version, form, form)
