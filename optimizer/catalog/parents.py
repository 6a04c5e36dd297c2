"""What the official images are built FROM, image by image and variant by variant.

Read in their Dockerfiles at these commits: docker-library/{buildpack-deps 8330ca1, python 4f07059, golang 7c8c182,
ruby d55e25a, php 445bf41, httpd 9b63b37, openjdk da2d75f, tomcat 40f27d5, redis e920499, postgres 6edb0a8, mysql
7f30fdb, memcached 53ac0ec, rabbitmq 9193c1d, mongo 2c69a57, haproxy ec437dd, wordpress bf223d1, docker 3289af8,
drupal 305e3e2, busybox 9c20878, julia aa7507f, ghost 7edb45d, pypy 84c50d1, gcc 339fcb5}, nodejs/docker-node
f27d936, rust-lang/docker-rust 7668ee2, nginx/docker-nginx 0d7f438, adoptium/containers d8d18d6,
corretto/corretto-docker 7075fec, carlossg/docker-maven 0170c5b, keeganwitt/docker-gradle 9fe6f1e,
MariaDB/mariadb-docker 1b6429b, caddyserver/caddy-docker 62d1326, traefik/traefik-library-image 6973938,
composer/docker e1056b5, haskell/docker-haskell 9a7cd37, erlang/docker-erlang-otp 023b069, erlef/docker-elixir
6113c3e, apple/swift-docker e4c1a3f, nextcloud/docker 4de1eed, jetty/jetty.docker c6c5ebe; all but a few of April to
August 2026.
"""

from __future__ import annotations

# A rule: the family of the system ("" for any), a word that the variant must have ("" for any), the parent. The first
# rule that fits holds. In a parent {release} is the release of the system, {java}, {php} and {otp} are the number
# behind that word in one of the names of the tag, {kind} is jdk or jre, {name} the tag without the word of the rule;
# +cli is a further word of the tag.
Rule = tuple[str, str, str]

_SLIM: Rule = ("debian", "", "debian:{release}-slim")
_ALPINE: Rule = ("alpine", "", "alpine:{release}")
_UBUNTU: Rule = ("ubuntu", "", "ubuntu:{release}")
_UBI: Rule = ("ubi", "", "redhat/ubi{release}-minimal")
_FULL: tuple[Rule, ...] = (
    _ALPINE,
    ("debian", "slim", "debian:{release}-slim"),
    ("debian", "", "buildpack-deps:{release}"),
)
_SERVER: tuple[Rule, ...] = (_ALPINE, _SLIM)

