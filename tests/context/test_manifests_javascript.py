"""package.json and the lockfiles of npm, yarn and pnpm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.context.files import BuildContext
from optimizer.context.manifests.node_locks import NodeLock, find_node_lock, read_node_lock
from optimizer.context.manifests.package_json import PackageJson, read_package_json

NPM3 = {
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "x", "dependencies": {"a": "^1"}, "devDependencies": {"b": "^2"}},
        "node_modules/a": {"version": "1.0.0", "hasInstallScript": True},
        "node_modules/a/node_modules/@s/c": {"version": "3.0.0", "resolved": "git+ssh://git@github.com/s/c.git#1"},
        "node_modules/b": {"version": "2.0.0", "dev": True},
        "node_modules/l": {"resolved": "packages/l", "link": True},
        "packages/l": {"version": "0.0.1"},
    },
}
NPM1 = {
    "lockfileVersion": 1,
    "dependencies": {
        "a": {"version": "1.0.0", "dependencies": {"c": {"version": "github:s/c#1"}}},
        "b": {"version": "2.0.0", "dev": True},
        "l": {"version": "file:packages/l"},
    },
}
YARN1 = """# yarn lockfile v1


"@s/c@^3.0.0", "@s/c@^3.1.0":
  version "3.1.0"
  resolved "https://registry.yarnpkg.com/@s/c/-/c-3.1.0.tgz#1"

a@^1, a@~1.0:
  version "1.0.0"
  resolved "git+https://github.com/x/a.git#1"
  dependencies:
    "@s/c" "^3.0.0"

l@file:./l:
  version "0.0.1"
"""
BERRY = """__metadata:
  version: 6

"@s/c@npm:^3.0.0":
  version: 3.1.0
  resolution: "@s/c@npm:3.1.0"

"x@workspace:.":
  version: 0.0.0-use.local
  resolution: "x@workspace:."
