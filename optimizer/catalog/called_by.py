"""System packages that packages of Python, Node and Ruby use when they run, and that full images happen to have.

Sources: general knowledge of these projects as of 2025, not read anew in each one's documentation; for libraries that
wheels take from the system, PEP 599 and PEP 600.
"""

from __future__ import annotations

# A choice of names per package: a library's name differs with the release.
_GIT, _SSH, _PROCPS = (("git",),), (("openssh-client",),), (("procps",),)
_MAGIC, _WAND = (("libmagic1t64", "libmagic1"),), (("libmagickwand-7.q16-10", "libmagickwand-6.q16-6"),)
_GOMP, _GLIB = (("libgomp1",),), (("libglib2.0-0t64", "libglib2.0-0"),)

_BY_NAME: dict[str, tuple[tuple[str, ...], ...]] = {
    # Python
    "ansible": (*_SSH, *_GIT),
    "ansible-core": (*_SSH, *_GIT),
    "cairocffi": (("libcairo2",),),
    "cairosvg": (("libcairo2",),),
    "dvc": _GIT,
    "gitpython": _GIT,
    "lightgbm": _GOMP,
    "opencv-contrib-python": _GLIB,
    "opencv-contrib-python-headless": _GLIB,
    "opencv-python": _GLIB,
    "opencv-python-headless": _GLIB,
    "pre-commit": _GIT,
    "psycopg": (("libpq5",),),
    "python-magic": _MAGIC,
    "filemagic": _MAGIC,
    "wand": _WAND,
    "weasyprint": _GLIB,
    "xgboost": _GOMP,
    # Node
    "mini_magick": (("imagemagick",),),
    "paperclip": (("imagemagick",),),
    "kt-paperclip": (("imagemagick",),),
    "@prisma/client": (("openssl",),),
    "prisma": (("openssl",),),
    "gm": (("imagemagick",),),
    "imagemagick": (("imagemagick",),),
    "pidusage": _PROCPS,
    "ps-node": _PROCPS,
    "ps-tree": _PROCPS,
    "ps-list": _PROCPS,
    "tree-kill": _PROCPS,
    "simple-git": _GIT,
    "semantic-release": _GIT,
    # Ruby
    "git": _GIT,
    "minimagick": (("imagemagick",),),
}


def system_packages(name: str) -> tuple[tuple[str, ...], ...]:
    """Return what a package of a language uses of the system: a choice of Debian packages for each part."""
    return _BY_NAME.get(name.lower(), ())
