"""A static site whose server is installed for all: the final stage has the server and the built files alone."""

from __future__ import annotations

import posixpath

from optimizer.context.manifests.package_json import PackageJson
from optimizer.rewrite.stages.node_builds import Outputs, outputs_of
from optimizer.rewrite.stages.node_products import script_of
from optimizer.rewrite.stages.node_start import Started
from optimizer.rewrite.stages.onto_slim import Plan
from optimizer.rewrite.stages.split import Split

_SERVERS = frozenset({"serve", "http-server"})
_WEB_SERVERS = frozenset({"nginx", "apache2", "apache2ctl", "apachectl", "httpd", "lighttpd"})
_ROOTS = ("/var/www/", "/usr/share/nginx/", "/usr/local/apache2/htdocs", "/srv/www")
_VALUED = frozenset(
    "-l --listen -p --port -a -c --config -S -C -K -d -L --ssl-cert --ssl-key -P --proxy --cors".split()
)


def site(plan: Plan, start: Started, manifest: PackageJson | None) -> Split | None:
    """Return the split of a site, None where the stage is none."""
    if start.program in _WEB_SERVERS:
        return _web_server(plan, start)
    if start.program not in _SERVERS or manifest is None or start.program in manifest.wanted or start.unknown:
        return None
    if start.managers or not _is_for_all(plan, start.program) or {"-c", "--config", "-S"} & set(start.words):
        return None
    workdir = plan.stage.last.workdir or "/"
    served = _served(start.words)
    folder = posixpath.normpath(posixpath.join(workdir, served))
    scripts = [script for place, _ in plan.made if (script := script_of(place))]
    if len(scripts) != 1 or len(plan.needed) != 1:
        return None
    outputs = outputs_of(plan.doc.context, manifest, scripts[0]) if plan.doc.context is not None else ""
    home = plan.needed[0]
    if not isinstance(outputs, Outputs) or folder not in {posixpath.join(home, path) for path in outputs.paths}:
        return None
    plan.evidence.insert(
        0, f"{start.program} serves {folder}, which the script {scripts[0]} makes, and reads nothing else"
    )
    return plan.split(
        (plan.copied(folder),),
        "sources, node_modules, compilers and headers",
        why="what is served is in one folder; packages, sources and tools only build it",
    )


def _web_server(plan: Plan, start: Started) -> Split | None:
    """Return the split of a site that a web server of the distribution serves from a folder of its own."""
    served = [home for home in plan.needed if home.startswith(_ROOTS)]
    others = [home for home in plan.needed if home not in served]
    if not served or plan.trees or any(home in text for home in others for text in _configurations(plan)):
        return None
    plan.evidence.insert(
        0, f"{start.program} serves {', '.join(served)}, and none of its configuration names {', '.join(others)}"
    )
    return plan.split(
        tuple(plan.copied(path) for path in served),
        "sources, node_modules, compilers and headers",
        why="what is served is in one folder; packages, sources and tools only build it",
    )


def _configurations(plan: Plan) -> list[str]:
    """Return the texts that may tell the server where to look: its configuration, and what runs late."""
    context = plan.doc.context
    texts = [i.args for i in plan.stage.members[plan.cut :] if i.keyword not in ("WORKDIR", "COPY", "ADD")]
    texts += [
        r.script.text for r in plan.doc.runs_of(plan.stage) if "nginx" in r.script.text and "sed" in r.script.text
    ]
    for origin in set(plan.placed.files.values()):
        if origin.endswith((".conf", ".template", ".sh")) and context is not None:
            texts.append(context.text(origin) or "")
    return texts


def _is_for_all(plan: Plan, program: str) -> bool:
    """Whether the server is installed for all, by this stage or behind the cut, or fetched by npx at run time."""
    return f"npx {program}" in plan.doc.text or any(
        program in product.names for _, product in plan.all_made.values() if product.late
    )


def _served(words: tuple[str, ...]) -> str:
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in _VALUED
        else:
            return word
    return "."