PARENTS: dict[str, tuple[Rule, ...]] = {
    "amazoncorretto": (_ALPINE, ("amazonlinux", "", "amazonlinux:{release}"), _SLIM),
    "bash": (_ALPINE,),
    "buildpack-deps": (
        ("", "curl", "{system}:{release}"),
        ("", "scm", "buildpack-deps:{release}-curl"),
        ("", "", "buildpack-deps:{release}-scm"),
    ),
    "caddy": (("", "builder", "golang:alpine"), _ALPINE),
    "composer": (("", "", "php:8-alpine"),),
    "docker": (("", "rootless", "docker:{name}"), ("", "cli", "alpine:{release}"), ("", "dind", "docker:{name}+cli")),
    "drupal": (
        ("alpine", "", "php:{php}-fpm-alpine{release}"),
        ("debian", "fpm", "php:{php}-fpm-{release}"),
        ("debian", "", "php:{php}-apache-{release}"),
    ),
    "eclipse-temurin": (_ALPINE, _UBUNTU, _UBI),
    "elixir": (("alpine", "", "erlang:{otp}-alpine"), ("", "slim", "erlang:{otp}-slim"), ("", "", "erlang:{otp}")),
    "erlang": (_ALPINE, ("debian", "slim", "debian:{release}"), ("debian", "", "buildpack-deps:{release}")),
    "gcc": (("debian", "", "buildpack-deps:{release}"),),
    "golang": (_ALPINE, ("debian", "", "buildpack-deps:{release}-scm")),
    "gradle": (
        ("alpine", "", "eclipse-temurin:{java}-jdk-alpine"),
        ("amazonlinux", "", "amazoncorretto:{java}-al{release}-jdk"),
        ("ubi", "", "eclipse-temurin:{java}-jdk-ubi{release}-minimal"),
        ("ubuntu", "graal", "ubuntu:{release}"),
        ("ubuntu", "", "eclipse-temurin:{java}-jdk-{release}"),
    ),
    "haproxy": _SERVER,
    "haskell": (("debian", "slim", "debian:{release}-slim"), ("debian", "", "debian:{release}")),
    "httpd": _SERVER,
    "jetty": (
        ("alpine", "eclipse-temurin", "eclipse-temurin:{java}-{kind}-alpine"),
        ("amazonlinux", "", "amazoncorretto:{java}"),
        ("", "eclipse-temurin", "eclipse-temurin:{java}-{kind}"),
    ),
    "julia": _SERVER,
    "mariadb": (_UBUNTU, _UBI),
    "maven": (
        ("debian", "amazoncorretto", "debian:{release}-slim"),
        ("debian", "slim", "openjdk:{java}-jdk-slim"),
        ("debian", "jdk", "openjdk:{java}-jdk"),
        ("alpine", "eclipse-temurin", "eclipse-temurin:{java}-jdk-alpine"),
        ("alpine", "amazoncorretto", "amazoncorretto:{java}-alpine"),
        ("amazonlinux", "amazoncorretto", "amazoncorretto:{java}-al{release}"),
        ("", "eclipse-temurin", "eclipse-temurin:{java}-jdk-{release}"),
    ),
    "memcached": _SERVER,
    "mongo": (_UBUNTU,),
    "mysql": (("oraclelinux", "", "oraclelinux:{release}-slim"), _SLIM),
    "nginx": (
        ("", "perl", "nginx:{name}"),
        ("", "otel", "nginx:{name}"),
        ("alpine", "slim", "alpine:{release}"),
        ("alpine", "", "nginx:{name}-slim"),
        _SLIM,
    ),
    "node": _FULL,
    "openjdk": (
        _ALPINE,
        ("debian", "slim", "debian:{release}-slim"),
        ("debian", "jre", "buildpack-deps:{release}-curl"),
        ("debian", "", "buildpack-deps:{release}-scm"),
        ("oraclelinux", "", "oraclelinux:{release}-slim"),
    ),
    "perl": _FULL,
    "php": _SERVER,
    "postgres": _SERVER,
    "pypy": _FULL,
    "python": _FULL,
    "r-base": (("debian", "", "debian:{release}"),),
    "rabbitmq": (("", "management", "rabbitmq:{name}"), _ALPINE, _UBUNTU),
    "redis": _SERVER,
    "ruby": _FULL,
    "rust": _FULL,
    "swift": (
        _UBUNTU,
        ("debian", "", "debian:{release}"),
        ("amazonlinux", "", "amazonlinux:{release}"),
        ("ubi", "", "redhat/ubi{release}"),
        ("fedora", "", "fedora:{release}"),
    ),
    "tomcat": (("ubuntu", "", "eclipse-temurin:{java}-{kind}-{release}"),),
    "traefik": (_ALPINE,),
    "wordpress": (
        ("alpine", "cli", "php:{php}-alpine"),
        ("alpine", "", "php:{php}-fpm-alpine"),
        ("debian", "fpm", "php:{php}-fpm"),
        ("debian", "", "php:{php}-apache"),
    ),
}
# Images that are nothing but a root file system.
SYSTEMS = frozenset(
    "almalinux alpine amazonlinux archlinux busybox centos clearlinux debian fedora opensuse oraclelinux photon "
    "rockylinux ubuntu".split()
)
# Before their -slim forms were there (2017) some images stood on the full ones; what held then is not known here.
OLD_RELEASES = frozenset("squeeze wheezy jessie lucid precise trusty".split())
