"""A Node application without its development dependencies: the final stage installs its packages without them."""

from __future__ import annotations

import posixpath

from optimizer.catalog.wheels import node_native
from optimizer.context.manifests.node_locks import NodeLock, read_node_lock
from optimizer.context.manifests.package_json import PackageJson
from optimizer.context.sources.node import node_sources
from optimizer.facts.copied import found_in_workdir
from optimizer.rewrite.stages.node_builds import Outputs, outputs_of
from optimizer.rewrite.stages.node_products import script_of
from optimizer.rewrite.stages.node_start import Started
from optimizer.rewrite.stages.onto_slim import Plan
from optimizer.rewrite.stages.paths import covers
from optimizer.rewrite.stages.products import Place
from optimizer.rewrite.stages.split import Copied, Split
from optimizer.rewrite.stages.writer import text_of
from optimizer.syntax.patterns import pattern

_OMIT = {"npm": "--omit=dev", "yarn": "--production"}
_LOCKS = {"npm": ("npm-shrinkwrap.json", "package-lock.json"), "yarn": ("yarn.lock",)}
_MAJOR = pattern(r"\d+")
# They make code, or look for packages, in ways that no import shows.
_HIDDEN = frozenset({"prisma", "@prisma/client", "typeorm", "module-alias", "husky", "patch-package", "nuxt", "meteor"})
_BUILTIN = frozenset(
    "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain "
    "events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl "
    "stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib test "
    "sqlite sea".split()
)


def production(plan: Plan, start: Started, manifest: PackageJson | None) -> Split | str:
    """Return the split that leaves development dependencies out, or why it can't be shown that nobody needs them."""
    if manifest is None or manifest.unreadable:
        return "package.json was not read"
    installs = [place for place, _ in plan.made if place.call.installs and not place.call.has("-g", "--global")]
    scripts = [script for place, _ in plan.made if (script := script_of(place))]
    if len(installs) != 1:
        return "there is more than one install"
    lock = _lock(installs[0])
    reason = (
        _manifest_doubt(manifest)
        or _install_doubt(plan, installs[0])
        or ("there is no lockfile that npm or yarn takes" if lock is None else _lock_doubt(lock))
        or _other_work(plan, installs[0], scripts)
    )
    if reason:
        return reason
    outputs = _outputs(plan, manifest, scripts)
    if isinstance(outputs, str):
        return outputs
    reason = _start_doubt(plan, start, manifest, outputs) or _import_doubt(plan, manifest, outputs)
    if reason:
        return reason
    return _written(plan, installs[0], outputs, manifest)


def _lock(install: Place) -> NodeLock | None:
    name = install.call.manager.name if install.call.manager else ""
    for file in _LOCKS.get(name, ()):
        place = found_in_workdir(install.doc, install.run, file)
        found = read_node_lock(install.doc.context, place) if place and install.doc.context is not None else None
        if found is not None and not found.unreadable and found.manager in ("npm", "yarn"):
            return found
    return None


def _manifest_doubt(manifest: PackageJson) -> str:
    if not manifest.development:
        return "there are none"
    if manifest.install_scripts:
        return f"the script {manifest.install_scripts[0]} runs with each install"
    if manifest.workspaces or manifest.local or manifest.git or manifest.patched:
        return "packages come from the project itself or from version control"
    hidden = sorted(_HIDDEN & set(manifest.wanted))
    return f"{hidden[0]} needs more than imports show" if hidden else ""


def _install_doubt(plan: Plan, install: Place) -> str:
    call = install.call
    if call.operands or call.command.where or call.command.assignments or call.command.redirects:
        return "the install is not a plain one"
    if call.has("--production", "--prod", "--omit", "--only", "--omit=dev", "--only=production", "--include"):
        return "the install says itself which dependencies it takes"
    if install.state.env.get("NODE_ENV") == "production":
        return "NODE_ENV is production when packages are installed, so they are not there"
    if install.run.mounts or any(i.keyword == "ARG" for i in plan.stage.members[: install.run.index]):
        return "the install may read a mount or an argument"
    if any(p.call.action in ("config", "set") and p.call.program in _OMIT for p, _ in plan.made):
        return "the package manager is set up first"
    if install.user or plan.homes.regiven or any(owner != {""} for owner in plan.homes.owners.values()):
        return "the files have another owner than root"
    return ""


def _lock_doubt(lock: NodeLock) -> str:
    for package in lock.packages:
        form = node_native(package.name)
        if form == "compiles" or (package.scripts and not package.development and not form):
            return f"{package.name} runs a script when it is installed"
        if package.git or package.local:
            return f"{package.name} is no package of the registry"
    return ""


