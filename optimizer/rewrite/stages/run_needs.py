"""What an interpreted application needs of its base when it runs: commands and libraries, and their packages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from optimizer.catalog.called_by import system_packages
from optimizer.catalog.missing import lost
from optimizer.catalog.packages import commands_of, is_available, is_build_only, runtime_libraries
from optimizer.catalog.tags import Tag
from optimizer.context.manifests.package_json import read_package_json
from optimizer.context.manifests.ruby import NATIVE
from optimizer.facts.addable import COMPILERS, PROVIDERS, READS_CERTIFICATES
from optimizer.facts.applications import read_applications
from optimizer.facts.document import Document
from optimizer.facts.needs import needs_of
from optimizer.facts.programs import called_in
from optimizer.facts.reader import Reader
from optimizer.facts.runs import Run
from optimizer.facts.stages import Stage
from optimizer.facts.uses import Dependency, Use
from optimizer.facts.wishes import TIMEZONE
from optimizer.rewrite.stages.packages import TOOLS, Sorted, sort_packages
from optimizer.rewrite.stages.split import Refused
from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell import exec_script

_BUILT = pattern(r"(?:\./)?(?P<path>[\w./-]+) was not read\Z")
_SOURCES = (".js", ".mjs", ".cjs", ".py")
_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_CHECK = pattern(r"healthcheck:[^\n]*\n((?:[^\n]*\n){1,8})")
_WORD = pattern(r"[a-z][\w-]+")
_CONFIGURATIONS = ("*.conf", "*/*.conf", "*.ini", "*/*.ini", "*/*/*.conf")
_PROGRAM = pattern(r"(?m)^command\s*=\s*(.+)$")
_STARTS = ("ENTRYPOINT", "CMD", "HEALTHCHECK")
CERTIFICATES = "ca-certificates"
# They are for the distribution's own Python, which the official images do not use.
_OTHER_PYTHON = frozenset(
    {"python-dev", "python2-dev", "python3-dev", "python3-pip", "python3-setuptools", "python3-venv"}
)


@dataclass(frozen=True)
class RunNeeds:
    """What runs: `uses` are the commands that it calls, `unread` says why there may be more.

    `lost` are commands, and `gone` packages, that the slim image lacks; `providers` maps a command to its package.
    """

    uses: tuple[Use, ...]
    unread: tuple[str, ...]
    lost: frozenset[str]
    gone: frozenset[str]
    providers: dict[str, str]
    dependencies: tuple[Dependency, ...]
    timezone: bool = False
    commands: frozenset[str] = field(default=frozenset())

    def calls(self, names: Iterable[str]) -> bool:
        """Tell whether the running image calls one of some commands."""
        return not self.commands.isdisjoint(names)

    def builds_only(self, package: str | None) -> bool:
        """Tell whether a package is for builds alone."""
        return package is None or is_build_only(package.partition("=")[0])


def run_needs(doc: Document, stage: Stage, source: Tag, target: Tag) -> RunNeeds | Refused:
    """Return what a stage's image needs when it runs, or why that is not known."""
    gone = lost(source, target)
    if gone is None:
        return Refused(f"what {target} lacks is not known", stage.head.start)
    start = Reader(doc)
    _read_start(doc, stage, start)
    unread = [*_built(doc, start), *read_applications(doc, start, frozenset({source.image}))]
    start.uses += _scripts(doc, start.uses)
    start.uses += _compose(doc, gone.commands)
    supervised = _supervised(doc, start.uses)
    start.uses += supervised or []
    if supervised is None:
        unread.append("the programs that supervisord starts are not known")
    needs = needs_of(doc, stage)
    commands = frozenset(use.command for use in start.uses) | {
        word for use in start.uses for word in use.words[1:3] if word and use.command.startswith("python")
    }
    compiler = next((u for u in start.uses if u.command in COMPILERS and u.command in gone.commands), None)
    if compiler is not None:
        return Refused(f"{compiler.caller} calls {compiler.command} when it runs", max(compiler.at, stage.head.start))
    return RunNeeds(
        tuple(start.uses),
        tuple(dict.fromkeys(unread)),
        gone.commands,
        gone.packages,
        dict(gone.providers),
        needs.dependencies,
        TIMEZONE in needs.wishes,
        commands,
    )


def _read_start(doc: Document, stage: Stage, start: Reader) -> None:
    """Read what the image starts; an ENTRYPOINT in exec form takes the CMD behind it."""
    last = {m.keyword: index for index, m in enumerate(stage.members) if m.keyword in _STARTS}
    runs = {k: Run(stage.members[n], stage, stage.states[n], n, doc.text) for k, n in last.items()}
    entry, command = runs.get("ENTRYPOINT"), runs.get("CMD")
    if entry is not None and entry.instruction.json and command is not None and command.instruction.json:
        start.script(entry, exec_script((*entry.instruction.json, *command.instruction.json)), "ENTRYPOINT")
        runs = {k: run for k, run in runs.items() if k == "HEALTHCHECK"}
    for keyword, run in runs.items():
        start.run(run, keyword)


