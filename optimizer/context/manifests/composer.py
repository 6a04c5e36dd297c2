"""composer.json and composer.lock. Source of the form: getcomposer.org, "The composer.json schema"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from optimizer.context.files import BuildContext
from optimizer.context.manifests.reading import (
    LIMIT,
    LOCK_LIMIT,
    Table,
    is_there,
    load_json,
    pairs_of,
    table,
    tables_of,
    text_of,
    texts_of,
)


@dataclass(frozen=True)
class ComposerJson:
    """A composer.json. `php` and `extensions` are what it asks of the platform.

    `scripts` maps events to whether something runs at them; `local` are path repositories, `files`
    those that the autoloader loads at each start; `plugins` tells that it may run plug-ins.
    """

    path: str
    unreadable: str = ""
    name: str = ""
    php: str = ""
    extensions: tuple[str, ...] = ()
    dependencies: Mapping[str, str] = field(default_factory=dict)
    development: Mapping[str, str] = field(default_factory=dict)
    scripts: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    classmap: bool = False
    vendor: str = "vendor"


@dataclass(frozen=True)
class ComposerLock:
    """A composer.lock: names and versions, and what the packages ask of the platform."""

    path: str
    unreadable: str = ""
    packages: tuple[tuple[str, str], ...] = ()
    development: tuple[tuple[str, str], ...] = ()
    extensions: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()


def read_composer_json(context: BuildContext, path: str = "composer.json") -> ComposerJson | None:
    """Read a composer.json; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LIMIT)
    data, problem = load_json(text) if text is not None else ({}, "is too large")
    if problem:
        return ComposerJson(path, problem)
    required = pairs_of(data.get("require"))
    repositories = data.get("repositories")
    listed = tables_of(repositories) or [table(r) for r in table(repositories).values()]
    autoload = [table(data, key) for key in ("autoload", "autoload-dev")]
    return ComposerJson(
        path,
        "",
        text_of(data.get("name")),
        required.get("php", ""),
        _extensions(required),
        {k: v for k, v in required.items() if "/" in k},
        {k: v for k, v in pairs_of(data.get("require-dev")).items() if "/" in k},
        tuple(str(k) for k, v in table(data, "scripts").items() if v),
        tuple(text_of(r.get("url")) for r in listed if r.get("type") in ("path", "artifact")),
        tuple(name for one in autoload for name in texts_of(one.get("files"))),
        any(one.get("classmap") for one in autoload),
        text_of(table(data, "config").get("vendor-dir")) or "vendor",
    )


def read_composer_lock(context: BuildContext, path: str = "composer.lock") -> ComposerLock | None:
    """Read a composer.lock; None where there is none."""
    if not is_there(context, path):
        return None
    text = context.text(path, LOCK_LIMIT)
    data, problem = load_json(text) if text is not None else ({}, "is too large")
    if problem:
        return ComposerLock(path, problem)
    packages = tables_of(data.get("packages"))
    needs = [pairs_of(data.get("platform")), *(pairs_of(p.get("require")) for p in packages)]
    return ComposerLock(
        path,
        "",
        _named(packages),
        _named(tables_of(data.get("packages-dev"))),
        tuple(sorted({e for asked in needs for e in _extensions(asked)})),
        tuple(text_of(p.get("name")) for p in packages if p.get("type") == "composer-plugin"),
    )


def _named(packages: list[Table]) -> tuple[tuple[str, str], ...]:
    return tuple((text_of(p.get("name")), text_of(p.get("version"))) for p in packages)


def _extensions(asked: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name[len("ext-") :].lower() for name in asked if name.startswith("ext-"))