def _other_work(plan: Plan, install: Place, scripts: list[str]) -> str:
    """Return what else is done in the project's folder, "" for nothing: it is made anew from the context."""
    for place, product in plan.made:
        known = place is install or script_of(place) or product.late or not product.trees
        if not known:
            return f"{place.call.program} works in the project's folder too"
    if not scripts:
        return "nothing is built, so that it is not known what they are for"
    if plan.account.inside or plan.account.outside or plan.homes.foreign:
        return plan.account.inside or "more is written than the build"
    if plan.placed.unknown:
        return plan.placed.unknown
    return ""


def _outputs(plan: Plan, manifest: PackageJson, scripts: list[str]) -> Outputs | str:
    assert plan.doc.context is not None
    paths: list[str] = []
    bundled = True
    for script in scripts:
        found = outputs_of(plan.doc.context, manifest, script)
        if isinstance(found, str):
            return found
        paths += found.paths
        bundled = bundled and found.bundled
    return Outputs(tuple(dict.fromkeys(paths)), bundled)


def _start_doubt(plan: Plan, start: Started, manifest: PackageJson, outputs: Outputs) -> str:
    if start.unknown:
        return start.unknown
    if "pnpm" in start.managers:
        return "pnpm starts it"
    if start.program != "node":
        if start.program == "next" and plan.doc.context is not None and plan.doc.context.exists("next.config.ts"):
            return "next reads next.config.ts with typescript"
        known = start.program in manifest.dependencies and start.program not in manifest.development
        return "" if known else f"{start.program} is not shown to be a dependency to run with"
    words = [w for w in start.words if not w.startswith("-")]
    if any(w in ("-r", "--require", "--import", "--loader", "--experimental-loader") for w in start.words) or not words:
        return "node is told to load more"
    home = _home(plan)
    path = posixpath.normpath(posixpath.join(plan.stage.last.workdir or "/", words[0]))
    inside = posixpath.relpath(path, home) if covers(home, path) else ""
    if not any(covers(out, inside) or out == inside for out in outputs.paths):
        return f"{words[0]} is not what the build makes" if inside else f"{words[0]} lies elsewhere"
    return ""


def _import_doubt(plan: Plan, manifest: PackageJson, outputs: Outputs) -> str:
    """Return the first import of the sources that only a development dependency can answer."""
    if outputs.bundled:
        return ""
    assert plan.doc.context is not None
    sources = node_sources(plan.doc.context)
    if not sources.whole:
        return "the sources are too many to be read"
    own = {*manifest.dependencies, *manifest.optional}
    for found in sources.packages:
        name = found.name
        if name.startswith("node:") or name.partition("/")[0] in _BUILTIN or name in own or name == manifest.name:
            continue
        if name in manifest.development and not _is_of_the_build(found.path):
            return f"{found.place} imports {name}"
    return ""


def _is_of_the_build(path: str) -> bool:
    """Whether a source is the configuration of a tool, which only builds read."""
    name = posixpath.basename(path)
    return ".config." in name or name.startswith(
        (".", "gulpfile", "Gruntfile", "webpack.", "vite.", "rollup.", "jest.")
    )


def _home(plan: Plan) -> str:
    return plan.needed[0] if len(plan.needed) == 1 else ""


def _written(plan: Plan, install: Place, outputs: Outputs, manifest: PackageJson) -> Split | str:
    home = _home(plan)
    if not home or install.folder != home or plan.trees:
        return "the project is spread over several folders"
    name = install.call.manager.name if install.call.manager else ""
    again = _install_line(plan, install, name)
    copies = [(n, i) for n, i in enumerate(plan.stage.members[: plan.cut]) if i.keyword in ("COPY", "ADD")]
    before = [text_of(plan.doc, i) for n, i in copies if n < install.run.index]
    after = [text_of(plan.doc, i) for n, i in copies if n > install.run.index]
    lines = [*before, again, *after]
    plan.repeated = [*lines, *plan.repeated]
    nobody = f"no source imports the {len(manifest.development)} development dependencies"
    plan.evidence.insert(0, f"it runs what the build puts to {', '.join(outputs.paths)}; {nobody}")
    paths = [posixpath.join(home, path) for path in outputs.paths]
    return plan.split(
        tuple(Copied((path,), path) for path in paths),
        "development dependencies, compilers and headers",
        why="the final stage installs what it needs to run, and takes the build from the first",
    )


def _install_line(plan: Plan, install: Place, name: str) -> str:
    command = install.call.command
    text = install.run.script.text[command.start : command.end]
    release = _MAJOR.match(plan.base.tag.name)
    old = name == "npm" and release is not None and int(release.group()) < 16
    if name == "yarn" and text.strip() in ("yarn", "yarnpkg"):
        text = f"{text} install"
    return f"RUN {text} {'--production' if old else _OMIT[name]}"
