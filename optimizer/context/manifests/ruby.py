"""Gemfile and Gemfile.lock. Source of the form: bundler.io, "gemfile(5)"; the lock's is regular.

A Gemfile is a program: its regular forms are read, and `whole` says whether there is anything else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LIMIT, LOCK_LIMIT, is_there
from optimizer.syntax.patterns import pattern

# Gems that compile C when they are installed, and the Debian package of the headers that they need
# beside a compiler, if any. [each gem's ext/ folder and README]
_NATIVE = """
bcrypt bigdecimal bootsnap byebug charlock_holmes=libicu-dev curb=libcurl4-openssl-dev date debug digest-crc ed25519
eventmachine=libssl-dev ffi=libffi-dev google-protobuf grpc hiredis jaro_winkler json libv8-node mini_racer msgpack
mysql2=default-libmysqlclient-dev nio4r nokogiri=libxml2-dev oj pg=libpq-dev psych=libyaml-dev puma=libssl-dev racc
rbtree rdiscount redcarpet RedCloth rmagick=libmagickwand-dev rugged=libgit2-dev sassc snappy=libsnappy-dev
sqlite3=libsqlite3-dev stringio strscan thin tiny_tds=freetds-dev unf_ext unicorn websocket-driver yajl-ruby
"""
NATIVE = {name: headers for name, _, headers in (word.partition("=") for word in _NATIVE.split())}
_COMMENT = pattern(r"^\s*#.*$", re.MULTILINE)
_GEM = pattern(r"""^\s*gem\s*\(?\s*["']([\w.-]+)["'](.*)$""", re.MULTILINE)
_READS = pattern(
    r"\b(eval_gemfile|File\.(read|join|expand_path|exist\?)|Dir\[|Dir\.glob|instance_eval|require_relative|gemspec|ENV\b|`)"
)


@dataclass(frozen=True)
class Gemfile:
    """A Gemfile. `local` are gems in folders of the context, `ruby` the version that it asks for.

    `whole` is False where it reads other files or does more than name gems.
    """

    path: str
    unreadable: str = ""
    gems: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    ruby: str = ""
    local: tuple[str, ...] = ()
    git: tuple[str, ...] = ()
    whole: bool = True


@dataclass(frozen=True)
class GemfileLock:
    """A Gemfile.lock: names and versions, the platforms, and Bundler's own version."""

    path: str
    unreadable: str = ""
    gems: tuple[tuple[str, str], ...] = ()
    platforms: tuple[str, ...] = ()
    bundler: str = ""
    local: tuple[str, ...] = ()
    git: tuple[str, ...] = ()

    @property
    def native(self) -> tuple[str, ...]:
        """The gems that are known to compile something when they are installed."""
        return tuple(sorted({name for name, version in self.gems if name in NATIVE and "-" not in version}))


def read_gemfile(context: BuildContext, path: str = "Gemfile") -> Gemfile | None:
    """Read a Gemfile; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LIMIT)
    if text is None:
        return Gemfile(path, "is too large")
    text = _COMMENT.sub("", text)
    named = [(m.group(1), m.group(2)) for m in _GEM.finditer(text)]
    ruby = re.search(r"""^\s*ruby\s*\(?\s*["']([^"']+)["']""", text, re.MULTILINE)
    paths = re.findall(r"""(?:\bpath:\s*|:path\s*=>\s*|^\s*path\s+)["']([^"']+)["']""", text, re.MULTILINE)
    groups = re.findall(r"(?:^\s*group\b|\bgroups?:|:groups?\s*=>)([^\n]*)", text, re.MULTILINE)
    return Gemfile(
        path,
        "",
        tuple(dict.fromkeys(name for name, _ in named)),
        tuple(dict.fromkeys(word for group in groups for word in re.findall(r":(\w+)", group))),
        ruby.group(1) if ruby else "",
        tuple(paths),
        tuple(name for name, rest in named if re.search(r"\b(git|github|gitlab|bitbucket)\b:?\s*(=>)?\s*[\"']", rest)),
        not _READS.search(text),
    )


def read_gemfile_lock(context: BuildContext, path: str = "Gemfile.lock") -> GemfileLock | None:
    """Read a Gemfile.lock; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LOCK_LIMIT)
    if text is None or ("GEM" not in text and "DEPENDENCIES" not in text):
        return GemfileLock(path, "is too large" if text is None else "is no lockfile of Bundler")
    gems: list[tuple[str, str]] = []
    local: list[str] = []
    git: list[str] = []
    platforms: list[str] = []
    section = bundler = ""
    for line in text.splitlines():
        if line and not line.startswith(" "):
            section = line.strip()
        elif section in ("GEM", "PATH", "GIT") and (match := re.match(r" {4}([\w.-]+) \(([^)]+)\)", line)):
            gems.append((match.group(1), match.group(2)))
            {"PATH": local, "GIT": git}.get(section, []).append(match.group(1))
        elif section == "PLATFORMS" and line.strip():
            platforms.append(line.strip())
        elif section == "BUNDLED WITH" and line.strip():
            bundler = line.strip()
    return GemfileLock(path, "", tuple(gems), tuple(platforms), bundler, tuple(local), tuple(git))
