"""package.json: the manifest of a JavaScript project.

Source of the fields: docs.npmjs.com, "package.json" and "scripts".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import LIMIT, Table, is_there, load_json, pairs_of, table, text_of, texts_of
from optimizer.syntax.patterns import pattern

# What npm, yarn and pnpm run of the project itself when they install its dependencies.
INSTALL_SCRIPTS = (
    *("preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"),
    "pnpm:devPreinstall",
)
_LOCAL = pattern(r"(file|link|portal|workspace|patch):|\.{1,2}/|/|~/")
_GIT = pattern(r"(git[+:@]|(github|gitlab|bitbucket|gist):|(https?|ssh)://[^#]*\.git(#|\Z)|[\w.-]+/[\w.-]+(#|\Z))")


@dataclass(frozen=True)
class PackageJson:
    """A package.json.

    `dependencies` are those to run with, `optional` and `peer` beside them, `development` the
    devDependencies; each maps a name to what is asked for. `manager` is the `packageManager` field.
    """

    path: str
    unreadable: str = ""
    name: str = ""
    scripts: Mapping[str, str] = field(default_factory=dict)
    main: str = ""
    module: bool = False
    bins: Mapping[str, str] = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)
    manager: str = ""
    workspaces: tuple[str, ...] = ()
    dependencies: Mapping[str, str] = field(default_factory=dict)
    development: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, str] = field(default_factory=dict)
    peer: Mapping[str, str] = field(default_factory=dict)
    patched: bool = False

    @property
    def wanted(self) -> dict[str, str]:
        """All that an install in the project's folder fetches, development dependencies included."""
        return {**self.dependencies, **self.development, **self.optional}

    @property
    def install_scripts(self) -> tuple[str, ...]:
        """The names of the project's own scripts that an install runs."""
        return tuple(name for name in INSTALL_SCRIPTS if self.scripts.get(name))

    @property
    def local(self) -> tuple[str, ...]:
        """The dependencies that are files or folders beside the project."""
        return tuple(name for name, asked in self.wanted.items() if _LOCAL.match(asked))

    @property
    def git(self) -> tuple[str, ...]:
        """The dependencies that are fetched from a git repository."""
        return tuple(name for name, asked in self.wanted.items() if _GIT.match(asked) and not _LOCAL.match(asked))


def read_package_json(context: BuildContext, path: str = "package.json") -> PackageJson | None:
    """Read a package.json; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LIMIT)
    data, problem = load_json(text) if text is not None else ({}, "is too large")
    if problem:
        return PackageJson(path, problem)
    return PackageJson(
        path,
        name=text_of(data.get("name")),
        scripts=pairs_of(data.get("scripts")),
        main=text_of(data.get("main")),
        module=data.get("type") == "module",
        bins=_bins(data),
        engines=pairs_of(data.get("engines")),
        manager=text_of(data.get("packageManager")),
        workspaces=_workspaces(data.get("workspaces")),
        dependencies=pairs_of(data.get("dependencies")),
        development=pairs_of(data.get("devDependencies")),
        optional=pairs_of(data.get("optionalDependencies")),
        peer=pairs_of(data.get("peerDependencies")),
        patched=bool(table(data, "pnpm", "patchedDependencies")),
    )


def _bins(data: Table) -> dict[str, str]:
    found = data.get("bin")
    name = text_of(data.get("name")).rpartition("/")[2]
    return {name: found} if isinstance(found, str) and name else pairs_of(found)


def _workspaces(value: object) -> tuple[str, ...]:
    return texts_of(value.get("packages")) if isinstance(value, dict) else texts_of(value)
