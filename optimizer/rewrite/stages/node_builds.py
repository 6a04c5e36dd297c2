"""Where the build scripts of a package.json put what they make.

Sources: typescriptlang.org/tsconfig (outDir), vite.dev/config (build.outDir), docs.nestjs.com/cli, nextjs.org
(distDir), create-react-app.dev, cli.vuejs.org, angular.dev, esbuild.github.io, babeljs.io/docs/babel-cli, swc.rs,
tsup.egoist.dev, github.com/vercel/ncc, webpack.js.org/configuration/output.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.context.files import BuildContext
from optimizer.context.manifests.package_json import PackageJson
from optimizer.facts.calls import ShellCall, calls_of
from optimizer.syntax.shell import read_script

_NOTHING = frozenset(
    "echo true rimraf rm del-cli del tsc-alias tspath mkdir mkdirp shx eslint prettier jest mocha vitest "
    "sort-package-json npm-check husky cd cross-env-shell".split()
)
_WRAPPERS = frozenset({"npx", "cross-env", "dotenv", "env-cmd"})
_RUNNERS = frozenset({"npm", "yarn", "pnpm", "run-s", "run-p", "npm-run-all"})
_CONFIGS = ("js", "ts", "mjs", "mts", "cjs")


class _Unknown(Exception):
    """It is not known where something is put."""


@dataclass(frozen=True)
class Outputs:
    """The folders and files that a build makes, from the project's folder.

    `bundled` tells that what it makes holds the packages that its sources import.
    """

    paths: tuple[str, ...]
    bundled: bool


def outputs_of(context: BuildContext, manifest: PackageJson, script: str) -> Outputs | str:
    """Return what a script of a package.json makes, or why that is not known."""
    folder = posixpath.dirname(manifest.path)
    try:
        found = list(_script(context, folder, manifest, script, 0))
    except _Unknown as reason:
        return str(reason)
    paths = tuple(dict.fromkeys(posixpath.normpath(path) for path, _ in found))
    if not paths or any(path.startswith(("..", "/")) or path == "." for path in paths):
        return f"what the script {script} makes lies outside of a folder of its own"
    return Outputs(paths, all(bundled for _, bundled in found))


def _script(
    context: BuildContext, folder: str, manifest: PackageJson, name: str, depth: int
) -> Iterator[tuple[str, bool]]:
    if depth > 5 or name not in manifest.scripts:
        raise _Unknown(f"package.json has no script {name}")
    for step in (f"pre{name}", name, f"post{name}"):
        if step in manifest.scripts:
            script = read_script(manifest.scripts[step])
            if script.opaque:
                raise _Unknown(f"the script {step} can't be read")
            for call in calls_of(script):
                yield from _call(context, folder, manifest, call, depth)


def _call(
    context: BuildContext, folder: str, manifest: PackageJson, call: ShellCall, depth: int
) -> Iterator[tuple[str, bool]]:
    words = [w.value or w.raw for w in call.words]
    while words and (words[0] in _WRAPPERS or re.match(r"\w+=", words[0])):
        words = words[1:]
        while words and words[0].startswith("-"):
            words = words[1:]
    program = words[0].rpartition("/")[2] if words else ""
    if program in _RUNNERS:
        for name in _run_names(program, words[1:]):
            yield from _script(context, folder, manifest, name, depth + 1)
    elif program not in _NOTHING:
        yield from _builder(context, folder, program, words[1:])


def _run_names(program: str, words: list[str]) -> list[str]:
    names = [w for w in words if not w.startswith("-")]
    if program in ("npm", "pnpm", "yarn"):
        names = names[1:2] if names[:1] == ["run"] else names[:1]
    if any("*" in name or "{" in name for name in names) or not names:
        raise _Unknown(f"what {program} runs is not known")
    return names


def _builder(context: BuildContext, folder: str, program: str, words: list[str]) -> Iterator[tuple[str, bool]]:
    if program in ("tsc", "nest"):
        if program == "nest" and words[:1] != ["build"]:
            raise _Unknown(f"what nest {' '.join(words[:1])} makes is not known")
        if "--noEmit" not in words:
            yield _typescript(context, folder, words, "dist" if program == "nest" else ""), False
    elif program == "vite" and words[:1] == ["build"]:
        yield _option(words, "--outDir") or _configured(context, folder, "vite.config", r"outDir"), True
    elif program == "react-scripts" and words[:1] == ["build"]:
        yield "build", True
    elif program == "vue-cli-service" and words[:1] == ["build"]:
        yield _option(words, "--dest") or _configured(context, folder, "vue.config", r"outputDir"), True
    elif program == "ng" and words[:1] == ["build"]:
        yield _option(words, "--output-path") or "dist", True
    elif program == "next" and words[:1] == ["build"]:
        yield _configured(context, folder, "next.config", r"distDir|output", ".next"), False
    elif program == "esbuild":
        yield _needed(program, _option(words, "--outfile") or _option(words, "--outdir")), _bundles(words)
    elif program in ("babel", "swc"):
        yield _needed(program, _option(words, "-d", "--out-dir", "--out-file", "-o")), False
    elif program == "tsup":
        yield _option(words, "--out-dir", "-d") or _configured(context, folder, "tsup.config", r"outDir"), False
    elif program == "ncc" and words[:1] == ["build"]:
        yield _option(words, "-o", "--out") or "dist", True
    elif program == "webpack" or program == "webpack-cli":
        yield _webpack(context, folder, words), False
    elif program in ("cp", "copyfiles", "cpx", "cpy", "ncp") and len(words) > 1:
        yield next(w for w in reversed(words) if not w.startswith("-")), True
    else:
        raise _Unknown(f"what {program or 'a script'} makes is not known")


def _option(words: list[str], *names: str) -> str:
    for index, word in enumerate(words):
        name, eq, value = word.partition("=")
        if name in names:
            return value if eq else "".join(words[index + 1 : index + 2])
    return ""


def _needed(program: str, value: str) -> str:
    if not value:
        raise _Unknown(f"where {program} writes to is not known")
    return value


def _bundles(words: list[str]) -> bool:
    return "--bundle" in words and not any(w.startswith(("--external", "--packages")) for w in words)


def _configured(context: BuildContext, folder: str, name: str, key: str, default: str = "dist") -> str:
    """Return the output folder of a tool whose configuration is a program: the default if it does not speak of one."""
    for suffix in _CONFIGS:
        text = context.text(posixpath.join(folder, f"{name}.{suffix}"))
        found = re.search(rf"\b(?:{key})\s*:\s*['\"]([\w./-]+)['\"]", text) if text is not None else None
        if found:
            return found.group(1)
        if text is not None and re.search(rf"\b({key})\b", text):
            raise _Unknown(f"where {name}.{suffix} puts the build is not known")
    return default


def _webpack(context: BuildContext, folder: str, words: list[str]) -> str:
    given = _option(words, "-o", "--output-path")
    if given:
        return given
    name = _option(words, "-c", "--config")
    for path in [name] if name else [f"webpack.config.{suffix}" for suffix in _CONFIGS]:
        text = context.text(posixpath.join(folder, path))
        if text is not None:
            found = re.search(
                r"path\s*:\s*(?:path\.)?(?:resolve|join)\(\s*__dirname\s*,\s*['\"]([\w./-]+)['\"]\s*\)", text
            )
            if found:
                return found.group(1)
            if re.search(r"\bpath\s*:", text) or "require('./webpack" in text or "merge(" in text:
                raise _Unknown(f"where {path} puts the build is not known")
            return "dist"
    return "dist"


def _typescript(context: BuildContext, folder: str, words: list[str], default: str) -> str:
    given = _option(words, "--outDir", "--outFile")
    if given:
        return given
    project = _option(words, "-p", "--project") or "tsconfig.json"
    if default and context.text(posixpath.join(folder, "tsconfig.build.json")) is not None:
        project = "tsconfig.build.json"
    found = _out_dir(context, posixpath.join(folder, project), 0)
    if not found and not default:
        raise _Unknown("tsc writes beside its sources")
    return posixpath.relpath(found, folder or ".") if found else default


def _out_dir(context: BuildContext, path: str, depth: int) -> str:
    """Return the outDir of a tsconfig.json, which may have comments, from the root of the context; "" for none."""
    text = context.text(path)
    if text is None and context.kind(path) == "folder":
        path = posixpath.join(path, "tsconfig.json")
        text = context.text(path)
    if text is None or depth > 3:
        raise _Unknown(f"{path} was not read")
    bare = re.sub(r"/\*.*?\*/|(?m:^\s*//[^\n]*$)", "", text, flags=re.DOTALL)
    found = re.search(r'"outDir"\s*:\s*"([^"]+)"', bare)
    if found:
        return posixpath.normpath(posixpath.join(posixpath.dirname(path), found.group(1)))
    above = re.search(r'"extends"\s*:\s*"(\.[^"]+)"', bare)
    if above:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), above.group(1)))
        return _out_dir(context, place if place.endswith(".json") else f"{place}.json", depth + 1)
    return ""
