"""Rust: one program, linked against libc and what its -sys crates bind; Cargo and its target folder stay behind."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from optimizer.context.manifests.cargo import CargoLock, read_cargo_lock, read_cargo_toml
from optimizer.facts.document import Document
from optimizer.facts.downloads import Walk
from optimizer.facts.runs import Call, Run
from optimizer.facts.stages import Stage
from optimizer.rewrite.stages.assemble import assemble
from optimizer.rewrite.stages.cut import cut_of
from optimizer.rewrite.stages.placed import Placed, placed_files
from optimizer.rewrite.stages.program import Program, homes_of
from optimizer.rewrite.stages.roles import Policy
from optimizer.rewrite.stages.runtime import grounded, known_base, small_base
from optimizer.rewrite.stages.sources import Language, read_sources
from optimizer.rewrite.stages.split import Copied, Refused, Verdict
from optimizer.rewrite.stages.start import start_of

LANGUAGE = Language(
    source=re.compile(r"\.rs\Z"),
    strings=re.compile(r'"((?:[^"\\]|\\.)*)"'),
    starts=re.compile(r'\bCommand::new\(\s*"([^"]+)"'),
    starts_any=re.compile(r"\bCommand::new\("),
    opens_any=re.compile(
        r"\b(?:File::open|OpenOptions::new|read_to_string|fs::read\w*|read_dir|ServeDir::new|ServeFile::new|"
        r"NamedFile::open|Files::new|canonicalize)\((?!\s*\"[^\"]*\"\s*[,)])"
    ),
    asks=re.compile(r'\benv::var(?:_os)?\(\s*"(\w+)"'),
    skipped=re.compile(r"(?m)//.*$|\binclude_(?:str|bytes|dir)!\s*\([^)]*\)"),
    unshipped=re.compile(r"(\A|/)(tests|benches|examples|target)/"),
)
NOT_DATA = re.compile(
    r"\.rs\Z|(\A|/)(Cargo\.(toml|lock)|rust-toolchain(\.toml)?|rustfmt\.toml|clippy\.toml|deny\.toml)\Z|"
    r"(\A|/)(\.cargo|target|benches|src/bin)/|\.(c|h|cc|cpp|proto)\Z"
)
# Crates that bind a library of the system, by the -dev package that they are built with; "" where they bring or
# need none. Sources: the crates' READMEs and build scripts.
_BINDINGS = {
    "openssl-sys": "libssl-dev",
    "pq-sys": "libpq-dev",
    "mysqlclient-sys": "default-libmysqlclient-dev",
    "libsqlite3-sys": "libsqlite3-dev",
    "curl-sys": "libcurl4-openssl-dev",
    "libz-sys": "zlib1g-dev",
    "bzip2-sys": "libbz2-dev",
    "lzma-sys": "liblzma-dev",
    "zstd-sys": "",
    "lz4-sys": "",
    "libgit2-sys": "",
    "libssh2-sys": "libssl-dev",
    "libnghttp2-sys": "",
    "tikv-jemalloc-sys": "",
    "jemalloc-sys": "",
    "libmimalloc-sys": "",
    "aws-lc-sys": "",
    "aws-lc-fips-sys": "",
    "rdkafka-sys": "",
    "librocksdb-sys": "",
    "onig_sys": "",
    "secp256k1-sys": "",
    "linux-raw-sys": "",
    "inotify-sys": "",
    "js-sys": "",
    "web-sys": "",
    "windows-sys": "",
    "core-foundation-sys": "",
    "security-framework-sys": "",
    "fsevent-sys": "",
    "system-configuration-sys": "",
    "kqueue-sys": "",
    "mach-sys": "",
    "libyaml-sys": "",
    "blake2b-sys": "",
    "ring-sys": "",
    "wasi-sys": "",
    "ndk-sys": "",
    "jni-sys": "",
    "objc-sys": "",
    "io-kit-sys": "",
    "libloading-sys": "",
    "sodiumoxide-sys": "",
    "libsodium-sys": "libsodium-dev",
    "libxml2-sys": "libxml2-dev",
    "alsa-sys": "libasound2-dev",
    "libudev-sys": "libudev-dev",
    "dbus-sys": "libdbus-1-dev",
    "libpulse-sys": "libpulse-dev",
    "libdbus-sys": "libdbus-1-dev",
}
_VERBS = {
    "build": "cargo build compiles",
    "b": "cargo build compiles",
    "install": "cargo install compiles",
    "fetch": "cargo fetches crates",
    "test": "the tests are a gate of the build",
    "t": "the tests are a gate of the build",
    "check": "it is a gate of the build",
    "clippy": "it is a gate of the build",
    "fmt": "it is a gate of the build",
    "update": "cargo fetches crates",
    "vendor": "cargo fetches crates",
    "clean": "it empties the target folder",
    "chef": "cargo chef compiles dependencies",
    "init": "it makes an empty crate",
    "new": "it makes an empty crate",
    "version": "it only prints",
    "--version": "it only prints",
    "add": "it edits the manifest",
}
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_TLS = re.compile(
    r"(openssl|native-tls|rustls-native-certs|rustls-platform-verifier|reqwest|hyper-tls|tokio-native-tls|ureq|curl)\Z"
)
_VALUED = frozenset(
    "--target --target-dir --bin --package -p --profile --features -F --manifest-path -j --jobs --path --root".split()
)


def split_of(doc: Document, stage: Stage) -> Verdict:
    """Split a stage that stands on the rust image."""
    base = known_base(doc, stage)
    if base is None or base.tag.image != "rust":
        return None
    runtime = small_base(base.tag)
    if isinstance(runtime, str):
        return Refused(runtime, stage.head.start)
    plain = stage
    doc, stage = grounded(doc, stage, base.tag)
    cut = cut_of(doc, stage, plain)
    placed = placed_files(doc, stage, cut)
    sources = read_sources(doc, placed, LANGUAGE)
    lock = _lock(doc, placed)
    products = tuple(dict.fromkeys(products_of(doc, stage, cut, placed)))
    hidden = _hidden(doc, stage, products)
    start = start_of(doc, stage, placed)
    bindings, doubts = _bindings(lock)
    alone = lock is not None and len(lock.packages) <= 1
    tls = lock is None or any(_TLS.match(name) for name in lock.names)
    program = Program(
        base=base,
        runtime=runtime,
        cut=cut,
        placed=placed,
        start=start,
        policy=Policy(
            builds=builds,
            homes=homes_of(stage, cut, placed, ("/usr/local/cargo", "/usr/local/rustup")),
            scratch=("/usr/local/cargo", "/usr/local/rustup", "/root/.cargo", *hidden),
            placed=frozenset(placed.files),
            variables=sources.asks if sources is not None else frozenset(),
        ),
        products=tuple(p for p in products if not any(p.startswith(f"{h}/") for h in hidden)),
        is_source=lambda path: NOT_DATA.search(path) is not None,
        sources=sources,
        toolchain="the Rust toolchain and the target folder",
        other_files=sources is None or sources.opens_any or not alone,
        folders=("/usr/local/cargo/bin",),
        extra=(Copied((_CERTIFICATES,), "/etc/ssl/certs/"),) if tls and runtime.distro.family == "debian" else (),
        linked=bindings if runtime.distro.manager == "apt" else (),
        evidence=("the certificates are kept for TLS",) if tls and runtime.distro.family == "debian" else (),
        doubts=doubts,
        guessed=frozenset(products),
        unseen=hidden,
    )
    return assemble(doc, stage, program)


def builds(call: Call) -> str:
    """Return what a call of Cargo and its like is for, "" where it is no such call."""
    if call.program == "cargo":
        verb = next((w.value for w in call.words[1:] if not w.raw.startswith(("-", "+"))), None)
        return _VERBS.get(verb or "", "")
    if call.program in ("rustup", "rustc"):
        return "it sets up the toolchain" if call.program == "rustup" else "rustc compiles"
    return ""


def _lock(doc: Document, placed: Placed) -> CargoLock | None:
    """Return the Cargo.lock that the build finds; where there is none, the manifest if it asks for nothing."""
    if doc.context is None:
        return None
    for path, origin in placed.files.items():
        if posixpath.basename(path) == "Cargo.lock":
            found = read_cargo_lock(doc.context, origin)
            return found if found is not None and not found.unreadable else None
    manifests = [
        read_cargo_toml(doc.context, o) for o in placed.files.values() if posixpath.basename(o) == "Cargo.toml"
    ]
    if manifests and all(m is not None and not m.unreadable and not m.dependencies for m in manifests):
        return CargoLock("Cargo.toml")
    return None


def _bindings(lock: CargoLock | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the -dev packages whose libraries a program may be linked with, and what is not known of its crates."""
    if lock is None:
        return (), ("there is no Cargo.lock, so that it is not known which libraries of the system it is linked with",)
    found = tuple(_BINDINGS[name] for name in lock.sys if _BINDINGS.get(name))
    unknown = [name for name in lock.sys if name not in _BINDINGS and "windows" not in name and "apple" not in name]
    return found, tuple(f"which library {name} binds is not known" for name in unknown)


