"""Where the build scripts of a package.json put what they make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from optimizer.context.files import BuildContext
from optimizer.context.manifests.package_json import read_package_json
from optimizer.rewrite.stages.node_builds import Outputs, outputs_of


def made_by(folder: Path, script: str, files: dict[str, str], **scripts: str) -> Outputs | str:
    for name, text in files.items():
        (folder / name).write_text(text)
    (folder / "package.json").write_text(json.dumps({"scripts": {"build": script, **scripts}}))
    context = BuildContext(folder)
    manifest = read_package_json(context)
    assert manifest is not None
    return outputs_of(context, manifest, "build")


@pytest.mark.parametrize(
    ("script", "files", "paths"),
    [
        ("tsc", {"tsconfig.json": '{\n  // where to\n  "compilerOptions": {"outDir": "./lib"}\n}'}, ("lib",)),
        ("tsc -p .", {"tsconfig.json": '{"extends": "./base.json"}', "base.json": '{"outDir": "out"}'}, ("out",)),
        ("rimraf dist && tsc --outDir dist && cp -r src/views dist", {}, ("dist",)),
        ("nest build", {"tsconfig.json": "{}"}, ("dist",)),
        ("vite build", {}, ("dist",)),
        ("vite build", {"vite.config.js": "export default { build: { outDir: 'public' } }"}, ("public",)),
        ("react-scripts build", {}, ("build",)),
        ("NODE_ENV=production webpack", {"webpack.config.js": "path: path.resolve(__dirname, 'out'),"}, ("out",)),
        ("cross-env A=b npx esbuild a.ts --bundle --outfile=dist/a.js", {}, ("dist/a.js",)),
        ("babel src -d lib", {}, ("lib",)),
        ("next build", {}, (".next",)),
        ("npm run compile && npm run copy", {}, ("lib", "static")),
    ],
)
def test_known_outputs(tmp_path: Path, script: str, files: dict[str, str], paths: tuple[str, ...]) -> None:
    found = made_by(tmp_path, script, files, compile="swc src -d lib", copy="cp a static")
    assert isinstance(found, Outputs) and found.paths == paths


@pytest.mark.parametrize(
    ("script", "files", "reason"),
    [
        ("gulp", {}, "what gulp makes is not known"),
        ("node build.js", {}, "what node makes is not known"),
        ("tsc", {"tsconfig.json": "{}"}, "tsc writes beside its sources"),
        ("tsc", {}, "tsconfig.json was not read"),
        ("tsc --outDir ../out", {}, "lies outside"),
        ("tsc --outDir .", {}, "lies outside"),
        ("vite build", {"vite.config.ts": "outDir: where()"}, "where vite.config.ts puts the build is not known"),
        ("run-p build:*", {}, "what run-p runs is not known"),
        ("npm run build", {}, "has no script"),
    ],
)
def test_outputs_that_are_not_known(tmp_path: Path, script: str, files: dict[str, str], reason: str) -> None:
    found = made_by(tmp_path, script, files)
    assert isinstance(found, str) and reason in found


def test_a_bundle_holds_what_its_sources_import(tmp_path: Path) -> None:
    bundled = made_by(tmp_path, "esbuild a.js --bundle --outfile=b.js", {})
    outside = made_by(tmp_path, "esbuild a.js --bundle --external:koa --outfile=b.js", {})
    assert isinstance(bundled, Outputs) and isinstance(outside, Outputs)
    assert (bundled.bundled, outside.bundled) == (True, False)