def _built(doc: Document, start: Reader) -> list[str]:
    """Return what was not read, but for programs that the build makes: their sources are read instead."""
    left = []
    for reason in start.unread:
        found = _BUILT.match(reason)
        path = found["path"] if found and doc.context is not None and not doc.context.exists(found["path"]) else ""
        if path.endswith(_SOURCES) or any(u.command == "node" and path in u.words and path for u in start.uses):
            start.applications.append(("python" if path.endswith(".py") else "node", ""))
        else:
            left.append(reason)
    return left


def _supervised(doc: Document, uses: Iterable[Use]) -> list[Use] | None:
    """Return what the programs of supervisord's configuration call; None where that is not in the context."""
    if "supervisord" not in {use.command for use in uses}:
        return []
    context = doc.context
    paths = [p for shape in _CONFIGURATIONS for p in context.matches(shape)] if context is not None else []
    texts = [(path, (context.text(path) if context is not None else None) or "") for path in paths]
    found = [(path, line) for path, text in texts if "[program:" in text for line in _PROGRAM.findall(text)]
    return [Use(c.command, path, -1, c.words) for path, line in found for c in called_in(line)] if found else None


def _compose(doc: Document, lost_commands: frozenset[str]) -> list[Use]:
    """Return the commands that health checks of the context's compose files call, of whatever service."""
    found: list[Use] = []
    for name in _COMPOSE:
        text = doc.context.text(name) if doc.context is not None else None
        for block in _CHECK.findall(text or ""):
            words = dict.fromkeys(_WORD.findall(block))
            found += [Use(word, name, -1) for word in words if word in lost_commands or word in TOOLS]
    return found


def _scripts(doc: Document, uses: Iterable[Use]) -> list[Use]:
    """Return what the scripts of package.json call that npm and its like start."""
    manifest = read_package_json(doc.context) if doc.context is not None else None
    found: list[Use] = []
    waiting = list(uses)
    seen: set[str] = set()
    while waiting and manifest is not None:
        use = waiting.pop()
        name = next((w for w in use.words[1:] if w and not w.startswith("-") and w not in ("run", "run-script")), "")
        if use.command not in ("npm", "yarn", "pnpm") or name in seen:
            continue
        seen.add(name)
        for script in (f"pre{name}", name, f"post{name}"):
            more = [Use(c.command, "package.json", -1, c.words) for c in called_in(manifest.scripts.get(script, ""))]
            found += more
            waiting += more
    return found


def packages_at_run_time(needs: RunNeeds, installed: Iterable[str], release: str) -> Sorted | Refused:
    """Return the packages of the final stage: of those installed, for commands that are called, and libraries."""
    own = [name for name in dict.fromkeys(installed) if name not in _OTHER_PYTHON]
    found = sort_packages(own, release, lambda name: _is_called(needs, name, release))
    if found.refused:
        return Refused(found.refused)
    has = {command for name in found.packages for command in commands_of(name, release)}
    for use in needs.uses:
        if use.command in needs.lost and use.command not in has:
            package = PROVIDERS.get(use.command) or needs.providers.get(use.command, "")
            if not package or is_available(package, release) is False:
                return Refused(f"{use.caller} calls {use.command}, which is in the full image only", use.at)
            found.packages.append(package)
            found.notes.append(f"{package} is there for {use.command}, which {use.caller} calls")
            has |= set(commands_of(package, release))
    refused = _libraries(found, needs, release)
    if refused is not None:
        return refused
    reads = {use.command for use in needs.uses} & READS_CERTIFICATES or set(found.packages) & READS_CERTIFICATES
    if reads and CERTIFICATES in needs.gone:
        found.packages.append(CERTIFICATES)
    if needs.timezone and "tzdata" in needs.gone:
        found.packages.append("tzdata")
    found.packages = sorted(dict.fromkeys(found.packages))
    return found


def _is_called(needs: RunNeeds, package: str, release: str) -> bool:
    if needs.unread and package in TOOLS and not is_build_only(package):
        return True
    return needs.calls({package, *commands_of(package, release)})


def _libraries(found: Sorted, needs: RunNeeds, release: str) -> Refused | None:
    """Add the libraries of compiled packages, and those that packages load when they run."""
    present = set(found.packages)
    for dependency in needs.dependencies:
        libraries: list[str] = []
        if dependency.form in ("sdist", "compiles"):
            header_of_gem = NATIVE.get(dependency.name, "")
            for header in dependency.needs or ((header_of_gem,) if header_of_gem else ()):
                behind = runtime_libraries(header, release)
                if behind is None and header.endswith("-dev"):
                    return Refused(f"which library {dependency.name} uses when it runs is not known")
                libraries += [name for name in behind or () if name in needs.gone]
        for choice in system_packages(dependency.name):
            if not present.intersection(choice):
                libraries += [p for p in choice if p in needs.gone and is_available(p, release) is not False][:1]
        added = [name for name in libraries if name not in present]
        if added:
            found.notes.append(f"{dependency.name} uses {', '.join(added)}")
            found.packages += added
            present.update(added)
    return None