def _hidden(doc: Document, stage: Stage, products: tuple[str, ...]) -> tuple[str, ...]:
    """Return the folders of cache mounts: what is built there is in no layer."""
    found = []
    for run in doc.runs_of(stage):
        for mount in run.mounts:
            target = mount.get("target", "")
            if mount.get("type") in ("cache", "tmpfs", "bind") and target:
                found.append(posixpath.normpath(posixpath.join(run.state.workdir or "/", target)))
    return tuple(dict.fromkeys(f for f in found if any(p.startswith(f"{f}/") for p in products)))


def products_of(doc: Document, stage: Stage, cut: int, placed: Placed) -> Iterator[str]:
    """Yield the absolute paths of the programs that the calls of cargo and rustc make."""
    for run in doc.runs_of(stage):
        if run.index >= cut:
            continue
        walk = Walk(run)
        for index, call in walk.calls.items():
            folder = walk.folders[index] or run.state.workdir or "/"
            if call.program == "rustc":
                yield from _by_rustc(call, folder)
            elif call.program == "cargo":
                yield from _by_cargo(doc, run, call, folder, placed)


def _by_rustc(call: Call, folder: str) -> Iterator[str]:
    named = call.shell.value_of("-o")
    files = [w.value for w in call.words[1:] if w.value and w.value.endswith(".rs")]
    for name in named or [posixpath.basename(f).removesuffix(".rs") for f in files]:
        yield posixpath.normpath(posixpath.join(folder, name))


