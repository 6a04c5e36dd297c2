"""Writing files whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress


def replace_file(path: str, before: bytes, after: bytes) -> None:
    """Replace the contents of a file in one step; mode and owner stay, a symbolic link keeps its place.

    `before` is what was read from it. Raises OSError, with the file untouched, if it is gone, was
    changed since, is read-only, or if its owner cannot be kept.
    """
    target = os.path.realpath(path)
    with open(target, "rb") as file:
        old = os.fstat(file.fileno())
        if file.read() != before:
            raise OSError(0, "changed by another program meanwhile; nothing was written")
    if not old.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise OSError(0, "is read-only; nothing was written")
    _put(target, after, stat.S_IMODE(old.st_mode), old)


def create_file(path: str, data: bytes) -> None:
    """Write a file that is not there yet; raises FileExistsError if it is."""
    if os.path.lexists(path):
        raise FileExistsError(0, "is already there; it was left as it is")
    umask = os.umask(0)
    os.umask(umask)
    _put(path, data, 0o666 & ~umask, None)


def _put(target: str, data: bytes, mode: int, owner: os.stat_result | None) -> None:
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name[:100]}.{os.getpid()}.dockopt")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if owner is not None:
            _keep_owner(temporary, owner)
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _keep_owner(path: str, old: os.stat_result) -> None:
    new = os.stat(path)
    if (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid):
        return
    try:
        os.chown(path, old.st_uid, old.st_gid)
    except OSError as error:
        raise OSError(error.errno, "belongs to another user, who would be lost; nothing was written") from error
