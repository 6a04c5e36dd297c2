"""Commands that no package holds as a file: update-alternatives makes them when the package is installed.

Source: the maintainer scripts of the packages (Debian bookworm and trixie).
"""

from __future__ import annotations

_IMAGEMAGICK = ("imagemagick", "imagemagick-6.q16", "imagemagick-7.q16")

ALTERNATIVES: dict[str, tuple[str, ...]] = {
    "cc": ("gcc", "clang"),
    "c++": ("g++", "clang"),
    "c89": ("gcc",),
    "c99": ("gcc",),
    "automake": ("automake",),
    "aclocal": ("automake",),
    "awk": ("mawk", "gawk", "original-awk"),
    "nawk": ("mawk", "gawk"),
    "which": ("debianutils",),
    "vi": ("vim", "vim-tiny", "vim-nox", "nvi", "neovim"),
    "vim": ("vim", "vim-nox", "vim-gtk3"),
    "editor": ("nano", "vim", "vim-tiny"),
    "nc": ("netcat-openbsd", "netcat-traditional", "ncat"),
    "netcat": ("netcat-openbsd", "netcat-traditional"),
    "pinentry": ("pinentry-curses",),
    "w": ("procps",),
    "write": ("bsdutils",),
    "rlogin": ("openssh-client",),
    "telnet": ("inetutils-telnet", "telnet"),
    "ftp": ("tnftp", "ftp", "inetutils-ftp"),
    "ping": ("iputils-ping", "inetutils-ping"),
    "traceroute": ("traceroute", "inetutils-traceroute"),
    "lzma": ("xz-utils",),
    "unlzma": ("xz-utils",),
    "lzcat": ("xz-utils",),
    "fakeroot": ("fakeroot",),
    "7z": ("p7zip-full", "7zip"),
    "php": ("php-cli", "php7.4-cli", "php8.2-cli", "php8.4-cli"),
    "node": ("nodejs",),
    "java": ("default-jre-headless", "openjdk-11-jre-headless", "openjdk-17-jre-headless", "openjdk-21-jre-headless"),
    "javac": ("default-jdk-headless", "openjdk-11-jdk-headless", "openjdk-17-jdk-headless", "openjdk-21-jdk-headless"),
    **dict.fromkeys(
        "animate compare composite conjure convert display identify import mogrify montage stream".split(), _IMAGEMAGICK
    ),
    "magick": ("imagemagick-7.q16",),
}
