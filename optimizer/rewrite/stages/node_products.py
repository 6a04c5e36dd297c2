"""What npm, yarn, pnpm and the build tools of JavaScript make, and where.

Sources: docs.npmjs.com (folders, npm install), classic.yarnpkg.com, yarnpkg.com (configuration), pnpm.io (cli).
"""

from __future__ import annotations

from optimizer.catalog.wheels import node_native
from optimizer.context.manifests.node_locks import YARN, find_node_lock, read_node_lock
from optimizer.context.manifests.package_json import read_package_json
from optimizer.rewrite.stages.products import Place, Product
from optimizer.syntax.patterns import pattern

_GLOBAL = ("-g", "--global", "--location=global")
_MANAGERS = frozenset({"npm", "yarn", "pnpm"})
_FREE = frozenset(
    "config set get cache audit fund version view ls list outdated whoami login ping help prefix root bin doctor why "
    "store policies".split()
)
_TOOLS = frozenset(
    "npm yarn pnpm corepack typescript ts-node @angular/cli @vue/cli @nestjs/cli gulp gulp-cli grunt grunt-cli bower "
    "webpack webpack-cli rimraf node-gyp lerna nx turbo vite create-react-app eslint prettier jest mocha "
    "npm-check-updates node-pre-gyp @ionic/cli expo-cli esbuild rollup parcel parcel-bundler less sass "
    "node-sass".split()
)
# Programs of a package that are not called like it.
_BINS = {"typescript": ("tsc",), "@angular/cli": ("ng",), "@nestjs/cli": ("nest",), "@vue/cli": ("vue",)}
_BUILDERS = frozenset(
    "node npx tsc ng vite webpack gulp grunt nest next nuxt vue-cli-service react-scripts rollup parcel esbuild babel "
    "swc turbo nx lerna bower sass lessc tailwindcss postcss browserify jspm ember gatsby hexo eleventy vuepress "
    "docusaurus tsup ts-node tsx jest mocha eslint prettier bun deno".split()
)
_PLAIN = pattern(r"(@[\w.-]+/)?[A-Za-z][\w.-]*\Z")
# They keep a browser or a program outside of the project.
_BROWSERS = frozenset({"puppeteer", "playwright", "playwright-chromium", "playwright-firefox", "cypress", "electron"})


def product_of(place: Place) -> Product | None:
    """Return what a call makes, None where it is none of JavaScript's tools."""
    call = place.call
    name = call.manager.name if call.manager else ""
    if name in _MANAGERS:
        return _managed(place, name)
    if call.program == "corepack":
        return Product("it puts package managers in place", late=True, tool=True, names=("yarn", "pnpm"))
    if call.program in _BUILDERS:
        return Product(f"{call.program} writes where the application lies", (place.folder,))
    return None


def _managed(place: Place, name: str) -> Product:
    call = place.call
    if call.has(*_GLOBAL) or (name == "yarn" and call.action == "global"):
        return _global(place)
    if call.has("--prefix", "-C", "--cwd", "--dir"):
        folder = next((place.locate(v) for v in call.shell.value_of("--prefix", "-C", "--cwd", "--dir")), "")
        return Product(f"{name} works in {folder}", (folder,), refused="" if folder else "where npm works is not known")
    if call.action in _FREE:
        return Product("it only sets up")
    if call.action in ("link", "unlink"):
        return Product("", refused=f"{name} {call.action} puts links outside of the project")
    return Product(
        f"{name} installs or builds where the application lies", (place.folder,), refused=_outside(place, name)
    )


def _outside(place: Place, name: str) -> str:
    """Return why what an install brings lies outside of the project, "" where it does not."""
    context = place.doc.context
    if context is None or not place.call.installs:
        return ""
    if not place.folder:
        return f"where {name} installs is not known"
    lock = read_node_lock(context, YARN) if name == "yarn" else find_node_lock(context)
    manifest = read_package_json(context)
    names = (lock.names if lock is not None else frozenset()) | set(manifest.wanted if manifest is not None else ())
    browser = sorted(names & _BROWSERS)
    if browser:
        return f"{browser[0]} keeps a browser outside of the project"
    if lock is not None and lock.manager == "berry" and "node-modules" not in (context.text(".yarnrc.yml") or ""):
        return "Yarn's Plug'n'Play keeps packages outside of the project"
    return ""


def _global(place: Place) -> Product:
    """Return what an install for all makes: the final stage repeats it, where nothing is compiled."""
    found = [(w.value or "") for w in place.call.operands if w.value not in ("add", "install")]
    bare = [name[:1] + name[1:].partition("@")[0] for name in found]
    if not bare or not all(_PLAIN.match(name) for name in bare):
        return Product("", refused="what npm installs for all is not known")
    native = [name for name in bare if node_native(name) == "compiles"]
    if native:
        return Product("", refused=f"{native[0]} is compiled for all")
    names = [program for name in bare for program in (name.rpartition("/")[2], *_BINS.get(name, ()))]
    text = f"{', '.join(bare)} {'is' if len(bare) == 1 else 'are'} installed for all"
    return Product(text, late=True, tool=set(bare) <= _TOOLS, names=tuple(names))


def script_of(place: Place) -> str:
    """Return the script of package.json that a call runs, "" where it runs none."""
    call = place.call
    if call.manager is None or call.manager.name not in _MANAGERS or call.installs or call.has(*_GLOBAL):
        return ""
    words = [w.value or "" for w in call.words[1:] if not w.raw.startswith("-")]
    if words[:1] in (["run"], ["run-script"]):
        words = words[1:]
    elif call.manager.name == "npm" and words[:1] not in (["test"], ["start"]):
        return ""
    return words[0] if words and words[0] not in _FREE else ""