def _by_cargo(doc: Document, run: Run, call: Call, folder: str, placed: Placed) -> Iterator[str]:
    verbs = [w.value for w in call.words[1:] if not w.raw.startswith(("-", "+"))]
    verb = verbs[0] if verbs else ""
    names = call.shell.value_of("--bin") or _bins(doc, folder, placed)
    if verb == "install":
        root = (call.shell.value_of("--root") or [run.state.env.get("CARGO_HOME") or "/usr/local/cargo"])[0]
        operands = [v for v in verbs[1:] if v and v not in call.shell.value_of(*_VALUED)]
        for name in [*names, *operands] if call.shell.value_of("--path") else operands:
            yield posixpath.normpath(posixpath.join(folder, root, "bin", name))
    elif verb in ("build", "b", "rustc"):
        target = (call.shell.value_of("--target-dir") or [run.state.env.get("CARGO_TARGET_DIR") or "target"])[0]
        profile = (call.shell.value_of("--profile") or ["release" if call.has("--release", "-r") else "debug"])[0]
        triple = (call.shell.value_of("--target") or [run.state.env.get("CARGO_BUILD_TARGET") or ""])[0]
        for name in names:
            yield posixpath.normpath(posixpath.join(folder, target, triple, profile, name))


def _bins(doc: Document, folder: str, placed: Placed) -> list[str]:
    """Return the programs of a crate, or of the members of a workspace."""
    if doc.context is None:
        return []
    names: list[str] = []
    for path, origin in placed.files.items():
        if posixpath.basename(path) == "Cargo.toml" and path.startswith(f"{folder.rstrip('/')}/"):
            manifest = read_cargo_toml(doc.context, origin)
            if manifest is not None and not manifest.unreadable:
                names += manifest.bins
    return list(dict.fromkeys(names))
