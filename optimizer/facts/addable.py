"""Debian packages that a swap may add to make up for what the smaller base lacks."""

from __future__ import annotations

# Commands that build software: with them go headers, and only the full image has those.
COMPILERS = frozenset(
    "gcc g++ cc c++ cpp c89 c99 gfortran clang clang++ ld as ar ranlib nm strip objcopy make cmake ninja meson "
    "autoconf autoreconf automake aclocal autoheader libtool libtoolize m4 pkg-config pkgconf bison flex "
    "dpkg-buildpackage mysql_config mariadb_config pg_config xml2-config xslt-config curl-config krb5-config "
    "pcre-config freetype-config MagickWand-config Magick-config libpng-config ncurses6-config".split()
)
# Package managers that compile what they install, and those that do where a package has native code.
BUILDS_WITH = {"luarocks": "gcc", "pecl": "gcc"}
MAY_BUILD = frozenset("R Rscript cabal carton cpan cpanm cpm mix nimble opam raco rebar3 shards stack".split())
# Programs of a small package each, by which their packages are known to the gate.
ADDABLE = frozenset(
    "bzip2 ca-certificates curl dirmngr file git gnupg gpg imagemagick libgomp1 libmagic1 libmagic1t64 mercurial "
    "netbase openssh-client openssl patch perl procps python3 subversion tzdata unzip wget xz-utils zstd bsdextrautils "
    "libmagickwand-6.q16-6 libmagickwand-7.q16-10 libglib2.0-0 libglib2.0-0t64 libpq5 libmariadb3 libxml2 libxslt1.1 "
    "libcurl4 libcurl4t64 libcairo2 libbluetooth3 libdb5.3 libgdbm6 libyaml-0-2 libffi8 make".split()
)
# Which of several packages holds a command, where the tables name another one first.
PROVIDERS = {
    "bunzip2": "bzip2",
    "bzip2": "bzip2",
    "curl": "curl",
    "dirmngr": "dirmngr",
    "file": "file",
    "free": "procps",
    "git": "git",
    "gpg": "gnupg",
    "hg": "mercurial",
    "make": "make",
    "openssl": "openssl",
    "patch": "patch",
    "perl": "perl",
    "pgrep": "procps",
    "pkill": "procps",
    "ps": "procps",
    "python3": "python3",
    "scp": "openssh-client",
    "sftp": "openssh-client",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "ssh-keyscan": "openssh-client",
    "svn": "subversion",
    "sysctl": "procps",
    "top": "procps",
    "unxz": "xz-utils",
    "unzip": "unzip",
    "update-ca-certificates": "ca-certificates",
    "uptime": "procps",
    "watch": "procps",
    "wget": "wget",
    "xz": "xz-utils",
    "xzcat": "xz-utils",
}
# Programs that speak HTTPS with the system's certificates.
READS_CERTIFICATES = frozenset({"curl", "wget", "git", "hg", "svn", "openssl"})
