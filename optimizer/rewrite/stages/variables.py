"""Variables of the environment that only builds read, and arguments that a final stage needs."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.facts.document import Document
from optimizer.facts.environment import pairs_of
from optimizer.syntax import Instruction
from optimizer.syntax.patterns import pattern

# Sources: `go help environment`, the Cargo book ("Environment Variables"), GNU make and GCC manuals, debconf(7),
# the manuals of Maven, Gradle, pip and npm.
BUILD_ONLY = pattern(
    r"(GO(111MODULE|AMD64|ARM64|386|MIPS\w*|PPC64|RISCV64|WASM|EXPERIMENT|VCS|INSECURE|PROXY|PRIVATE|SUMDB|NOSUMDB|NOPROXY|FLAGS|OS|ARCH|ARM|PATH|ROOT|BIN|CACHE|MODCACHE|TOOLCHAIN)|"
    r"CGO_\w+|CARGO_\w+|RUSTFLAGS|RUSTUP_\w+|RUSTC_WRAPPER|RUST_TOOLCHAIN|CC|CXX|CFLAGS|CXXFLAGS|CPPFLAGS|LDFLAGS|"
    r"MAKEFLAGS|CMAKE_\w+|PKG_CONFIG_PATH|DEBIAN_FRONTEND|MAVEN_OPTS|MAVEN_CONFIG|MAVEN_HOME|M2_HOME|GRADLE_\w+|ANT_HOME|"
    r"PIP_\w+|npm_config_\w+|NPM_CONFIG_\w+)\Z"
)
_USED = pattern(r"\$\{?(\w+)")


def is_build_only(name: str) -> bool:
    """Tell whether only compilers and build tools read a variable of this name."""
    return BUILD_ONLY.match(name) is not None


def used_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the names of the variables that texts expand."""
    return frozenset(name for text in texts for name in _USED.findall(text))


def names_of(doc: Document, instruction: Instruction) -> tuple[str, ...]:
    """Return the names that an ENV or ARG sets."""
    return tuple(pair.name for pair in pairs_of(instruction, doc.escape))