"""
PNPM9 = """lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: ^1, version: 1.0.0}
packages:
  a@1.0.0: {resolution: {integrity: x}}
  '@s/c@3.1.0': {resolution: {tarball: https://codeload.github.com/s/c/tar.gz/1}}
"""
PNPM5 = """lockfileVersion: 5.4
specifiers: {a: ^1}
dependencies: {a: 1.0.0}
packages:
  /a/1.0.0: {resolution: {integrity: x}, requiresBuild: true, dev: false}
  /@s/c/3.1.0_react@18: {resolution: {integrity: x}, dev: true}
"""


@pytest.fixture
def context(tmp_path: Path) -> BuildContext:
    return BuildContext(tmp_path)


def package(context: BuildContext, **fields: object) -> PackageJson:
    (context.root / "package.json").write_text(json.dumps(fields))
    found = read_package_json(BuildContext(context.root))
    assert found is not None
    return found


def lock(context: BuildContext, name: str, text: object) -> NodeLock:
    (context.root / name).write_text(text if isinstance(text, str) else json.dumps(text))
    found = find_node_lock(BuildContext(context.root))
    assert found is not None
    return found


def test_package_json(context: BuildContext) -> None:
    found = package(
        context,
        name="@me/x",
        type="module",
        main="server.js",
        bin="cli.js",
        scripts={"start": "node server.js", "postinstall": "patch-package", "prepare": ""},
        engines={"node": ">=20"},
        workspaces={"packages": ["packages/*"]},
        packageManager="pnpm@9.1.0",
        dependencies={"a": "^1", "l": "file:../l", "w": "workspace:*", "g": "me/g#main", "t": "latest"},
        devDependencies={"h": "git+https://example.org/h.git"},
        optionalDependencies={"o": 3, "p": "*"},
    )
    assert (found.name, found.main, found.module, found.manager) == ("@me/x", "server.js", True, "pnpm@9.1.0")
    assert found.bins == {"x": "cli.js"}
    assert found.engines == {"node": ">=20"}
    assert found.workspaces == ("packages/*",)
    assert found.install_scripts == ("postinstall",)
    assert found.local == ("l", "w")
    assert found.git == ("g", "h")
    assert found.wanted.keys() == {"a", "l", "w", "g", "t", "h", "p"}


def test_package_json_that_is_none(context: BuildContext) -> None:
    assert read_package_json(context) is None
    assert package(context, scripts=["x"], dependencies="x", workspaces=3, bin=[1]).wanted == {}
    for text in ("", "[]", "{", "\x00", '{"a": ' * 5000):
        (context.root / "package.json").write_text(text)
        found = read_package_json(BuildContext(context.root))
        assert found is not None and found.unreadable and not found.wanted


def test_npm_3(context: BuildContext) -> None:
    found = lock(context, "package-lock.json", NPM3)
    assert (found.manager, found.version) == ("npm", "3")
    assert found.asked == {"a@^1", "b@^2"}
    assert found.names == {"a", "@s/c", "b", "l", "packages/l"}
    assert [p.name for p in found.packages if p.scripts] == ["a"]
    assert [p.name for p in found.packages if p.development] == ["b"]
    assert [p.name for p in found.packages if p.git] == ["@s/c"]
    assert [p.name for p in found.packages if p.local] == ["l", "packages/l"]


def test_npm_1(context: BuildContext) -> None:
    found = lock(context, "npm-shrinkwrap.json", NPM1)
    assert (found.version, found.asked) == ("1", None)
    assert found.names == {"a", "b", "c", "l"}
    assert {p.scripts for p in found.packages} == {None}
    assert [p.name for p in found.packages if p.git] == ["c"]
    assert [p.name for p in found.packages if p.local] == ["l"]


def test_yarn_classic(context: BuildContext) -> None:
    found = lock(context, "yarn.lock", YARN1)
    assert (found.manager, found.version) == ("yarn", "1")
    assert found.asked == {"@s/c@^3.0.0", "@s/c@^3.1.0", "a@^1", "a@~1.0", "l@file:./l"}
    assert [(p.name, p.version, p.git) for p in found.packages] == [
        ("@s/c", "3.1.0", False),
        ("a", "1.0.0", True),
        ("l", "0.0.1", False),
    ]


def test_yarn_berry(context: BuildContext) -> None:
    found = lock(context, "yarn.lock", BERRY)
    assert (found.manager, found.version) == ("berry", "6")
    assert [(p.name, p.version, p.local) for p in found.packages] == [
        ("@s/c", "3.1.0", False),
        ("x", "0.0.0-use.local", True),
    ]


def test_pnpm(context: BuildContext) -> None:
    found = lock(context, "pnpm-lock.yaml", PNPM9)
    assert (found.version, found.asked) == ("9.0", {"a@^1"})
    assert [(p.name, p.version, p.git, p.scripts) for p in found.packages] == [
        ("a", "1.0.0", False, None),
        ("@s/c", "3.1.0", True, None),
    ]
    found = lock(context, "pnpm-lock.yaml", PNPM5)
    assert found.asked == {"a@^1"}
    assert [(p.name, p.version, p.scripts, p.development) for p in found.packages] == [
        ("a", "1.0.0", True, False),
        ("@s/c", "3.1.0", False, True),
    ]


@pytest.mark.parametrize("name", ["package-lock.json", "yarn.lock", "pnpm-lock.yaml"])
@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", "a: [", "\x00", "__metadata:\n  - x\n", '{"packages": {"": 1, "x": 2}}']
)
def test_odd_lockfiles(context: BuildContext, name: str, text: str) -> None:
    (context.root / name).write_text(text)
    found = read_node_lock(context, name)
    assert found is not None and found.packages == ()


def test_a_file_that_is_too_large_says_so(context: BuildContext) -> None:
    with (context.root / "package.json").open("wb") as file:
        file.truncate(3_000_000)
    found = read_package_json(context)
    assert found is not None and found.unreadable == "is too large"
