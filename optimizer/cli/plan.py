"""From paths and options to jobs: which file is optimized how."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from optimizer.cli.config import Config, Configs
from optimizer.cli.discover import Found, discover
from optimizer.cli.errors import Failure, InputError
from optimizer.cli.jobs import Job, shown_path
from optimizer.cli.names import unknown_names
from optimizer.context.build import Build
from optimizer.context.builds import Builds, one_context
from optimizer.facts.settings import Settings


class Wishes(NamedTuple):
    """What the command line says about optimizing; None and () leave it to the configuration."""

    level: int | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    caches: str | None = None
    merge: str | None = None
    targets: tuple[str, ...] = ()
    context: str | None = None
    no_context: bool = False
    online: bool = False
    one_file: bool = False


class Planner:
    """Makes jobs. The command line wins over a configuration file, option by option."""

    def __init__(self, wishes: Wishes, configs: Configs) -> None:
        self.wishes = wishes
        self.configs = configs
        self.today = _today()
        self._builds = Builds()
        self._checked: dict[str, InputError | None] = {}
        unknown = unknown_names([*wishes.select, *wishes.ignore])
        if unknown:
            raise InputError("\n".join([*unknown, "`dockopt rules` lists all."]))

    def jobs(self, paths: Sequence[str]) -> Iterator[Job | Failure]:
        """Yield a job or a failure for each Dockerfile that is meant by `paths`.

        A configuration that is wrong is told once; the files that it holds for are left alone.
        """
        told: set[str] = set()
        for found in discover(paths):
            if isinstance(found, Failure):
                yield Failure(shown_path(found.path), found.message)
                continue
            try:
                config = self._config(found.folder)
            except InputError as error:
                if error.message not in told:
                    told.add(error.message)
                    yield Failure("", error.message)
                continue
            if found.named or not _excluded(found, config):
                yield self._job(found.path, shown_path(found.path), found.folder, config)

    def job_for_input(self, data: bytes, name: str | None) -> Job:
        """Return the job for standard input; `name` is the path of the file whose text it is."""
        folder = os.path.dirname(name) or "." if name else None
        config = self._config(folder or ".")
        return self._job("-", shown_path(name) if name else "Dockerfile", folder, config, data)

    def _config(self, folder: str) -> Config:
        config = self.configs.of(folder)
        if config.path not in self._checked:
            unknown = unknown_names([*config.select, *config.ignore])
            self._checked[config.path] = InputError(f"{config.path}: {' '.join(unknown)}") if unknown else None
        error = self._checked[config.path]
        if error:
            raise error
        return config

    def _job(self, path: str, name: str, folder: str | None, config: Config, data: bytes | None = None) -> Job:
        wishes = self.wishes
        builds = () if folder is None or wishes.no_context else self._builds.of(name if data is not None else path)
        named = dict.fromkeys(build.target for build in builds if build.target)
        settings = Settings(
            caches=wishes.caches or config.caches or "auto",
            merge=wishes.merge or config.merge or "auto",
            targets=wishes.targets or (*config.targets, *(t for t in named if t not in config.targets)),
            bases=config.bases,
            today=self.today,
            one_file=wishes.one_file,
        )
        context, source = self._context(folder, config, one_context(builds))
        return Job(
            path,
            name,
            wishes.level or config.level or 2,
            wishes.select or config.select,
            # Who names a transform on the command line wants it, whatever the file leaves out.
            wishes.ignore or (() if wishes.select else config.ignore),
            settings,
            context,
            config.path,
            data,
            source,
            config.online if wishes.online else None,
        )

    def _context(self, folder: str | None, config: Config, build: Build | None) -> tuple[str | None, str]:
        """Return the folder of the build context, and the file that names it, "" where none does."""
        if self.wishes.no_context:
            return None, ""
        if self.wishes.context is not None:
            return self.wishes.context, ""
        if config.context is not None and folder is not None:
            return os.path.join(config.folder, config.context), config.path
        if build is not None and os.path.isdir(build.context):
            return os.path.normpath(build.context), build.file
        return folder, ""


def _today() -> str:
    """Return the ISO day, which SOURCE_DATE_EPOCH can fix (reproducible-builds.org)."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return time.strftime("%Y-%m-%d", time.gmtime(int(fixed) if fixed.isdigit() else None))


def _excluded(found: Found, config: Config) -> bool:
    if not config.exclude:
        return False
    from optimizer.cli.globs import covers, read_globs

    relative = os.path.relpath(os.path.realpath(found.path), config.folder)
    return covers(read_globs("\n".join(config.exclude)), relative.replace(os.sep, "/"))
